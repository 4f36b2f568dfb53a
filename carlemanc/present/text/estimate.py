"""An estimate as text: what `carlemanc estimate` prints, and each of its numbers with its formula.

Its parts: counts, physical cost, classical baseline and error budget (the ledger has a file of its own).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from carlemanc.commands.estimate_result import Estimate
from carlemanc.core.double_precision import as_float
from carlemanc.costs.classical_baseline import ClassicalBaseline, Machine, fitting
from carlemanc.costs.explanation import Explanation, Value
from carlemanc.costs.physical.microsoft import MicrosoftEstimate
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.gate_depth import EMITTED_GATES
from carlemanc.evaluation.observable_costs import ObservableCost
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.methods.amplified import AmplifiedPlan
from carlemanc.present.text import text
from carlemanc.present.text.verdict import first_lines, last_lines

NO_GATES = "-   (this circuit can only be counted: it has no gates)"
"""What stands for the Clifford count and the depth of a circuit with QRAM, or of a map known by its shape."""
NOT_READ = f"-   (not counted: a query has over {EMITTED_GATES:,} gates)"
"""What stands for them where reading one query would take minutes."""


@text.register
def estimate_text(found: Estimate) -> str:
    """Return the verdict, counts, costs, ledger, error budget and assumptions; reasons and levers stand last."""
    return "\n".join(
        [
            f"{found.name}: {_size(found)}, {found.plan.method}",
            *[
                f"  {line}"
                for line in (
                    *first_lines(found),
                    *_counts(found),
                    *_probabilities(found),
                    *physical_lines(found.physical),
                    *baseline_lines(found.baseline),
                )
            ],
            "",
            text(found.ledger),
            "",
            *budget_lines(found.error_budget),
            "",
            "assumptions",
            *[f"  - {line}" for line in found.assumptions],
            *last_lines(found.verdict),
        ]
    )


def explanation_text(found: Estimate) -> str:
    """Return each number with its formula, what was put in, source and status."""
    lines = [f"{found.name}: {_size(found)}, {found.plan.method}"]
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


def _size(found: Estimate) -> str:
    """Return n, N and T in words."""
    if found.steps is None:
        return f"{found.n} unknowns"
    return f"n = {found.n}, N = {found.order}, T = {found.steps}"


def _counts(found: Estimate) -> list[str]:
    absent = NO_GATES if found.is_counted_only else NOT_READ
    degree = "-" if found.plan.degree is None else found.plan.degree
    depth = "" if found.depth_is_exact else "   (bound: parts in sequence)"
    return [
        f"alpha                  {found.alpha:.6g}",
        f"kappa                  {_kappa(found)}",
        *_bounded_kappa(found),
        f"polynomial degree      {degree}",
        f"queries                {found.plan.queries_L} to L, {found.plan.queries_b} to b",
        f"logical qubits         {found.logical_qubits}",
        f"T gates of a run       {found.t_of_a_run}   (rotations synthesized, 4 T a Toffoli)",
        f"T outside ANDs         {found.t_count}",
        f"Toffoli                {found.toffoli_count}   (with 4 T each: {found.t_with_toffoli} T)",
        f"rotations              {found.rotation_count}   ({_rotations(found)})",
        f"Clifford               {absent if found.clifford_count is None else found.clifford_count}",
        f"measurements           {found.measurements}",
        f"depth                  {absent if found.depth is None else f'{found.depth}{depth}'}",
    ]


def _probabilities(found: Estimate) -> list[str]:
    needed = found.runs if found.observables else found.readout.runs(found.copy_probability)
    given = "" if found.runs == needed else f" (readout.shots), where {needed} are needed"
    return [
        f"success probability    {found.plan.success_probability:.4g}{_rounds(found)}",
        f"readout probability    {found.readout_probability:.4g}   ({_readable(found)}{found.norms_source})",
        *_dilemma(found),
        f"{_support_label(found)}{found.support} of {found.n}{_outside(found)}",
        f"{'uses of a run' if found.readout.amplifies else 'runs':<23}{found.runs}{given}   ({found.readout.target})",
        f"T gates of all runs    {found.total.t_in_all:.4g}",
        *(line for one in found.observables for line in _observable(one)),
    ]


def _dilemma(found: Estimate) -> list[str]:
    """Say of a dense start at an order above 1 what a run is worth, and why no rescaling helps."""
    dilemma = found.dilemma
    if dilemma is None:
        return []
    label = "linear in effect" if dilemma.is_linear else "norm dilemma"
    return [f"{label:<22} P = {found.copy_probability:.3g}   (that a run tells theta(T); {dilemma.reason})"]


def _observable(found: ObservableCost) -> list[str]:
    """Return what an observable is planned to be, what it costs, and how far it is sure."""
    value = "" if found.classical is None else f" = {found.classical:.6g} after gradient descent"
    factor = "" if found.factor is None else f", {found.factor:.3g} times {found.against}"
    time = "" if found.seconds is None else f", {found.seconds:.3g} s; pays: {found.verdict}{factor}"
    most = "the deepest circuit holds one" if found.depth == 1 else f"the deepest circuit holds {found.depth}"
    return [
        f"observable             {found.name}{value}",
        f"                       {found.uses} uses by {found.method} ({most}): {found.t_count:.4g} T{time}",
        f"                       {_truncation(found)}",
        *([f"                       {found.caveat}"] if found.caveat else []),
    ]


def _truncation(found: ObservableCost) -> str:
    """Return how far the truncated value can be from gradient descent, beside what is asked for."""
    if found.certificate is None:
        return "truncation: nothing finite is proved of what it changes"
    share = f", {100 * found.certificate / found.scale:.2g} % of its magnitude" if found.scale else ""
    beyond = "" if found.certified else ": more than the precision"
    return f"truncation changes it by at most {found.certificate:.3g}{share}{beyond}"


def _readable(found: Estimate) -> str:
    """What it is in one use of the method's circuit, where the answer is amplified."""
    of_one_use = found.plan.one_use.readout_probability
    return "" if of_one_use == found.readout_probability else f"amplified, in one use {of_one_use:.4g}; "


def _rounds(found: Estimate) -> str:
    """How much it is amplified, where that was asked for."""
    if not isinstance(found.plan, AmplifiedPlan):
        return ""
    rounds = found.plan.amplification.rounds
    return (
        f"   (after {rounds} rounds of amplification)" if rounds else "   (no round of amplification helps)"
    )


def _support_label(found: Estimate) -> str:
    return f"{'weights not at center' if found.observables else 'weights that are read':<23}"


def _outside(found: Estimate) -> str:
    return "" if found.support == found.n else "   (all others stand at the center: known before the run)"


def _kappa(found: Estimate) -> str:
    if found.kappa is None:
        return f"-   ({found.kappa_source})"
    return f"{found.kappa:.6g} ({found.kappa_source}), effective {found.plan.kappa_effective:.6g}"


def _bounded_kappa(found: Estimate) -> list[str]:
    """Say of a bound that it is one, how far below it kappa may lie, and why kappa was not computed."""
    if not found.kappa_reason:
        return []
    low = "" if found.kappa_at_least is None else f"; kappa is at least {found.kappa_at_least:.4g}"
    return [
        f"                       a proved upper bound, perhaps far above kappa, and the degree grows with it{low}",
        f"                       not computed: {found.kappa_reason}",
    ]


def _rotations(found: Estimate) -> str:
    toffoli = f" and {found.rotation_toffoli} Toffoli" if found.rotation_toffoli else ""
    price = f"{found.rotation_t} T{toffoli} at {found.rotation_epsilon:.2g} each, {found.prices.source}"
    if found.synthesized:
        return f"synthesized by {found.prices.synthesis}: {price}"
    return f"kept; by {found.prices.synthesis} they take {price}"


def budget_lines(budget: Mapping[str, BudgetPart]) -> list[str]:
    """Return the table, a line a cause."""
    rows = [f"{'error of theta(T) - center':<28}{'share':>12}{'achieved':>12}"]
    for name, part in budget.items():
        share = "-" if part.share is None else f"{part.share:.3g}"
        known = part.achieved is not None and math.isfinite(part.achieved)
        achieved = f"{part.achieved:.3g}" if known else "unknown"
        measured = "" if part.measured is None else f"; measured {part.measured:.3g}"
        above = "" if part.is_kept else "; ABOVE ITS SHARE"
        title = name.replace("_", " ")
        rows.append(f"{title:<28}{share:>12}{achieved:>12}   {part.status}: {part.source}{measured}{above}")
    return rows


def physical_lines(found: PhysicalEstimate) -> list[str]:
    """Return the physical cost, or why there is none."""
    if found.best is None:
        return [f"physical cost          none: {found.reason}"]
    point, points = found.best, found.points
    return [
        f"failed operations      {point.failure_probability:.3g} a run, {found.failure_budget:.3g} allowed "
        "(they are not heralded, and bias what is read)",
        f"physical qubits        {point.qubits}   ({point.model}, d = {point.distance})",
        f"time of a run          {point.seconds:.3g} s; all runs {found.seconds_of_all_runs:.3g} s",
        f"frontier               {len(points)} points, {points[0].qubits} to "
        f"{points[-1].qubits} qubits, {points[0].seconds:.3g} to {points[-1].seconds:.3g} s",
        *([f"cross-check            {_microsoft(found.cross_check)}"] if found.cross_check else []),
    ]


def _microsoft(found: MicrosoftEstimate) -> str:
    return (
        f"{found.qubits} physical qubits and {float(found.time):.3g} s, d = {found.distance}, "
        f"{found.factories} factories (qdk {found.version})"
    )


def baseline_lines(found: ClassicalBaseline) -> list[str]:
    """Return the classical program, and its seconds beside those of all quantum runs."""
    machines, program = found.shown_machines.values(), found.program
    times = ", ".join(_time_on(found, machine) for machine in machines)
    lines = [
        f"classical baseline     {found.flops} flops for the same answer: {times}",
        f"                       the best classical program known to this tool: {program.name} ({program.reason})",
    ]
    if found.measured is not None:
        lines.append(f"{found.measured.name:<22} {found.measured.note}")
    ratios = [found.ratio(machine, found.all_runs) for machine in machines]
    if found.all_runs is not None and any(ratios):
        against = ", ".join(
            f"{as_float(ratio):.3g} times {machine.name}"
            for ratio, machine in zip(ratios, machines, strict=True)
            if ratio is not None
        )
        lines.append(f"quantum, all runs      {as_float(found.all_runs):.3g} s: {against}")
    return lines


def _time_on(found: ClassicalBaseline, machine: Machine) -> str:
    """Return the seconds on a machine, by which program where it cannot hold the cheapest."""
    program, seconds = fitting(found.programs, machine), found.seconds_on(machine)
    if program is None or seconds is None:
        return f"more than the memory of {machine.name}"
    by = "" if program.name == found.program.name else f" ({program.name})"
    measured = " (measured)" if machine.status == "measured" else ""
    return f"{as_float(seconds):.3g} s on {machine.name}{measured}{by}"
