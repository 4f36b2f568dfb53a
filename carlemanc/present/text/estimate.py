"""An estimate as text: what `carlemanc estimate` prints, and each of its numbers with its formula.

Its parts: counts, physical cost, classical baseline and error budget (the ledger has a file of its own).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from carlemanc.commands.estimate_result import Estimate
from carlemanc.costs.classical_baseline import ClassicalBaseline, Machine, fitting
from carlemanc.costs.explanation import Explanation, Value
from carlemanc.costs.physical.microsoft import MicrosoftEstimate
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.gate_depth import EMITTED_GATES
from carlemanc.evaluation.observable_costs import ObservableCost
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.methods.amplified import AmplifiedPlan
from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount, duration
from carlemanc.present.text.estimate_screen import (
    dilemma_fact,
    first_screen,
    read_words,
    size_words,
    vector_words,
)
from carlemanc.present.text.layout import FIRST, Fact, View, facts, table, wrapped
from carlemanc.present.text.verdict import (
    known_words,
    lever_lines,
    reason_lines,
    regime_words,
    truncation_words,
    verdict_sentence,
)

NO_GATES = "- (this circuit can only be counted: it has no gates)"
"""What stands for the Clifford count and the depth of a circuit with QRAM, or of a map known by its shape."""
NOT_READ = f"- (not counted: a query has over {EMITTED_GATES:,} gates)"
"""What stands for them where reading one query would take minutes."""


@text.register
def estimate_text(found: Estimate, view: View = FIRST) -> str:
    """Return the first screen; of the whole the verdict, counts, costs, ledger, error budget, assumptions, reasons."""
    return "\n".join(_whole(found, view) if view.whole else first_screen(found, view))


def _whole(found: Estimate, view: View) -> Iterator[str]:
    width, verdict = view.width, found.verdict
    yield from wrapped(verdict_sentence(found.verdict, found.physical.reason), width)
    yield from ("", *wrapped(f"{found.name}: {size_words(found)}, {found.plan.method}", width))
    yield from facts(
        [
            *_grounds(found),
            *_counts(found),
            *_probabilities(found),
            *physical_facts(found.physical),
            *baseline_facts(found.baseline),
        ],
        width,
        indent="  ",
    )
    yield from ("", text(found.ledger, view))
    yield from ("", *budget_lines(found.error_budget, vector_words(found), width))
    yield from ("", "assumptions")
    for line in found.assumptions:
        yield from wrapped(line, width, first="  - ", after="    ")
    yield from reason_lines(verdict, width)
    levers = lever_lines(verdict.levers, width)
    yield from ("", *levers) if levers else ()


def explanation_text(found: Estimate) -> str:
    """Return each number with its formula, what was put in, source and status."""
    lines = [f"{found.name}: {size_words(found)}, {found.plan.method}"]
    for entry in found.explanations:
        lines += ["", *_explained(entry)]
    return "\n".join(lines)


def _explained(entry: Explanation) -> Iterator[str]:
    yield entry.name if entry.value is None else f"{entry.name} = {_value(entry.value)}"
    yield f"    {entry.formula.text}"
    if entry.inputs:
        put = ", ".join(f"{name} = {_value(value)}" for name, value in entry.inputs.items())
        yield f"    with {put}"
    yield f"    {entry.formula.origin}"


def _value(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _grounds(found: Estimate) -> Iterator[Fact]:
    """Return the regime, the truncation, and which numbers are bounds; of a linear system only the last."""
    if found.regime is not None:
        yield "regime", regime_words(found.regime)
    if found.truncation is not None:
        yield "order", f"{found.truncation.value}, truncation: {truncation_words(found.truncation)}"
    yield "bound or computed", known_words(found)


def _counts(found: Estimate) -> Iterator[Fact]:
    absent = NO_GATES if found.is_counted_only else NOT_READ
    depth = "" if found.depth_is_exact else " (bound: parts in sequence)"
    yield "alpha", amount(found.alpha)
    yield "kappa", _kappa(found)
    yield from _bounded_kappa(found)
    yield "polynomial degree", "-" if found.plan.degree is None else str(found.plan.degree)
    yield "queries", f"{found.plan.queries_L} to L, {found.plan.queries_b} to b"
    yield "logical qubits", str(found.logical_qubits)
    yield "T gates of a run", f"{found.t_of_a_run} (rotations synthesized, 4 T a Toffoli)"
    yield "T outside ANDs", str(found.t_count)
    yield "Toffoli", f"{found.toffoli_count} (with 4 T each: {found.t_with_toffoli} T)"
    yield "rotations", f"{found.rotation_count} ({_rotations(found)})"
    yield "Clifford", absent if found.clifford_count is None else str(found.clifford_count)
    yield "measurements", str(found.measurements)
    yield "depth", absent if found.depth is None else f"{found.depth}{depth}"


def _probabilities(found: Estimate) -> Iterator[Fact]:
    needed = found.runs if found.observables else found.readout.runs(found.copy_probability)
    given = "" if found.runs == needed else f" (readout.shots), where {amount(needed)} are needed"
    read = "weights not at center" if found.observables else f"{read_words(found)} that are read"
    outside = "" if found.support == found.n else " (all others stand at the center: known before the run)"
    yield "success probability", f"{amount(found.plan.success_probability)}{_rounds(found)}"
    yield (
        "readout probability",
        f"{amount(found.readout_probability)} ({_readable(found)}{found.norms_source})",
    )
    if found.dilemma is not None:
        yield dilemma_fact(found.dilemma, found.copy_probability)
    yield read, f"{found.support} of {found.n}{outside}"
    runs = "uses of a run" if found.readout.amplifies else "runs"
    yield runs, f"{amount(found.runs)}{given} ({found.readout.target})"
    yield "T gates of all runs", amount(found.total.t_in_all)
    for one in found.observables:
        yield from _observable(one)


def _observable(found: ObservableCost) -> Iterator[Fact]:
    """Return what an observable is planned to be, what it costs, and how far it is sure."""
    value = "" if found.classical is None else f" = {amount(found.classical)} after gradient descent"
    factor = "" if found.factor is None else f", {amount(found.factor)} times {found.against}"
    time = "" if found.seconds is None else f", {duration(found.seconds)}; pays: {found.verdict}{factor}"
    most = "the deepest circuit holds one" if found.depth == 1 else f"the deepest circuit holds {found.depth}"
    yield "observable", f"{found.name}{value}"
    yield "", f"{amount(found.uses)} uses by {found.method} ({most}): {amount(found.t_count)} T{time}"
    yield "", _truncation(found)
    if found.caveat:
        yield "", found.caveat


def _truncation(found: ObservableCost) -> str:
    """Return how far the truncated value can be from gradient descent, beside what is asked for."""
    if found.certificate is None:
        return "truncation: nothing finite is proved of what it changes"
    share = f", {amount(100 * found.certificate / found.scale)} % of its magnitude" if found.scale else ""
    beyond = "" if found.certified else ": more than the precision"
    return f"truncation changes it by at most {amount(found.certificate)}{share}{beyond}"


def _readable(found: Estimate) -> str:
    """What it is in one use of the method's circuit, where the answer is amplified."""
    of_one_use = found.plan.one_use.readout_probability
    if of_one_use == found.readout_probability:
        return ""
    return f"amplified, in one use {amount(of_one_use)}; "


def _rounds(found: Estimate) -> str:
    """How much it is amplified, where that was asked for."""
    if not isinstance(found.plan, AmplifiedPlan):
        return ""
    rounds = found.plan.amplification.rounds
    return f" (after {rounds} rounds of amplification)" if rounds else " (no round of amplification helps)"


def _kappa(found: Estimate) -> str:
    if found.kappa is None:
        return f"- ({found.kappa_source})"
    return f"{amount(found.kappa)} ({found.kappa_source}), effective {amount(found.plan.kappa_effective)}"


def _bounded_kappa(found: Estimate) -> Iterator[Fact]:
    """Say of a bound that it is one, how far below it kappa may lie, and why kappa was not computed."""
    if found.kappa_reason:
        low = "" if found.kappa_at_least is None else f"; kappa is at least {amount(found.kappa_at_least)}"
        yield "", f"a proved upper bound, perhaps far above kappa, and the degree grows with it{low}"
        yield "", f"not computed: {found.kappa_reason}"


def _rotations(found: Estimate) -> str:
    toffoli = f" and {found.rotation_toffoli} Toffoli" if found.rotation_toffoli else ""
    each = f"{amount(found.rotation_epsilon)} each, {found.prices.source}"
    price = f"{found.rotation_t} T{toffoli} at {each}"
    if found.synthesized:
        return f"synthesized by {found.prices.synthesis}: {price}"
    return f"kept; by {found.prices.synthesis} they take {price}"


def budget_lines(budget: Mapping[str, BudgetPart], of: str, width: int) -> list[str]:
    """Return the table of the error of a vector, a cause a line, and how each is known."""
    rows = []
    for name, part in budget.items():
        known = part.achieved is not None and math.isfinite(part.achieved)
        measured = "" if part.measured is None else f"; measured {amount(part.measured)}"
        above = "" if part.is_kept else "; ABOVE ITS SHARE"
        rows.append(
            (
                name.replace("_", " "),
                amount(part.share),
                amount(part.achieved) if known else "unknown",
                f"{part.status}: {part.source}{measured}{above}",
            )
        )
    return table((f"error of {of}", "share", "achieved", "how it is known"), rows, width, words=(0, 3))


def physical_facts(found: PhysicalEstimate) -> Iterator[Fact]:
    """Return the physical cost, or why there is none."""
    if found.best is None:
        yield "physical cost", f"none: {found.reason}"
        return
    point, points = found.best, found.points
    yield (
        "failed operations",
        f"{amount(point.failure_probability)} a run, {amount(found.failure_budget)} allowed (they are not "
        "heralded, and bias what is read)",
    )
    yield "physical qubits", f"{point.qubits} ({point.model}, d = {point.distance})"
    yield "time of a run", duration(point.time)
    yield "time of all runs", duration(point.time * found.runs)
    yield (
        "frontier",
        f"{len(points)} points, {points[0].qubits} to {points[-1].qubits} qubits, {duration(points[0].time)} to "
        f"{duration(points[-1].time)} a run",
    )
    if found.cross_check:
        yield "cross-check", _microsoft(found.cross_check)


def _microsoft(found: MicrosoftEstimate) -> str:
    return (
        f"{found.qubits} physical qubits and {duration(found.time)}, d = {found.distance}, "
        f"{found.factories} factories (qdk {found.version})"
    )


def baseline_facts(found: ClassicalBaseline) -> Iterator[Fact]:
    """Return the classical program, and its seconds beside those of all quantum runs."""
    machines, program = found.shown_machines.values(), found.program
    times = ", ".join(_time_on(found, machine) for machine in machines)
    yield "classical baseline", f"{amount(found.flops)} flops for the same answer: {times}"
    yield "", f"the best classical program known to this tool: {program.name} ({program.reason})"
    if found.measured is not None:
        yield found.measured.name, found.measured.note
    ratios = [found.ratio(machine, found.all_runs) for machine in machines]
    if found.all_runs is not None and any(ratios):
        against = ", ".join(
            f"{amount(ratio)} times {machine.name}"
            for ratio, machine in zip(ratios, machines, strict=True)
            if ratio is not None
        )
        yield "quantum, all runs", f"{duration(found.all_runs)}: {against}"


def _time_on(found: ClassicalBaseline, machine: Machine) -> str:
    """Return the seconds on a machine, by which program where it cannot hold the cheapest."""
    program, seconds = fitting(found.programs, machine), found.seconds_on(machine)
    if program is None or seconds is None:
        return f"more than the memory of {machine.name}"
    by = "" if program.name == found.program.name else f" ({program.name})"
    measured = " (measured)" if machine.status == "measured" else ""
    return f"{duration(seconds)} on {machine.name}{measured}{by}"
