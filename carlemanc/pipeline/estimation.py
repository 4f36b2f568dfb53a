"""`estimate`: what the compiled circuit costs, as a ledger that adds up, with every assumption named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from qualtran import Bloq

from carlemanc.block_encoding import StepForms, step_forms
from carlemanc.bloqs.lookups.counted_only import is_counted_only
from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.circuit.rotation_prices import RotationPrices
from carlemanc.core.rounding import whole
from carlemanc.estimate import Ledger
from carlemanc.estimate.classical_baseline import NO_BASELINE, ClassicalBaseline
from carlemanc.estimate.explanation import Explanation, bibtex_of, citations_of
from carlemanc.estimate.physical import LogicalJob
from carlemanc.estimate.physical.frontier import hardware_named
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
from carlemanc.pipeline.error_budget import BudgetPart, error_budget
from carlemanc.pipeline.estimate_text import estimate_text, size_text
from carlemanc.pipeline.explanations import explanations
from carlemanc.pipeline.faults import FaultBudget, fault_budget
from carlemanc.pipeline.physical import DEFAULT_HARDWARE, PhysicalEstimate, price_physical
from carlemanc.pipeline.readout import readout_plan, readout_runs
from carlemanc.pipeline.rotation_budget import (
    price_rotations,
    rotation_groups,
    rotation_precision,
    synthesis_error,
)
from carlemanc.pipeline.sparse_circuits import circuits_of
from carlemanc.pipeline.stages import SpecLike
from carlemanc.solvers.amplified import AmplifiedPlan, amplification_document
from carlemanc.solvers.kernel import KernelPlan
from carlemanc.solvers.plan import SolverPlan
from carlemanc.solvers.readout import ReadoutPlan

COUNTED_UNSOLVED = ("qsvt", "kernel", "march")
"""Methods whose circuit is counted without its phases."""
SPLIT = (
    "epsilon is split over its causes for the least T of all runs, each with the cycles of a step, by a model of the "
    "counts (derived here); one split "
    "for both gate sets, so that the rotations kept in one are those synthesized in the other"
)
"""How the error budget was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Counts of one emitted circuit (prepare b, invert L, all ancillas measured), and of all runs together."""

    name: str
    n: int
    steps: int | None
    order: int | None
    plan: SolverPlan
    alpha: float
    kappa: float | None
    kappa_source: str
    kappa_reason: str
    """Why kappa is a bound and was not computed; empty where it was, or where nothing is inverted."""
    kappa_at_least: float | None
    """A lower bound of kappa beside a proved upper one: ||x||/||b||, where both were computed."""
    forms: StepForms | None
    ledger: Ledger
    logical_qubits: int
    t_count: int
    toffoli_count: int
    rotation_count: int
    clifford_count: int | None
    """None, as the depth, of a circuit that can only be counted, as it has no gates, or has too many a query."""
    depth: int | None
    is_counted_only: bool
    is_emitted: bool
    """Whether the circuit is short enough to be emitted: its phases are known."""
    depth_is_exact: bool
    synthesized: bool
    rotation_epsilon: float
    rotation_t: int
    """T gates outside ANDs that synthesized rotations take, and their ANDs: within the counts or beside them."""
    rotation_toffoli: int
    rotation_t_source: str
    prices: RotationPrices
    error_budget: dict[str, BudgetPart]
    faults: FaultBudget
    readout_probability: float
    readout: ReadoutPlan
    support: int
    """Weights of theta - center that can be nonzero at T, known before the run: those that are read."""
    runs: int
    """Runs of the circuit, successful or not: `readout.shots`, or as many as epsilon asks for."""
    norms_source: str
    baseline: ClassicalBaseline | None
    assumptions: tuple[str, ...]
    hardware: str
    measurements: int
    """Measurements that undo ANDs, in the circuit's own gates too; those that read the registers come on top."""
    physical: PhysicalEstimate
    """Physical qubits and seconds on the chosen hardware."""
    explanations: tuple[Explanation, ...] = ()
    """Every number with its formula."""

    @property
    def classical_flops(self) -> int | None:
        """Flops of the same steps; None for a linear system."""
        return None if self.baseline is None else self.baseline.flops

    @property
    def copy_probability(self) -> float:
        """Probability that a run gives a copy of theta(T): all ancillas |0>, t >= T, level 1."""
        return self.plan.success_probability * self.readout_probability

    @property
    def t_with_toffoli(self) -> int:
        """T outside ANDs, plus four a Toffoli."""
        return self.t_count + 4 * self.toffoli_count

    @property
    def t_in_all(self) -> int:
        """T gates of one run with its rotations synthesized and four T a Toffoli."""
        beside = 0 if self.synthesized else self.rotation_t + 4 * self.rotation_toffoli
        return self.t_with_toffoli + beside

    def to_json(self) -> dict[str, Any]:
        """Return the document of CONTRACT section 2."""
        physical = self.physical
        return {
            "n": self.n,
            "T": self.steps,
            "N": self.order,
            "method": self.plan.method,
            "degree": self.plan.degree,
            "alpha": self.alpha,
            "kappa": {
                "value": self.kappa,
                "effective": None if self.kappa is None else self.plan.kappa_effective,
                "source": self.kappa_source,
                **(
                    {"at_least": self.kappa_at_least, "reason": self.kappa_reason}
                    if self.kappa_reason
                    else {}
                ),
            },
            "queries": {"L": self.plan.queries_L, "b": self.plan.queries_b},
            "logical_qubits": self.logical_qubits,
            "t_count": self.t_count,
            "toffoli_count": self.toffoli_count,
            "t_count_with_toffoli_as_4t": self.t_with_toffoli,
            "t_of_a_run": self.t_in_all,
            "rotation_count": self.rotation_count,
            "rotation_synthesis": {
                "epsilon_per_rotation": self.rotation_epsilon,
                "method": self.prices.synthesis,
                "t_count": self.rotation_t,
                "toffoli_count": self.rotation_toffoli,
                "qubits": self.prices.qubits,
                "emitted": self.prices.is_emitted,
                "source": self.rotation_t_source,
                "included_in_t_count": self.synthesized,
            },
            "clifford_count": self.clifford_count,
            "depth": self.depth,
            "depth_is_bound": self.depth is not None and not self.depth_is_exact,
            "measurement_count": self.measurements,
            "counted_only": self.is_counted_only,
            "error_budget": {name: part.to_json() for name, part in self.error_budget.items()},
            "success_probability": self.plan.success_probability,
            "readout_probability": self.readout_probability,
            "amplification": amplification_document(self.plan),
            "readout": {
                "shots": self.runs,
                "runs": self.runs,
                "support": self.support,
                "copy_probability": self.copy_probability,
                **self.readout.to_json(),
            },
            "total": {
                "runs": self.runs,
                "t_count": whole(self.runs * self.t_count),
                "toffoli_count": whole(self.runs * self.toffoli_count),
                "rotation_count": whole(self.runs * self.rotation_count),
                "t_in_all": whole(self.runs * self.t_in_all),
            },
            "breakdown": [row.to_json() for row in self.ledger.rows],
            "leaf": None
            if self.forms is None
            else {str(degree): " + ".join(names) for degree, names in self.forms.leaves.items()},
            "step_forms": None
            if self.forms is None
            else {
                "trimmed_full_tuple": self.forms.trimmed_full_tuple,
                "level_shift": self.forms.level_shift,
                "product": self.forms.product,
            },
            "physical": physical.to_json(),
            **({"physical_absent": physical.reason} if physical.best is None else {}),
            "classical_baseline": NO_BASELINE if self.baseline is None else self.baseline.to_json(),
            "assumptions": [*self.assumptions, *self._without_physical_cost()],
            "explain": [entry.to_json() for entry in self.explanations],
            "references": [source.key for source in citations_of(self.explanations)],
        }

    def _without_physical_cost(self) -> list[str]:
        """Why `physical` is null, where it is."""
        reason = self.physical.reason
        return [f"no physical cost: {reason}"] if reason else []

    def to_text(self) -> str:
        """Return the estimate as text."""
        return estimate_text(self)

    def explanation_text(self) -> str:
        """Return each number with its formula, what was put in, source and status."""
        lines = [f"{self.name}: {size_text(self)}, {self.plan.method}"]
        for entry in self.explanations:
            lines += ["", *entry.lines()]
        return "\n".join(lines)

    def bibtex(self) -> str:
        """Return the BibTeX of the sources this estimate used."""
        return bibtex_of(self.explanations)


def estimate(
    spec: SpecLike,
    *,
    overrides: Iterable[str] = (),
    uncompute: Uncompute = "measure",
    gate_set: GateSet = "clifford+rz",
    rotation_epsilon: float | None = None,
    hardware: str = DEFAULT_HARDWARE,
    cross_check: bool = False,
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

    Raises InputError, TooLarge.
    """
    check_rotation_epsilon(rotation_epsilon)
    hardware_named(hardware)
    circuits = circuits_of(spec, overrides, synthesized=gate_set == "clifford+t")
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
        plan=plan,
        alpha=plan.alpha,
        kappa=None if marches else circuits.inverse_norm.kappa,
        kappa_source="march inverts nothing" if marches else circuits.inverse_norm.source,
        kappa_reason="" if marches else circuits.inverse_norm.reason,
        kappa_at_least=None if marches else circuits.kappa_at_least,
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
