"""`estimate`: what the compiled circuit costs, as a ledger that adds up, with every assumption named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from qualtran import Bloq

from carlemanc.block_encoding import step_forms
from carlemanc.bloqs.lookups.counted_only import is_counted_only
from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.estimate import Ledger
from carlemanc.estimate.physical import LogicalJob
from carlemanc.estimate.physical.frontier import hardware_named
from carlemanc.model.upload import Upload
from carlemanc.pipeline.assumptions import state_assumptions
from carlemanc.pipeline.circuit_parts import (
    EMITTED_GATES,
    clifford_and_depth,
    is_emittable,
    query_gates,
    shared_part,
    solver_parts,
)
from carlemanc.pipeline.circuits import MARCH, Circuits
from carlemanc.pipeline.compilation import (
    GateSet,
    Uncompute,
    check_rotation_epsilon,
)
from carlemanc.pipeline.crossover import baseline_of
from carlemanc.pipeline.error_budget import error_budget
from carlemanc.pipeline.estimate_result import Estimate
from carlemanc.pipeline.explanations import explanations
from carlemanc.pipeline.faults import fault_budget
from carlemanc.pipeline.physical import DEFAULT_HARDWARE, price_physical
from carlemanc.pipeline.readout import readout_plan, readout_runs
from carlemanc.pipeline.rotation_budget import (
    price_rotations,
    rotation_groups,
    rotation_precision,
    synthesis_error,
)
from carlemanc.pipeline.sparse_circuits import circuits_of
from carlemanc.pipeline.stages import SpecLike
from carlemanc.solvers.amplified import AmplifiedPlan
from carlemanc.solvers.kernel import KernelPlan
from carlemanc.solvers.plan import SolverPlan

COUNTED_UNSOLVED = ("qsvt", "kernel", "march")
"""Methods whose circuit is counted without its phases."""
SPLIT = (
    "epsilon is split over its causes for the least T of all runs, each with the cycles of a step, by a model of the "
    "counts (derived here); one split "
    "for both gate sets, so that the rotations kept in one are those synthesized in the other"
)
"""How the error budget was made."""


def estimate(
    spec: SpecLike,
    *,
    overrides: Iterable[str] = (),
    uncompute: Uncompute = "measure",
    gate_set: GateSet = "clifford+rz",
    rotation_epsilon: float | None = None,
    hardware: str = DEFAULT_HARDWARE,
    cross_check: bool = False,
    upload: Upload | None = None,
) -> Estimate:
    """Count the circuit of a spec.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.
        uncompute: how ANDs are undone.
        gate_set: with `clifford+t`, `t_count` includes the synthesized rotations and `rotation_count` is 0.
        rotation_epsilon: precision of each rotation; by default from the error budget.
        hardware: preset of `estimate.physical.HARDWARE`.
        cross_check: ask Microsoft's resource estimator (extra `qdk`) for the physical cost of the same run too.
        upload: a segment of the spec's schedule, to be counted instead of all steps.

    Raises InputError, TooLarge.
    """
    check_rotation_epsilon(rotation_epsilon)
    hardware_named(hardware)
    circuits = circuits_of(spec, overrides, synthesized=gate_set == "clifford+t", upload=upload)
    circuits.warn()
    counter = circuits.counter
    plan, solver = _plan_and_solver(circuits, counter)
    circuits.warn_idle(plan)
    marches, given = plan.method == MARCH, circuits.given_system
    parts = solver_parts(
        solver,
        circuits.queried,
        circuits.started,
        method=plan.method,
        resting=_resting(plan),
        own_calls=plan.degree + 1 if plan.method == "qsvt" and plan.degree else 1,
        counter=counter,
        uncompute=uncompute,
    )
    rotations = counter.count(solver).rotations
    epsilon = rotation_epsilon or rotation_precision(circuits, plan, rotation_groups(circuits, solver))
    synthesized = gate_set == "clifford+t"
    unbuilt = any(map(is_counted_only, (*circuits.queried, circuits.started)))
    emitted = not unbuilt and is_emittable(circuits.queried, plan.queries_L, synthesized, counter)
    prices = price_rotations(circuits, solver, epsilon, exact=emitted)
    parts += shared_part(prices) if synthesized else []
    ledger = Ledger(rows=tuple(part.row(prices if synthesized else None, uncompute) for part in parts))
    rotation_t = prices.total_t(rotations) + prices.shared_t
    rotation_toffoli = prices.total_ands(rotations) * (2 if uncompute == "unitary" else 1)
    clifford, depth, depth_is_exact = None, None, False
    counted_only = unbuilt or (synthesized and not prices.is_emitted)
    if not counted_only and query_gates(circuits.queried, counter) <= EMITTED_GATES:
        clifford, depth, depth_is_exact = clifford_and_depth(
            solver, uncompute, prices if synthesized else None, emitted=emitted
        )
    readout, runs = readout_plan(circuits), readout_runs(circuits, plan)
    kept = counter.count(solver, uncompute).qubits
    measured = sum(rotations.values()) * prices.measured + (
        prices.total_ands(rotations) if uncompute == "measure" else 0
    )
    job = LogicalJob(  # a machine synthesizes the rotations, whatever the file keeps
        qubits=kept + prices.qubits,
        t=ledger.total("t"),
        toffoli=ledger.total("toffoli") + (0 if synthesized else rotation_toffoli),
        rotations=ledger.total("rotations"),
        rotation_t=0 if synthesized else rotation_t,
        measurements=ledger.total("measurements") + (0 if synthesized else measured),
    )
    faults = fault_budget(circuits, plan, readout, runs)
    physical = price_physical(
        job,
        runs=runs,
        failure_budget=faults.failure_probability,
        hardware=hardware,
        cross_check=cross_check,
    )
    found = Estimate(
        name=circuits.spec.name,
        n=circuits.n,
        steps=None if given else circuits.history.steps,
        order=None if given else circuits.spec.carleman.order,
        regime=None if given else circuits.regime,
        plan=plan,
        alpha=plan.alpha,
        kappa=None if marches else circuits.inverse_norm.kappa,
        kappa_source="march inverts nothing" if marches else circuits.inverse_norm.source,
        kappa_reason="" if marches else circuits.inverse_norm.reason,
        kappa_at_least=None if marches else circuits.norms.kappa_at_least,
        forms=None if given else step_forms(circuits.queried[0]),
        ledger=ledger,
        logical_qubits=job.qubits if synthesized else kept,
        t_count=job.t,
        toffoli_count=ledger.total("toffoli"),
        rotation_count=job.rotations,
        clifford_count=clifford,
        depth=depth,
        is_counted_only=counted_only,
        is_emitted=emitted,
        depth_is_exact=depth_is_exact,
        synthesized=synthesized,
        rotation_epsilon=epsilon,
        rotation_t=rotation_t,
        rotation_toffoli=rotation_toffoli,
        rotation_t_source=prices.source,
        prices=prices,
        error_budget=error_budget(
            circuits, plan, synthesis_error(circuits, solver, prices), faults.part(physical.best)
        ),
        faults=faults,
        readout_probability=circuits.readout_probability,
        readout=readout,
        support=circuits.support,
        runs=runs,
        norms_source=circuits.norms.source,
        baseline=baseline_of(
            circuits,
            plan,
            readout,
            physical,
            Fraction(rotation_t + 4 * rotation_toffoli, sum(rotations.values()) or 1),
        ),
        assumptions=(*state_assumptions(circuits, plan), faults.assumption, prices.assumption, SPLIT),
        hardware=hardware,
        measurements=ledger.total("measurements"),
        physical=physical,
    )
    return replace(found, explanations=tuple(explanations(circuits, found)))


def _plan_and_solver(circuits: Circuits, counter: BloqCounter) -> tuple[SolverPlan, Bloq]:
    """The circuit with its phases where it is emitted, else with unknown phases, none of them a Clifford angle."""
    counted = circuits.counted_plan
    whole = counted.method not in COUNTED_UNSOLVED  # its circuit exists only with its weights or schedule
    if whole or is_emittable(circuits.queried, counted.queries_L, circuits.synthesized, counter):
        return circuits.plan, circuits.solver
    return counted, circuits.circuit_of(counted)


def _resting(plan: SolverPlan) -> float | None:
    """1/t of a kernel plan, amplified or not."""
    inner = plan.inner if isinstance(plan, AmplifiedPlan) else plan
    return 1 / inner.t if isinstance(inner, KernelPlan) else None
