"""The answer before anything else: what it costs, and whether it pays."""

from __future__ import annotations

from carlemanc.present.number_words import duration, grouped, power_of_two, short
from carlemanc.present.page.baseline_section import crossover_sentence
from carlemanc.present.page.costs import Costs, costs_of
from carlemanc.present.page.document import Fact, Paragraph
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.verdict_section import rests_on, verdict_paragraph


def answer(material: Material) -> tuple[Paragraph, ...]:
    """Return the first paragraphs of a report."""
    found: list[Paragraph] = []
    if material.subject:
        costs = costs_of(material.subject)
        said = verdict_paragraph(material.subject)
        if not material.subject.get("verdict"):
            words = f"{said.text} {crossover_sentence(material.subject)}".rstrip()
            said = Paragraph(words, tone=said.tone)
        known = rests_on(material.subject)
        found += [said, *([known] if known else []), *_bounded_kappa(material.subject)]
        found.append(Paragraph(_cost(material, material.subject, costs)))
    if material.rows:
        found.append(_grid(material))
    if not found:
        found.append(Paragraph("Only closed forms of the counts are here, no numbers.", tone="caution"))
    found += [Paragraph(f"{text}.", tone="caution") for text in material.cautions]
    return tuple(found)


def highlights(material: Material) -> tuple[Fact, ...]:
    """Return the numbers that stand in large type."""
    if not material.subject:
        return ()
    costs = costs_of(material.subject)
    return (
        Fact("T gates a run", short(costs.t), "Toffoli as 4, rotations synthesized"),
        Fact("logical qubits", grouped(costs.qubits)),
        Fact("physical qubits", short(costs.physical_qubits), "smallest space-time volume"),
        Fact("time of a run", duration(costs.seconds)),
        Fact(f"{costs.reading.unit} to read {costs.reading.what}", short(costs.runs)),
        Fact(f"time of all {costs.reading.unit}", duration(costs.total), "one after another"),
    )


def size_of(estimate: Json) -> str:
    """Return the size of a problem in words."""
    if estimate.get("T") is None:
        return f"a linear system of {short(estimate.get('n'))} unknowns"
    weights = "weight" if estimate.get("n") == 1 else "weights"
    steps = "step" if estimate.get("T") == 1 else "steps"
    return (
        f"{short(estimate.get('T'))} {steps} of gradient descent on {_weights(estimate.get('n'))} {weights}, "
        f"Carleman order {short(estimate.get('N'))}"
    )


def _weights(n: object) -> str:
    return (power_of_two(n) if isinstance(n, int) else "") or short(n)


def _cost(material: Material, estimate: Json, costs: Costs) -> str:
    where = (
        f" (the point {', '.join(material.subject_overrides)} of the grid)"
        if material.subject_overrides
        else ""
    )
    hardware = table(table(estimate.get("physical")).get("hardware")).get("name")
    size = size_of(estimate)
    if costs.physical_qubits is None:
        reason = estimate.get("physical_absent") or "the file does not say why"
        machine = f"No way to run it in the surface code is known: {reason}."
    else:
        machine = (
            f"In the surface code on {hardware or 'unnamed'} hardware that is {short(costs.physical_qubits)} "
            f"physical qubits for {duration(costs.seconds)}."
        )
    reading = costs.reading
    of_it = "uses of this circuit" if reading.unit == "uses" else reading.unit
    return (
        f"{size[0].upper()}{size[1:]}{where}: one run of the {estimate.get('method')} circuit "
        f"takes {short(costs.t)} T gates on {grouped(costs.qubits)} logical qubits. {machine} "
        f"Reading {reading.aim} takes {short(costs.runs)} {of_it}, {duration(costs.total)} in all."
    )


def _bounded_kappa(estimate: Json) -> list[Paragraph]:
    """Say beside the costs that they rest on a bound of kappa, where they do."""
    kappa = table(estimate.get("kappa"))
    if kappa.get("source") != "bound":
        return []
    low = "" if kappa.get("at_least") is None else f"; it is at least {short(kappa['at_least'])}"
    why = f" It was not computed: {kappa['reason']}." if kappa.get("reason") else ""
    return [
        Paragraph(
            f"The condition number {short(kappa.get('value'))} behind these costs is a proved upper bound, "
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
    spread = f"{short(least)} T gates" if least == most else f"{short(least)} to {short(most)} T gates"
    return Paragraph(f"The sweep has {len(material.rows)} points{without}: {spread} a run.{outcome}")
