"""Reading the answer: what is read, in how many runs or uses of a run, and what each observable costs."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.present.number_words import UNKNOWN, chosen, count, duration, percent, prose, real
from carlemanc.present.page.costs import costs_of
from carlemanc.present.page.document import (
    Block,
    Fact,
    FactList,
    PageTable,
    Paragraph,
    Section,
    listing,
)
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.reading import Reading, certificate_of, observables_of, of_system, reading_of

_LONGEST = 120
"""Characters of an expression that are shown."""


def readout_section(material: Material) -> Section | None:
    """Return how often the circuit is run, and why."""
    estimate = material.subject
    readout, total = table(estimate.get("readout")), table(estimate.get("total"))
    if not readout or not total:
        return None
    reading, found = reading_of(estimate), observables_of(estimate)
    blocks: list[Block] = [FactList(tuple(_facts(estimate, reading)))]
    if found:
        blocks = [*_observables(found), *blocks, _events(found)]
    what = "solution" if of_system(estimate) else "weights"
    title = f"Reading the {what}" if reading.has_weights else "Reading the observables"
    return Section(title, "readout", tuple(blocks))


def _facts(estimate: Json, reading: Reading) -> list[Fact]:
    readout, total = table(estimate.get("readout")), table(estimate.get("total"))
    costs = costs_of(estimate)
    everything = UNKNOWN if costs.t_in_all is None else count(costs.t_in_all)
    chance = real(_complement(readout.get("failure_probability")))
    of_all = f"of all {reading.unit}"
    facts = [Fact("method", _method(estimate), prose(readout.get("source")))]
    if reading.has_weights:
        facts += _weights(estimate, reading, chance)
    else:
        facts.append(Fact("probability", chance, "that an observable is within its precision"))
    if table(estimate.get("amplification")).get("rounds"):
        facts.append(_amplified(table(estimate["amplification"])))
    return [
        *facts,
        Fact(reading.unit, count(total.get("runs")), _per_run(reading)),
        Fact(f"T gates {of_all}", everything, f"Toffoli as 4, rotations synthesized{reading.beside}"),
        Fact(f"Toffoli {of_all}", count(total.get("toffoli_count"))),
        Fact(f"rotations {of_all}", count(total.get("rotation_count"))),
    ]


def _method(estimate: Json) -> str:
    """The way to read, and where each observable has the cheapest one which these are."""
    asked = str(table(estimate.get("readout")).get("method"))
    used = ", ".join(dict.fromkeys(str(one.get("method")) for one in observables_of(estimate)))
    return f"{asked}: {used}" if used and used != asked else asked


def _weights(estimate: Json, reading: Reading, chance: str) -> list[Fact]:
    readout = table(estimate.get("readout"))
    entries = "entries" if of_system(estimate) else "weights"
    error, norm = real(readout.get("epsilon")), readout.get("norm")
    facts = [
        Fact(
            f"{entries} that can be nonzero",
            count(readout.get("support")),
            f"of {chosen(estimate.get('n'))}, known before the run; all others stand at the center",
        )
    ]
    if readout.get("target") == "largest" or readout.get("largest") is not None:
        every = (
            f"every one of the {entries} that can be nonzero",
            "which takes fewer copies than the largest alone",
        )
        kept = reading.what, "whichever they are; the norm of all others adds to the error"
        facts.append(Fact(f"{entries} that are read", *(every if readout.get("largest") is None else kept)))
    if reading.unit == "uses":
        return [*facts, Fact("error", error, f"in the {norm} norm, with probability {chance}")]
    note = f"error {error} in the {norm} norm, with probability {chance}"
    return [*facts, Fact("copies", count(readout.get("copies")), note)]


def _amplified(found: Json) -> Fact:
    what = (
        "of the answer: all ancillas |0⟩, t ≥ T and level 1 together"
        if found.get("flag") == "readout"
        else "of the success: all ancillas |0⟩"
    )
    return Fact("rounds of amplification a run", count(found["rounds"]), what)


def _per_run(reading: Reading) -> str:
    if reading.unit == "uses":
        return "of a run or its inverse, in all circuits of the readout"
    return "a run gives a copy with probability success times readout"


def _observables(found: Sequence[Json]) -> list[Block]:
    """What each observable is planned to be, how sure that is, and what it costs."""
    caption = "Observables: the value after gradient descent that was planned with, and what reading it costs"
    shown = listing(
        caption,
        found,
        {
            "observable:": lambda one: one["name"],
            "expression:": lambda one: clipped(one.get("expression")),
            "planned value": lambda one: UNKNOWN if one.get("classical") is None else real(one["classical"]),
            "precision": lambda one: percent(one.get("precision")),
            "certificate": certificate_of,
            "uses": lambda one: count(one.get("uses")),
            "deepest circuit": lambda one: f"{count(one.get('depth'))} uses",
            "T gates": lambda one: count(one.get("t_count")),
            "time": lambda one: duration(one.get("seconds")),
        },
    )
    words = (
        "Precision and certificate are parts of the planned magnitude, which leaves the constant of an expression out. "
        "The precision is that of solver and readout together; the certificate is a proved bound of what the Carleman "
        "truncation changes beside it."
    )
    return [shown, Paragraph(words), *_dear(found), *_unsure(found)]


def _dear(found: Sequence[Json]) -> list[Block]:
    """Say which observables a classical program has sooner, each alone."""
    dear = [one["name"] for one in found if one.get("verdict") == "no"]
    if not dear:
        return []
    which = "None of them pays" if len(dear) == len(found) > 1 else f"Reading {', '.join(dear)} does not pay"
    programs = sorted({str(one["against"]) for one in found if one["name"] in dear and one.get("against")})
    by = f" ({', '.join(programs)})" if programs else ""
    return [Paragraph(f"{which}: a classical program{by} has it sooner than the circuits read it.")]


def _unsure(found: Sequence[Json]) -> list[Block]:
    """Say of which observables less is proved than they are read to, and of which nothing useful is."""
    poor = {one["name"]: one["caveat"] for one in found if one.get("caveat")}
    less = [one["name"] for one in found if one.get("certified") is False and one["name"] not in poor]
    blocks: list[Block] = []
    if less:
        text = (
            f"Not proved to the precision at this order: {', '.join(less)}. What is read is that close to the value of "
            "the truncated iterate; to that of gradient descent it is as close as the certificate says."
        )
        blocks.append(Paragraph(text, tone="caution"))
    return [*blocks, *(Paragraph(f"{name}: {prose(why)}.", tone="caution") for name, why in poor.items())]


def _events(found: Sequence[Json]) -> PageTable:
    rows = [(one, table(event)) for one in found for event in one.get("events") or ()]
    return listing(
        "Events that are estimated, and their part in the value",
        rows,
        {
            "observable:": lambda row: row[0]["name"],
            "event:": lambda row: str(row[1].get("name")),
            "probability in one run": lambda row: real(row[1].get("probability"), 4),
            "weight": lambda row: real(row[1].get("weight"), 4),
            "uses": lambda row: count(row[1].get("uses")),
            "method:": lambda row: str(row[0].get("method")),
        },
        folded=True,
    )


def clipped(expression: object) -> str:
    """Return an expression as a table shows it."""
    text = " ".join(str(expression or "").split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


def _complement(value: object) -> float | None:
    return 1 - value if isinstance(value, float) else None
