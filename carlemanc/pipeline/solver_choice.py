"""`solvers`: every method's cost for one system, and the choice that `solver.method = "auto"` makes.

Comes in: a spec. Goes out: one row a method: queries, qubits, T per run with rotations priced, success, and the
expected T of all runs that the readout needs. A method whose premise fails has a row with the reason and is
never chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from carlemanc.bloqs.lookups.counted_only import is_counted_only
from carlemanc.circuit.bloq_counts import BloqCounter, BloqCounts
from carlemanc.circuit.rotation_prices import smooth_price
from carlemanc.core.errors import CheckFailed, InputError, TooLarge
from carlemanc.core.rounding import ceiling, whole
from carlemanc.core.shown import Shown
from carlemanc.pipeline.circuit_parts import is_emittable
from carlemanc.pipeline.circuits import MARCH, Circuits
from carlemanc.pipeline.readout import readout_runs
from carlemanc.pipeline.rotation_budget import (
    RotationGroups,
    price_rotations,
    rotation_groups,
    rotation_precision,
)
from carlemanc.pipeline.sparse_circuits import circuits_of
from carlemanc.pipeline.stages import SpecLike
from carlemanc.solvers.amplified import amplification_document
from carlemanc.solvers.plan import SolverPlan
from carlemanc.solvers.query_formulas import FORMULAS, query_formula
from carlemanc.solvers.registry import METHODS

COUNTED_QUERIES = 100_000
"""Circuits of more queries than this are counted from their queries, unless their bloq counts without walking them."""
_WALKS_NOTHING = ("qsvt", "kernel")
"""Methods whose bloq counts at any degree."""
COMPARED = tuple(METHODS)
"""Methods of the table, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverRow:
    """What one method costs for this system, or why it does not apply."""

    method: str
    reason: str = ""
    """Why the method does not apply; empty where it does."""
    plan: SolverPlan | None = None
    qubits: int = 0
    t_per_run: int = 0
    readout_probability: float = 0.0
    """Methods leave theta(T) different shares of the state."""
    runs: int = 0
    """Runs that the readout needs, successful or not."""
    is_counted: bool = True
    """Whether the circuit's bloq was counted; false where its queries were priced."""

    @property
    def kappa(self) -> float | None:
        """What the method inverts, by alpha ||L^-1||; None where it inverts nothing."""
        return None if self.plan is None or self.method == MARCH else self.plan.kappa_effective

    @property
    def expected_t(self) -> int:
        """T of all runs: every run is paid for, successful or not; 4 significant digits."""
        return whole(self.runs * self.t_per_run)

    def to_json(self) -> dict[str, Any]:
        """Return the row."""
        formula = query_formula(self.method) if self.method in FORMULAS else None
        shared: dict[str, Any] = {
            "method": self.method,
            "formula": str(formula.queries_L) if formula else None,
            "formula_source": f"{formula.reference} ({formula.status})" if formula else None,
        }
        if self.plan is None:
            return shared | {"applies": False, "reason": self.reason}
        return shared | {
            "applies": True,
            "kappa": self.kappa,
            "queries": {"L": self.plan.queries_L, "b": self.plan.queries_b},
            "qubits": self.qubits,
            "t_per_run": self.t_per_run,
            "success_probability": self.plan.success_probability,
            "amplification": amplification_document(self.plan),
            "keeps_norm": self.plan.amplitude_scale is not None,
            "error_bound": self.plan.error_bound,
            "success_is_bound": self.plan.success_is_bound,
            "certified": self.plan.is_certified,
            "readout_probability": self.readout_probability,
            "runs": self.runs,
            "expected_t": self.expected_t,
            "counted": self.is_counted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverTable(Shown):
    """The rows of all methods, and the choice."""

    name: str
    rows: tuple[SolverRow, ...]

    @property
    def best(self) -> SolverRow:
        """The row of least expected T among those that apply. Raises InputError where none does."""
        applying = [row for row in self.rows if row.plan is not None and row.plan.is_certified]
        if not applying:
            reasons = "; ".join(f"{row.method}: {row.reason}" for row in self.rows)
            raise InputError(f"no solver applies to {self.name}: {reasons}")
        return min(applying, key=lambda row: row.expected_t)

    @property
    def reason(self) -> str:
        """Why `best` is the choice, in one sentence."""
        best = self.best
        others = sorted((r.expected_t, r.method) for r in self.rows if r.plan is not None and r is not best)
        against = f", {others[0][1]} {others[0][0]:.3g}" if others else ""
        return f"{best.method}: least expected T with readout, {best.expected_t:.3g}{against}"

    def to_json(self) -> dict[str, Any]:
        """Return the table."""
        return {
            "name": self.name,
            "methods": [row.to_json() for row in self.rows],
            "choice": {"method": self.best.method, "reason": self.reason},
        }


def compare_solvers(spec: SpecLike, *, overrides: Iterable[str] = ()) -> SolverTable:
    """Return the cost of every method for the system of a spec. Raises InputError or TooLarge as planning does."""
    circuits = circuits_of(spec, overrides, synthesized=True)
    circuits.warn()
    return solver_table(circuits)


def solver_table(circuits: Circuits) -> SolverTable:
    """Return the table of a spec's circuits."""
    counter = circuits.counter
    rows = tuple(_row(circuits, method, counter) for method in COMPARED)
    return SolverTable(name=circuits.spec.name, rows=rows)


def _row(circuits: Circuits, method: str, counter: BloqCounter) -> SolverRow:
    try:
        plan = circuits.plan_of(method, counting=True)
        is_counted = method in _WALKS_NOTHING or plan.queries_L <= COUNTED_QUERIES
        is_emitted = _is_emitted(circuits, method, plan, counter)
        if is_emitted or (is_counted and method not in _WALKS_NOTHING):
            plan = circuits.plan_of(method)
    except (InputError, TooLarge, CheckFailed) as error:
        return SolverRow(method=method, reason=" ".join(str(error).split()))
    if is_counted:
        circuit = circuits.circuit_of(plan)
        counts = counter.count(circuit)
        groups = rotation_groups(circuits, circuit, method)
        prices = price_rotations(
            circuits, circuit, rotation_precision(circuits, plan, groups), exact=is_emitted
        )
        t, qubits = counts.t_in_file + prices.all_t(counts.rotations), counts.qubits
    else:
        t, qubits = _priced_queries(circuits, plan, counter)
    return SolverRow(
        method=method,
        plan=plan,
        qubits=qubits,
        t_per_run=t,
        readout_probability=circuits.readout_probability_of(method),
        runs=readout_runs(circuits, plan),
        is_counted=is_counted,
    )


def _is_emitted(circuits: Circuits, method: str, plan: SolverPlan, counter: BloqCounter) -> bool:
    """Whether `estimate` by this method emits its circuit, and so knows every angle."""
    queried = circuits.queried_by(method)
    return not any(map(is_counted_only, (*queried, circuits.preparation))) and is_emittable(
        queried, plan.queries_L, circuits.synthesized, counter
    )


def _priced(circuits: Circuits, plan: SolverPlan, t: int, rotations: RotationGroups) -> int:
    """T with every rotation synthesized as finely as `estimate` does, by the fitted price of `compile.synthesis`."""
    if not rotations.total:
        return t
    price = smooth_price(circuits.spec.compile.synthesis)
    return t + rotations.total * ceiling(
        price(rotation_precision(circuits, plan, rotations), rotations.total)
    )


def _priced_queries(circuits: Circuits, plan: SolverPlan, counter: BloqCounter) -> tuple[int, int]:
    """T and qubits from queries: each with a controlled reflection of the block ancillas and two more ANDs."""
    query: BloqCounts = counter.count(circuits.encoding)
    start: BloqCounts = counter.count(circuits.preparation)
    block = circuits.encoding.ancilla_bitsize
    t = plan.queries_L * (query.t_in_file + 4 * (block + 2)) + plan.queries_b * start.t_in_file
    tables = 3 << max(0, plan.ancillas - 2)  # a selector or clock, loaded, unloaded and rotated by
    rotations = RotationGroups(
        preparation=plan.queries_b * start.rotation_count,
        rest=plan.queries_L * query.rotation_count + tables,
    )
    return _priced(circuits, plan, t, rotations), query.qubits + plan.ancillas
