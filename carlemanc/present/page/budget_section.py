"""The error budget: what each cause may take of epsilon, what it takes, and how that is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from carlemanc.present.number_words import is_number, percent, prose, real
from carlemanc.present.page.document import Block, Paragraph, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.reading import of_system


def budget_section(material: Material) -> Section | None:
    """Return the shares and what was achieved, None where there is no budget."""
    budget = {name: table(part) for name, part in table(material.subject.get("error_budget")).items()}
    if not budget:
        return None
    whole = sum(part["share"] for part in budget.values() if is_number(part.get("share")))
    what = "x" if of_system(material.subject) else "theta(T) − center"
    caption = f"Relative l2 errors of {what}, which add; causes without a share stand beside epsilon"
    cells: dict[str, Callable[[tuple[str, Json]], str]] = {
        "cause:": lambda cause: cause[0].replace("_", " "),
        "may take": lambda cause: _real(cause[1].get("share"), "–"),
        "of epsilon": lambda cause: _part_of(cause[1].get("share"), whole),
        "takes at most": lambda cause: _real(cause[1].get("achieved"), "not known"),
        "measured": lambda cause: _real(cause[1].get("measured"), "–"),
        "how it is known:": lambda cause: _known(cause[1]),
    }
    marked = listing(caption, budget.items(), cells, emphasis=lambda cause: cause[1].get("kept") is False)
    blocks: list[Block] = [marked]
    over = [name.replace("_", " ") for name, part in budget.items() if part.get("kept") is False]
    if over:
        blocks.append(Paragraph(f"Over its share: {', '.join(over)}.", tone="caution"))
    blocks += _beside(material, budget, whole)
    return Section("Error budget", "error-budget", tuple(blocks), folded=True)


def _beside(material: Material, budget: dict[str, Any], whole: float) -> list[Block]:
    """Say where a cause without a share takes more than all of epsilon."""
    larger = [
        f"{name.replace('_', ' ')} ({real(part['achieved'])})"
        for name, part in budget.items()
        if part.get("share") is None and is_number(part.get("achieved")) and part["achieved"] > whole
    ]
    if not larger or not whole:
        return []
    order = material.analysis.get("smallest_order")
    hint = f" The smallest Carleman order for epsilon is {order}." if isinstance(order, int) else ""
    text = f"Larger than all of epsilon, and not part of it: {', '.join(larger)}.{hint}"
    return [Paragraph(text, tone="caution")]


def _known(part: Json) -> str:
    return prose(": ".join(part[key] for key in ("status", "source") if part.get(key)))


def _part_of(share: Any, whole: float) -> str:
    return percent(share / whole) if is_number(share) and whole else "–"


def _real(value: Any, otherwise: str) -> str:
    return real(value) if is_number(value) else otherwise
