"""What an estimate takes for granted, one sentence each, with its number."""

from __future__ import annotations

from carlemanc.bloqs.lookups.qram import qram_queries
from carlemanc.costs.classical_baseline import MACHINES
from carlemanc.evaluation.design import Design
from carlemanc.linear_system.inverse_norm import Conditioning
from carlemanc.linear_system.lifted import Lifted
from carlemanc.methods.amplified import AmplifiedPlan, idle_amplification
from carlemanc.sources.shapes import shape_assumptions


def qram_queries_of(design: Design) -> int:
    """Return the bucket-brigade queries of a call of the block encoding."""
    return sum(map(qram_queries, design.access.encodings)) if design.at.reading.memory == "qram" else 0


def state_assumptions(design: Design, reason: str) -> tuple[str, ...]:
    """Return the assumptions of an estimate, with the `reason` of its configuration.

    Memory, kappa, norms, readout, solver, success, premises, machines.
    """
    readout, plan, lifted = design.readout, design.plan, design.lifted
    what = "x" if lifted is None else "theta(T)"
    lines = [
        *([] if lifted is None else shape_assumptions(design.at.source, lifted)),
        _memory(design),
        *([] if design.access.conditioning is None else [_conditioning(design.access.conditioning)]),
        f"||x|| = {plan.one_use.solution_norm:.6g} and the readout probability "
        f"{plan.one_use.readout_probability:.4g}: {design.system.norms.source}",
        f"counts are of one run, totals of all runs: a run gives one copy of {what} with probability "
        f"{plan.copy_probability:.4g}, {readout.need}",
        *([] if lifted is None else _support(lifted)),
        *readout.premises,
        *([reason] if reason else []),
        *(f"{plan.method}: {line.to_text()}" for line in plan.references),
        _success(design),
        *([idle] if (idle := idle_amplification(plan)) else []),
        "Toffoli = one temporary AND; 4 T each; physical costs are models and tables of the surface code",
    ]
    if lifted is not None:
        lines.append(_premise(lifted))
    lines.append(
        "classical flops are those of the cheapest program known to this tool, "
        + "; ".join(f"{item.name}: {item.reason}" for item in design.programs)
    )
    lines += [f"classical time on {machine.name}: {machine.note}" for machine in MACHINES.values()]
    return tuple(lines)


def _memory(design: Design) -> str:
    """How the tables are read: a total that used QRAM says so."""
    queries = qram_queries_of(design)
    if queries:
        starts = qram_queries(design.access.start)
        b = f"{starts} more prepare b" if starts else "b is prepared by rotations, without QRAM"
        return (
            f"QRAM: every total that calls the block encoding holds {queries} bucket-brigade queries a call, "
            f"priced at 2 Toffoli a router and one a level and bit ({b}); no circuit can be emitted"
        )
    return "data is loaded by lookup and multiplexed rotations inside the circuit; no QRAM"


def _conditioning(found: Conditioning) -> str:
    return f"||L^-1|| = {found.inverse_norm:.6g} ({found.source}): {found.formula.to_text()}"


def _success(design: Design) -> str:
    plan, given = design.plan, design.goal.shots
    amplified, joint = isinstance(plan, AmplifiedPlan), isinstance(plan, AmplifiedPlan) and plan.is_joint
    kind = "at least " if plan.success_is_bound else ""
    if design.readout.amplifies:
        return (
            f"no run is post-selected: the success, probability {kind}{plan.success_probability:.4g}, times the "
            "readout probability is a part of what the circuits of the readout estimate, in "
            f"{design.runs} uses of a run"
        )
    what = "amplitude amplification of the answer" if joint else "amplitude amplification"
    return (
        f"post-selection {'after' if amplified else 'without'} {what}; success probability {kind}"
        f"{plan.success_probability:.4g}, "
        + ("readout included" if joint else "times the readout probability")
        + f": {design.runs} runs"
        + (" (readout.shots)" if given else f" {design.readout.origin}")
        + ("; after rounds the norm of what is read is the planned one, in part" if amplified else "")
    )


def _support(lifted: Lifted) -> list[str]:
    """Which weights are read, where these are not all."""
    if lifted.support == lifted.n:
        return []
    most = "" if lifted.light_cone.is_exact else "at most "
    return [
        f"{most}{lifted.support} of {lifted.n} weights can differ from the center at T, known before the run (the "
        "light cone of the start): these are read, all others stand at the center"
    ]


def _premise(lifted: Lifted) -> str:
    regime = lifted.regime
    holds = "holds" if regime.name == "fully dissipative" else "does not hold"
    return (
        f"the system is {regime.name}{regime.where} (mu = {regime.mu:.4g}, R = {regime.R:.4g}): the theorems' "
        f"premise of dissipation {holds}"
    )
