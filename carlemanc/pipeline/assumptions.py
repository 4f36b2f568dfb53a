"""What an estimate takes for granted, one sentence each, with its number."""

from __future__ import annotations

from carlemanc.bloqs.lookups.qram import qram_queries
from carlemanc.estimate.classical_baseline import MACHINES
from carlemanc.pipeline.circuits import MARCH, Circuits
from carlemanc.pipeline.readout import readout_plan, readout_shots
from carlemanc.pipeline.shapes import shape_assumptions
from carlemanc.solvers.plan import SolverPlan
from carlemanc.spec.schema_training import SparseStart


def qram_queries_of(circuits: Circuits) -> int:
    """Bucket-brigade queries of a call of the block encoding."""
    return sum(map(qram_queries, circuits.queried)) if circuits.spec.compile.memory == "qram" else 0


def state_assumptions(circuits: Circuits, plan: SolverPlan) -> tuple[str, ...]:
    """Return the assumptions of an estimate: memory, kappa, norms, readout, solver, success, premises, machines."""
    readout, shots = readout_plan(circuits), readout_shots(circuits)
    lines = [
        *shape_assumptions(circuits),
        _memory(circuits),
        *([] if plan.method == MARCH else [_conditioning(circuits)]),
        f"||x|| = {plan.solution_norm:.6g} and the readout probability {circuits.readout_probability:.4g}: "
        f"{circuits.norms.source}",
        "counts are of one run, totals of all runs: one run yields one sample of the history state, "
        f"{shots} samples read theta(T) ({readout.source})",
        "runs of the sign circuit, which controls the solver, are priced as runs of the solver",
        *([f"solver.method = auto chose {circuits.choice.reason}"] if circuits.choice else []),
        *(f"{plan.method}: {line.to_text()}" for line in plan.references),
        _success(circuits, plan, readout.runs(shots, plan.success_probability)),
        "Toffoli = one temporary AND; 4 T each; physical costs are models and tables of the surface code",
    ]
    if not circuits.given_system:
        lines.append(_premise(circuits))
        if isinstance(circuits.spec.training.initial, SparseStart):
            lines.append(
                "classical flops are of all n weights in every step; from a sparse start only the weights within T "
                "couplings of it ever move, which a program that knows it follows in fewer"
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
        f"{plan.success_probability:.4g}, {runs} runs = samples / success probability, expected"
    )


def _premise(circuits: Circuits) -> str:
    regime = circuits.regime
    holds = "holds" if regime.name == "fully dissipative" else "does not hold"
    return (
        f"the system is {regime.name} (mu = {regime.mu:.4g}, R = {regime.R:.4g}): the theorems' premise of "
        f"dissipation {holds}"
    )
