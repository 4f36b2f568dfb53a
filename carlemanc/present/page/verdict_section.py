"""Whether it pays: the answer in a line, what it rests on, what would have to change, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.present.number_words import chosen, duration, is_number, percent, prose, real
from carlemanc.present.page.costs import costs_of, verdict
from carlemanc.present.page.document import Badge, Bullets, PageTable, Paragraph, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.reading import of_system
from carlemanc.present.page.sweep_points import texts_of

_WORDS = {
    "no": "It does not pay",
    "only against a weaker program": "It pays only against a weaker program",
    "open": "Open, nothing known to this tool is faster",
}
_POINTS = 7
"""Other points of a sweep that are listed, the nearest to paying."""
_TONES = {"fully dissipative": "good", "certified": "good", "divergent": "caution"}


def verdict_paragraph(estimate: Json) -> Paragraph:
    """Return the verdict in a line; of a document without one, what its costs come to."""
    told = table(estimate.get("verdict"))
    if not told:
        words, tone = verdict(costs_of(estimate))
        return Paragraph(words, tone=tone)
    pays = str(told.get("pays"))
    return Paragraph(
        f"{_WORDS.get(pays, pays)}: {_compared(told)}{_crossover(told)}",
        tone="verdict" if pays == "open" else "caution",
    )


def badges(estimate: Json) -> tuple[Badge, ...]:
    """Return method, regime, order and truncation, as far as the document says."""
    order, regime = table(estimate.get("order")), table(estimate.get("regime"))
    found = [Badge(str(estimate["method"]))] if estimate.get("method") else []
    if regime.get("name"):
        found.append(Badge(regime["name"], _TONES.get(regime["name"], "caution")))
    if order.get("value") is not None:
        found.append(Badge(f"order {chosen(order['value'])}"))
        found.append(_truncation(order))
    kappa = table(estimate.get("kappa"))
    if of_system(estimate) and kappa.get("value") is not None:
        found.append(Badge(f"condition number {real(kappa['value'])}, {kappa.get('source')}"))
    return tuple(found)


def _truncation(order: Json) -> Badge:
    size, status = percent(order.get("truncation")), str(order.get("status"))
    words = {
        "certified": f"truncation at most {size}, certified",
        "measured": f"truncation {size}, measured",
    }.get(status, "truncation neither certified nor measured")
    return Badge(words, _TONES.get(status, "plain" if status == "measured" else "caution"))


def levers_table(estimate: Json) -> PageTable | Paragraph | None:
    """Return the levers, what helps most first; None where there is no verdict that something could change."""
    told = table(estimate.get("verdict"))
    if not told:
        return None
    known = [lever for lever in told.get("levers") or () if is_number(lever.get("factor"))]
    if not known:
        return Paragraph("No lever is known here: none was looked for, or none could be priced.")
    return _changes("What would change that", known)


def points_table(material: Material) -> PageTable | Paragraph | None:
    """Return what the other points of a sweep say of its verdict, as levers: those that differ in one key.

    Their rows have no levers, which are looked for where one point is estimated.
    """
    here = texts_of(material.subject_row)
    now = table(material.subject.get("verdict")).get("factor")
    found = []
    for row in material.estimated_rows:
        there, factor = texts_of(row), table(row["estimate"].get("verdict")).get("factor")
        changed = [key for key in here if there.get(key) != here[key]]
        if len(changed) == 1 and is_number(factor) and is_number(now) and now:
            (key,) = changed
            found.append({"what": key, "from": here[key], "to": there.get(key), "factor": factor / now})
    if not found:
        return None
    kept = sorted(found, key=lambda change: change["factor"])[:_POINTS]
    return _changes("The other points", kept)


def _changes(title: str, changes: Sequence[Json]) -> PageTable:
    return listing(
        f"{title}: quantum over classical time, in multiples of now",
        sorted(changes, key=lambda lever: lever["factor"]),
        {
            "times": lambda lever: real(lever["factor"]),
            "change:": lambda lever: str(lever.get("what")),
            "from:": lambda lever: prose(lever.get("from")),
            "to:": lambda lever: prose(lever.get("to")),
        },
        emphasis=lambda lever: lever["factor"] < 1,
        wraps=True,
    )


def reasons_section(material: Material) -> Section | None:
    """Return the reasons of the verdict; None where the document has none."""
    reasons = table(material.subject.get("verdict")).get("reasons")
    if not reasons:
        return None
    bullets = Bullets(tuple(f"{prose(reason)}." for reason in reasons))
    return Section("Why", "verdict", (bullets,), folded=True)


def _compared(told: Json) -> str:
    classical = f"{told.get('against')}, {duration(told.get('classical_seconds'))} on {told.get('machine')}"
    program = f"the best classical program known to this tool ({classical})"
    if not is_number(told.get("quantum_seconds")):
        return f"no way to run the quantum circuits is known; {program} is there."
    quantum = f"all quantum runs take {duration(told['quantum_seconds'])}"
    if not is_number(told.get("factor")):
        return f"{quantum}, beside {program}."
    return f"{quantum}, {real(told['factor'])} times {program}."


def _crossover(told: Json) -> str:
    found = table(told.get("crossover"))
    if not found:
        return ""
    return (
        f" It would be faster than {found.get('machine')} from {found.get('in')} = {chosen(found.get('value'))} on, "
        f"where either side takes {duration(found.get('seconds'))}."
    )
