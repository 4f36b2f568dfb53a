"""An estimate as text: what `carlemanc estimate` prints, and each of its numbers with its formula."""

from __future__ import annotations

from collections.abc import Iterator

from carlemanc.commands.estimate_result import Estimate
from carlemanc.costs.explanation import Explanation, Value
from carlemanc.evaluation.gate_depth import EMITTED_GATES
from carlemanc.methods.amplified import AmplifiedPlan
from carlemanc.present.text import text
from carlemanc.present.text.budget import budget_lines
from carlemanc.present.text.costs import baseline_lines, physical_lines

NO_GATES = "-   (this circuit can only be counted: it has no gates)"
"""What stands for the Clifford count and the depth of a circuit with QRAM, or of a map known by its shape."""
NOT_READ = f"-   (not counted: a query has over {EMITTED_GATES:,} gates)"
"""What stands for them where reading one query would take minutes."""


@text.register
def estimate_text(found: Estimate) -> str:
    """Return counts, physical cost, classical baseline, ledger, error budget and assumptions."""
    baseline = baseline_lines(found.baseline) if found.baseline else []
    return "\n".join(
        [
            f"{found.name}: {_size(found)}, {found.plan.method}",
            *[
                f"  {line}"
                for line in (
                    *_counts(found),
                    *_probabilities(found),
                    *physical_lines(found.physical),
                    *baseline,
                )
            ],
            "",
            text(found.ledger),
            "",
            *budget_lines(found.error_budget),
            "",
            "assumptions",
            *[f"  - {line}" for line in found.assumptions],
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
    needed = found.readout.runs(found.copy_probability)
    given = "" if found.runs == needed else f" (readout.shots), where {needed} are needed"
    return [
        f"success probability    {found.plan.success_probability:.4g}{_rounds(found)}",
        f"readout probability    {found.readout_probability:.4g}   ({found.norms_source})",
        f"weights that are read  {found.support} of {found.n}{_outside(found)}",
        f"runs                   {found.runs}{given}   (for {found.readout.copies} copies of what is read: an error of "
        f"{found.readout.epsilon:g} with probability {1 - found.readout.failure_probability:g})",
    ]


def _rounds(found: Estimate) -> str:
    """How much it is amplified, where that was asked for."""
    if not isinstance(found.plan, AmplifiedPlan):
        return ""
    rounds = found.plan.amplification.rounds
    return (
        f"   (after {rounds} rounds of amplification)" if rounds else "   (no round of amplification helps)"
    )


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
    price = f"{found.rotation_t} T{toffoli} at {found.rotation_epsilon:.2g} each, {found.rotation_t_source}"
    if found.synthesized:
        return f"synthesized by {found.prices.synthesis}: {price}"
    return f"kept; by {found.prices.synthesis} they take {price}"
