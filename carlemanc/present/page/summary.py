"""The answer before anything else: what it costs, and whether it pays."""

from __future__ import annotations

from carlemanc.present.number_words import chosen, count, duration
from carlemanc.present.page.baseline_section import crossover_sentence
from carlemanc.present.page.costs import Costs, costs_of
from carlemanc.present.page.document import Block, Fact, Paragraph
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.reading import of_system
from carlemanc.present.page.times import bars_of, times_of
from carlemanc.present.page.verdict_section import levers_table, points_table, verdict_paragraph


def verdict_lines(material: Material) -> tuple[Paragraph, ...]:
    """Return the answer: of an estimate, or of the point of a sweep that is nearest to paying."""
    if not material.subject:
        return ()
    said = verdict_paragraph(material.subject)
    if not material.subject.get("verdict"):
        words = f"{said.text} {crossover_sentence(material.subject)}".rstrip()
        said = Paragraph(words, tone=said.tone)
    if not material.subject_overrides:
        return (said,)
    point = f"That is at {', '.join(material.subject_overrides)}, of all points the nearest to paying."
    return (Paragraph(f"{said.text} {point}", tone=said.tone),)


def panels(material: Material) -> tuple[Block, ...]:
    """Return times and levers."""
    if not material.subject:
        return ()
    bars = bars_of(times_of(material.subject), "Time, on a logarithmic scale")
    levers = points_table(material) if material.subject_overrides else levers_table(material.subject)
    return tuple(block for block in (bars, levers) if block is not None)


def summary(material: Material) -> tuple[Paragraph, ...]:
    """Return what the answer is of, and what a reader has to know about it."""
    found: list[Paragraph] = []
    if material.subject:
        costs = costs_of(material.subject)
        found += [*_bounded_kappa(material.subject), Paragraph(_cost(material.subject, costs))]
    if material.rows:
        found.append(_grid(material))
    if not found:
        found.append(Paragraph("Only closed forms of the counts are here, no numbers.", tone="caution"))
    found += [Paragraph(f"{text}.", tone="caution") for text in material.cautions]
    return tuple(found)


def about(material: Material) -> str:
    """Return what kind of page it is."""
    what = "solving a linear system" if of_system(material.subject) else "a training run"
    return f"Cost of {what} on a fault-tolerant quantum computer"


def highlights(material: Material) -> tuple[Fact, ...]:
    """Return the numbers that stand in large type."""
    if not material.subject:
        return ()
    costs = costs_of(material.subject)
    return (
        Fact("T gates a run", count(costs.t), "every Toffoli and rotation"),
        Fact("logical qubits", count(costs.qubits)),
        Fact("physical qubits", count(costs.physical_qubits), "least volume"),
        Fact("time of a run", duration(costs.seconds)),
        Fact(f"{costs.reading.unit} to read {costs.reading.what}", count(costs.runs)),
        Fact(f"time of all {costs.reading.unit}", duration(costs.total), "one after another"),
    )


def size_of(estimate: Json) -> str:
    """Return the size of a problem in words."""
    if estimate.get("T") is None:
        return f"a linear system of {chosen(estimate.get('n'))} unknowns"
    weights = "weight" if estimate.get("n") == 1 else "weights"
    steps = "step" if estimate.get("T") == 1 else "steps"
    return (
        f"{chosen(estimate.get('T'))} {steps} of gradient descent on {chosen(estimate.get('n'))} {weights}, "
        f"Carleman order {chosen(estimate.get('N'))}"
    )


def _cost(estimate: Json, costs: Costs) -> str:
    hardware = table(table(estimate.get("physical")).get("hardware")).get("name")
    size = size_of(estimate)
    if costs.physical_qubits is None:
        reason = estimate.get("physical_absent") or "the file does not say why"
        machine = f"No way to run it in the surface code is known: {reason}."
    else:
        machine = (
            f"In the surface code on {hardware or 'unnamed'} hardware that is {count(costs.physical_qubits)} "
            f"physical qubits for {duration(costs.seconds)}."
        )
    reading = costs.reading
    of_it = "uses of this circuit" if reading.unit == "uses" else reading.unit
    return (
        f"{size[0].upper()}{size[1:]}: one run of the {estimate.get('method')} circuit "
        f"takes {count(costs.t)} T gates on {count(costs.qubits)} logical qubits. {machine} "
        f"Reading {reading.aim} takes {count(costs.runs)} {of_it}, {duration(costs.total)} in all."
    )


def _bounded_kappa(estimate: Json) -> list[Paragraph]:
    """Say beside the costs that they rest on a bound of kappa, where they do."""
    kappa = table(estimate.get("kappa"))
    if kappa.get("source") != "bound":
        return []
    low = "" if kappa.get("at_least") is None else f"; it is at least {count(kappa['at_least'])}"
    why = f" It was not computed: {kappa['reason']}." if kappa.get("reason") else ""
    return [
        Paragraph(
            f"The condition number {count(kappa.get('value'))} behind these costs is a proved upper bound, "
            f"perhaps far above the truth{low}. The T gates of a run grow in proportion to it.{why}",
            tone="caution",
        )
    ]


def _grid(material: Material) -> Paragraph:
    rows = material.estimated_rows
    if not rows:
        return Paragraph(
            f"None of the {len(material.rows)} points of the sweep has an estimate.", tone="caution"
        )
    costs = [costs_of(row["estimate"]) for row in rows]
    least, most = min(cost.t for cost in costs), max(cost.t for cost in costs)
    ratios = [cost.slowdown for cost in costs if cost.slowdown is not None]
    pays = sum(ratio < 1 for ratio in ratios)
    outcome = (
        ""
        if not ratios
        else f" At none of the {len(ratios)} points that can be compared is it faster than the best classical "
        "program known to this tool."
        if not pays
        else f" At {pays} of the {len(ratios)} points that can be compared it would be faster than the best classical "
        "program known to this tool, under the assumptions below."
    )
    missing = len(material.rows) - len(rows)
    without = f", {missing} of them without an estimate" if missing else ""
    spread = f"{count(least)} T gates" if least == most else f"{count(least)} to {count(most)} T gates"
    return Paragraph(f"The sweep has {len(material.rows)} points{without}: {spread} a run.{outcome}")
