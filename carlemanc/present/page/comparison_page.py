"""Several estimates side by side: verdict, T gates of all runs, seconds, qubits and method of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from carlemanc.core.errors import InputError, Problem
from carlemanc.present.number_words import chosen, count, duration, is_number, real
from carlemanc.present.page.citing import Bibliography
from carlemanc.present.page.cost_sections import breakdown_section
from carlemanc.present.page.costs import Costs, costs_of
from carlemanc.present.page.document import (
    SELF_CONTAINED,
    Badge,
    Block,
    Document,
    PageTable,
    Paragraph,
    Section,
    listing,
)
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.provenance import sources_of
from carlemanc.present.page.summary import size_of
from carlemanc.present.page.times import Time, bars_of
from carlemanc.present.page.verdict_section import badges, levers_table, verdict_paragraph

_BARS = 6
"""Estimates whose times are drawn; the table has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """An estimate under a name that no other has."""

    name: str
    material: Material

    @property
    def estimate(self) -> Json:
        """Its document."""
        return self.material.subject

    @property
    def costs(self) -> Costs:
        """Its figures."""
        return costs_of(self.material.subject)

    @property
    def told(self) -> Json:
        """Its verdict."""
        return table(self.material.subject.get("verdict"))


def comparison_page(materials: Sequence[Material]) -> Document:
    """Return the page of several directories. Raises InputError where one has no estimate."""
    for material in materials:
        if not material.subject:
            problem = Problem(
                where=f"DIR {material.directory}", found="no estimate", allowed="an estimate or a sweep"
            )
            raise InputError("estimates are compared with each other", [problem])
    items = _named(materials)
    papers = Bibliography()
    sections = [papers.section(_details(place, item)) for place, item in enumerate(items, start=1)]
    keys = dict.fromkeys(key for item in items for key in sources_of(item.material))
    bars = bars_of(_times(items[:_BARS]), "Time of all that is read, on a logarithmic scale")
    return Document(
        title=" · ".join(item.name for item in items) if len(items) <= 3 else f"{len(items)} estimates",
        about="Costs on a fault-tolerant quantum computer, side by side",
        badges=tuple(Badge(text) for text in _alike(items)),
        verdict=(_verdict(items),),
        panels=tuple(block for block in (bars,) if block is not None),
        summary=(),
        highlights=(),
        sections=(
            Section("Side by side", "comparison", (_table(items),)),
            *sections,
            papers.references(keys),
        ),
        footer=SELF_CONTAINED,
    )


def _named(materials: Sequence[Material]) -> list[_Compared]:
    """The estimates under the names of their specs; those of one name by their directories, or numbered."""
    names = [material.name for material in materials]
    if len(set(names)) < len(names):
        names = [material.directory for material in materials]
    often = Counter(names)
    return [
        _Compared(name=name if often[name] == 1 else f"{name} ({place})", material=material)
        for place, (name, material) in enumerate(zip(names, materials, strict=True), start=1)
    ]


def _alike(items: Sequence[_Compared]) -> list[str]:
    """What all estimates share, in badges."""
    first, *others = [[badge.text for badge in badges(item.estimate)] for item in items]
    return [f"all: {text}" for text in first if all(text in other for other in others)]


def _verdict(items: Sequence[_Compared]) -> Paragraph:
    judged = [item for item in items if is_number(item.told.get("factor"))]
    if not judged:
        return Paragraph("None of these estimates is judged against a classical program.")
    best = min(judged, key=lambda item: item.told["factor"])
    open_ones = [item.name for item in judged if item.told.get("pays") == "open"]
    near = f"{real(best.told['factor'])} times the best classical program known to this tool"
    if open_ones:
        return Paragraph(f"Open for {', '.join(open_ones)}; {best.name} takes {near}.", tone="verdict")
    which = (
        "None of them pays"
        if len(judged) == len(items)
        else f"None of the {len(judged)} that are judged pays"
    )
    return Paragraph(f"{which}: {best.name} is nearest, {near}.", tone="caution")


def _times(items: Sequence[_Compared]) -> tuple[Time, ...]:
    found = []
    for item in items:
        if item.costs.classical:
            found.append(Time(label=item.name, seconds=item.costs.classical, sort="classical"))
        if item.costs.total:
            found.append(Time(label=item.name, seconds=item.costs.total, sort="quantum", emphasis=True))
    return tuple(found)


def _table(items: Sequence[_Compared]) -> PageTable:
    cells: dict[str, Callable[[_Compared], str]] = {
        "estimate:": lambda item: item.name,
        "pays:": lambda item: str(item.told.get("pays") or "not judged"),
        "times the classical": lambda item: _real(item.told.get("factor")),
        "T gates of all runs": lambda item: count(item.costs.t_in_all),
        "time of all runs": lambda item: duration(item.costs.total),
        "physical qubits": lambda item: count(item.costs.physical_qubits),
        "logical qubits": lambda item: count(item.costs.qubits),
        "method:": lambda item: str(item.estimate.get("method") or "not written"),
        "T gates a run": lambda item: count(item.costs.t),
        "runs": lambda item: count(item.costs.runs),
        "reads:": lambda item: item.costs.reading.everything,
        "n": lambda item: chosen(item.estimate.get("n")),
        "T": lambda item: _chosen(item.estimate.get("T")),
        "order": lambda item: _chosen(item.estimate.get("N")),
    }
    fastest = min((item.costs.total for item in items if item.costs.total), default=None)
    caption = "One line each; the shortest time of all runs in bold"
    return listing(
        caption, items, cells, emphasis=lambda item: fastest is not None and item.costs.total == fastest
    )


def _details(place: int, item: _Compared) -> Section:
    levers = levers_table(item.estimate)
    blocks: list[Block] = [
        Paragraph(f"{size_of(item.estimate)}; {', '.join(badge.text for badge in badges(item.estimate))}."),
        verdict_paragraph(item.estimate),
        *([] if levers is None else [levers]),
    ]
    spent = breakdown_section(item.material)
    if spent is not None:
        blocks += spent.blocks
    return Section(item.name, f"estimate-{place}", tuple(blocks), folded=True)


def _real(value: object) -> str:
    return real(value) if is_number(value) else "–"


def _chosen(value: object) -> str:
    return "–" if value is None else chosen(value)
