"""The result of `estimate`: counts of one emitted circuit and of all its runs, with where each number is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from carlemanc.block_encoding import StepForms
from carlemanc.carleman.regime import Regime
from carlemanc.core.rounding import whole
from carlemanc.core.shown import Shown
from carlemanc.costs import Ledger
from carlemanc.costs.classical_baseline import NO_BASELINE, ClassicalBaseline
from carlemanc.costs.explanation import Explanation, bibtex_of, citations_of
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.faults import FaultBudget
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.methods.amplified import amplification_document
from carlemanc.methods.plan import SolverPlan
from carlemanc.programs.rotation_prices import RotationPrices
from carlemanc.readout.readout_plan import ReadoutPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Shown):
    """Counts of one emitted circuit (prepare b, invert L, all ancillas measured), and of all runs together."""

    name: str
    n: int
    steps: int | None
    order: int | None
    regime: Regime | None
    """Of the training; None, as the steps and the order, for a linear system."""
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
    def t_of_a_run(self) -> int:
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
            "regime": None if self.regime is None else self.regime.to_json(),
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
            "t_of_a_run": self.t_of_a_run,
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
                "t_in_all": whole(self.runs * self.t_of_a_run),
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

    def bibtex(self) -> str:
        """Return the BibTeX of the sources this estimate used."""
        return bibtex_of(self.explanations)
