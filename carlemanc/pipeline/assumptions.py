"""What an estimate takes for granted, one sentence each, with its number."""

from __future__ import annotations

from carlemanc.bloqs.lookups.qram import qram_queries
from carlemanc.estimate.classical_baseline import MACHINES
from carlemanc.pipeline.circuits import MARCH, Circuits
from carlemanc.pipeline.classical_programs import classical_programs
from carlemanc.pipeline.readout import copy_probability, readout_plan, readout_runs
from carlemanc.pipeline.shapes import shape_assumptions
from carlemanc.solvers.amplified import idle_amplification
from carlemanc.solvers.plan import SolverPlan


def qram_queries_of(circuits: Circuits) -> int:
    """Bucket-brigade queries of a call of the block encoding."""
    return sum(map(qram_queries, circuits.queried)) if circuits.spec.compile.memory == "qram" else 0


def state_assumptions(circuits: Circuits, plan: SolverPlan) -> tuple[str, ...]:
    """Return the assumptions of an estimate: memory, kappa, norms, readout, solver, success, premises, machines."""
    readout, runs = readout_plan(circuits), readout_runs(circuits, plan)
    lines = [
        *shape_assumptions(circuits),
        _memory(circuits),
        *([] if plan.method == MARCH else [_conditioning(circuits)]),
        f"||x|| = {plan.solution_norm:.6g} and the readout probability {circuits.readout_probability:.4g}: "
        f"{circuits.norms.source}",
        f"counts are of one run, totals of all runs: a run gives one copy of {_what(circuits)} with probability "
        f"{copy_probability(circuits, plan):.4g}, {readout.copies} copies read it ({readout.source})",
        *_support(circuits),
        "runs of the sign circuit, which controls the solver, are priced as runs of the solver",
        *([f"solver.method = auto chose {circuits.choice.reason}"] if circuits.choice else []),
        *(f"{plan.method}: {line.to_text()}" for line in plan.references),
        _success(circuits, plan, runs),
        *([idle] if (idle := idle_amplification(plan)) else []),
        "Toffoli = one temporary AND; 4 T each; physical costs are models and tables of the surface code",
    ]
    if not circuits.given_system:
        lines.append(_premise(circuits))
        lines.append(
            "classical flops are those of the cheapest program known to this tool, "
            + "; ".join(f"{item.name}: {item.reason}" for item in classical_programs(circuits))
        )
        lines += [f"classical time on {machine.name}: {machine.note}" for machine in MACHINES.values()]
    return tuple(lines)


def _memory(circuits: Circuits) -> str:
    """How the tables are read: a total that used QRAM says so."""
    queries = qram_queries_of(circuits)
    if queries:
        starts = qram_queries(circuits.started)
        b = f"{starts} more prepare b" if starts else "b is prepared by rotations, without QRAM"
        return (
            f"QRAM: every total that calls the block encoding holds {queries} bucket-brigade queries a call, "
            f"priced at 2 Toffoli a router and one a level and bit ({b}); no circuit can be emitted"
        )
    return "data is loaded by lookup and multiplexed rotations inside the circuit; no QRAM"


def _conditioning(circuits: Circuits) -> str:
    found = circuits.inverse_norm
    return f"||L^-1|| = {found.inverse_norm:.6g} ({found.source}): {found.formula.to_text()}"


def _success(circuits: Circuits, plan: SolverPlan, runs: int) -> str:
    amplified = "after" if circuits.spec.solver.amplification else "without"
    kind = "at least " if plan.success_is_bound else ""
    return (
        f"post-selection {amplified} amplitude amplification; success probability {kind}"
        f"{plan.success_probability:.4g}, times the readout probability: {runs} runs"
        + (" (readout.shots)" if circuits.spec.readout.shots else " = copies / probability, expected")
    )


def _what(circuits: Circuits) -> str:
    return "x" if circuits.given_system else "theta(T)"


def _support(circuits: Circuits) -> list[str]:
    """Which weights are read, where these are not all."""
    if circuits.given_system or circuits.support == circuits.n:
        return []
    most = "" if circuits.light_cone.is_exact else "at most "
    return [
        f"{most}{circuits.support} of {circuits.n} weights can differ from the center at T, known before the run (the "
        "light cone of the start): these are read, all others stand at the center"
    ]


def _premise(circuits: Circuits) -> str:
    regime = circuits.regime
    holds = "holds" if regime.name == "fully dissipative" else "does not hold"
    return (
        f"the system is {regime.name} (mu = {regime.mu:.4g}, R = {regime.R:.4g}): the theorems' premise of "
        f"dissipation {holds}"
    )
