"""The error budget: what each cause may take of epsilon, what it takes, and how that is known."""

from __future__ import annotations

from typing import Any

from carlemanc.present.number_words import is_number, percent, prose, real
from carlemanc.present.page.document import Block, Column, Paragraph, Row, Section, Table
from carlemanc.present.page.material import Material, table


def budget_section(material: Material) -> Section | None:
    """Return the shares and what was achieved, None where there is no budget."""
    budget = {name: table(part) for name, part in table(table(material.subject).get("error_budget")).items()}
    if not budget:
        return None
    shares = [part["share"] for part in budget.values() if is_number(part.get("share"))]
    rows = tuple(_row(name, part, sum(shares)) for name, part in budget.items())
    columns = (
        Column(name="cause", numeric=False),
        Column(name="may take"),
        Column(name="of epsilon"),
        Column(name="takes at most"),
        Column(name="measured"),
        Column(name="how it is known", numeric=False),
    )
    caption = (
        "Relative l2 errors of theta(T) − center, which add; causes without a share stand beside epsilon"
    )
    blocks: list[Block] = [Table(caption=caption, columns=columns, rows=rows)]
    over = [name.replace("_", " ") for name, part in budget.items() if part.get("kept") is False]
    if over:
        blocks.append(Paragraph(text=f"Over its share: {', '.join(over)}.", tone="caution"))
    blocks += _beside(material, budget, sum(shares))
    return Section(title="Error budget", anchor="error-budget", blocks=tuple(blocks))


def _beside(material: Material, budget: dict[str, Any], whole: float) -> list[Block]:
    """Say where a cause without a share takes more than all of epsilon."""
    larger = [
        f"{name.replace('_', ' ')} ({real(part['achieved'], 3)})"
        for name, part in budget.items()
        if part.get("share") is None and is_number(part.get("achieved")) and part["achieved"] > whole
    ]
    if not larger or not whole:
        return []
    order = table(material.analysis).get("smallest_order")
    hint = f" The smallest Carleman order for epsilon is {order}." if isinstance(order, int) else ""
    text = f"Larger than all of epsilon, and not part of it: {', '.join(larger)}.{hint}"
    return [Paragraph(text=text, tone="caution")]


def _row(name: str, part: Any, whole: float) -> Row:
    share, achieved, measured = (part.get(key) for key in ("share", "achieved", "measured"))
    known = ": ".join(str(part[key]) for key in ("status", "source") if part.get(key))
    return Row(
        cells=(
            name.replace("_", " "),
            real(share, 4) if is_number(share) else "–",
            percent(share / whole) if is_number(share) and whole else "–",
            real(achieved, 4) if is_number(achieved) else "not known",
            real(measured, 4) if is_number(measured) else "–",
            prose(known),
        ),
        emphasis=part.get("kept") is False,
    )
