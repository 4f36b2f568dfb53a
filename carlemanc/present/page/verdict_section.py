"""Whether it pays, before anything else: the verdict, what it rests on, what would have to change, and the reasons."""

from __future__ import annotations

from carlemanc.present.number_words import duration, integer, is_number, percent, power_of_two, prose, real
from carlemanc.present.page.costs import costs_of, verdict
from carlemanc.present.page.document import Block, Bullets, PageTable, Paragraph, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material

_WORDS = {
    "no": "It does not pay.",
    "only against a weaker program": "It pays only against a weaker program.",
    "open": "Open: nothing known to this tool is faster.",
}


def verdict_paragraph(estimate: Json) -> Paragraph:
    """Return the verdict in a sentence or two; of a document without one, what its costs come to."""
    told = table(estimate.get("verdict"))
    words, tone = verdict(costs_of(estimate))
    if not told:
        return Paragraph(words, tone=tone)
    pays = str(told.get("pays"))
    return Paragraph(
        f"{_WORDS.get(pays, pays)} {_compared(told)}{_crossover(told)}",
        tone="verdict" if pays == "open" else "caution",
    )


def rests_on(estimate: Json) -> Paragraph | None:
    """Return regime, truncation, and whether kappa is a bound; None where the document does not say."""
    order, regime = table(estimate.get("order")), table(estimate.get("regime"))
    if not order or not regime:
        return None
    size = order.get("truncation")
    kept = {
        "certified": f"certified, at most {percent(size)} of the distance from the center",
        "measured": f"measured, {percent(size)} of the distance from the center",
    }.get(str(order.get("status")), "neither certified nor measured")
    return Paragraph(
        f"The system is {regime.get('name')}. Carleman order {integer(order.get('value'))}; what its truncation "
        f"changes is {kept}."
    )


def verdict_section(material: Material) -> Section | None:
    """Return levers and reasons; None where the document has no verdict."""
    told = table(material.subject.get("verdict"))
    if not told:
        return None
    blocks: list[Block] = [verdict_paragraph(material.subject)]
    if told.get("levers"):
        blocks.append(_levers(told))
    if told.get("reasons"):
        blocks.append(Bullets(tuple(f"{prose(reason)}." for reason in told["reasons"])))
    return Section("Does it pay", "verdict", tuple(blocks))


def _compared(told: Json) -> str:
    program = (
        f"The best classical program known to this tool ({told.get('against')}, on {told.get('machine')})"
    )
    classical = f"{program} takes {duration(told.get('classical_seconds'))}"
    if not is_number(told.get("quantum_seconds")):
        return f"{classical}; no way to run the quantum circuits is known."
    quantum = f"all quantum runs take {duration(told['quantum_seconds'])}"
    factor = f", {real(told['factor'], 3)} times as long" if is_number(told.get("factor")) else ""
    return f"{classical}; {quantum}{factor}."


def _crossover(told: Json) -> str:
    found = table(told.get("crossover"))
    if not found:
        return " No crossover was found in n, T or p." if told.get("levers") else ""
    value = found.get("value")
    size = (power_of_two(value) or integer(value)) if isinstance(value, int) else real(value, 3)
    return (
        f" It would be faster than {found.get('machine')} from {found.get('in')} = {size} on, where either side takes "
        f"{duration(found.get('seconds'))}."
    )


def _levers(told: Json) -> PageTable:
    return listing(
        "What would have to change: quantum over classical time after a change, as a multiple of what it is now",
        told["levers"],
        {
            "what:": lambda lever: str(lever.get("what")),
            "from:": lambda lever: prose(lever.get("from")),
            "to:": lambda lever: prose(lever.get("to")),
            "times": lambda lever: real(lever.get("factor"), 3),
        },
    )
