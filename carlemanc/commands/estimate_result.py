"""The result of `estimate`: counts of one emitted circuit and of all its runs, with where each number is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from carlemanc.block_encoding import StepForms
from carlemanc.carleman.regime import Regime
from carlemanc.core.document import Document
from carlemanc.core.shown import Plotted
from carlemanc.costs.classical_baseline import ClassicalBaseline
from carlemanc.costs.explanation import Explanation, bibtex_of, citations_of
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.faults import FaultBudget
from carlemanc.evaluation.observable_costs import ObservableCost
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.evaluation.price import Priced
from carlemanc.evaluation.readout_cost import ReadoutTotal
from carlemanc.evaluation.truncation import Truncation, truncation_of
from carlemanc.evaluation.verdict import Verdict
from carlemanc.linear_system.norm_dilemma import NormDilemma
from carlemanc.methods.amplified import amplification_document
from carlemanc.methods.plan import Plan
from carlemanc.readout.readout_plan import ReadoutPlan

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Priced, Plotted, Document):
    """Counts of one emitted circuit (prepare b, invert L, all ancillas measured), and of all runs together."""

    name: str
    choices: dict[str, dict[str, Any]]
    """Each key that can be searched with its value, and whether the spec or the search chose it."""
    n: int
    steps: int | None
    order: int | None
    verdict: Verdict
    """Whether it pays."""
    regime: Regime | None
    """Of the training; None, as the steps and the order, for a linear system."""
    dilemma: NormDilemma | None
    """What a dense start does to an order above 1; None elsewhere."""
    plan: Plan
    alpha: float
    kappa: float | None
    kappa_source: str
    kappa_reason: str
    """Why kappa is a bound and was not computed; empty where it was, or where nothing is inverted."""
    kappa_at_least: float | None
    """A lower bound of kappa beside a proved upper one: ||x||/||b||, where both were computed."""
    forms: StepForms | None
    error_budget: dict[str, BudgetPart]
    faults: FaultBudget
    readout_probability: float
    readout: ReadoutPlan
    support: int
    """Weights of theta - center that can be nonzero at T, known before the run: those that are read."""
    target: str
    """Name of the goal: what is read."""
    observables: tuple[ObservableCost, ...]
    """What each observable costs; none where theta(T) is read."""
    runs: int
    """Runs of the circuit, successful or not: `readout.shots`, or as many as epsilon asks for."""
    total: ReadoutTotal
    """Counts of all runs, 4 significant digits."""
    norms_source: str
    baseline: ClassicalBaseline
    assumptions: tuple[str, ...]
    physical: PhysicalEstimate
    """Physical qubits and seconds on the chosen hardware."""
    explanations: tuple[Explanation, ...] = ()
    """Every number with its formula."""

    BRIEF = "name method pays t_in_all t_of_a_run logical_qubits runs seconds"
    KEYS = """
        n T=steps N=order verdict regime order=truncation? method=plan.method degree=plan.degree alpha
        kappa.value=kappa kappa.effective=kappa_effective kappa.source=kappa_source kappa.*=kappa_bounded
        queries.L=plan.queries_L queries.b=plan.queries_b logical_qubits t_count toffoli_count
        t_count_with_toffoli_as_4t=t_with_toffoli t_of_a_run rotation_count
        rotation_synthesis.epsilon_per_rotation=rotation_epsilon rotation_synthesis.method=prices.synthesis
        rotation_synthesis.t_count=rotation_t rotation_synthesis.toffoli_count=rotation_toffoli
        rotation_synthesis.qubits=prices.qubits rotation_synthesis.emitted=prices.is_emitted
        rotation_synthesis.source=prices.source rotation_synthesis.included_in_t_count=synthesized
        clifford_count depth depth_is_bound measurement_count=measurements counted_only=is_counted_only
        error_budget success_probability=plan.success_probability readout_probability
        amplification readout.shots=runs readout.runs=runs readout.support=support
        readout.copy_probability=copy_probability readout.target=target readout.*=readout
        readout.observables=observable_documents? norm_dilemma=dilemma? total breakdown=ledger.rows leaf=forms.leaf
        step_forms=forms physical=known_physical physical_absent? classical_baseline=baseline
        assumptions=all_assumptions explain=explanations references choices
    """

    def plot(self, axes: Axes | None = None, *, what: Literal["times", "cost"] = "times") -> Axes:
        """Draw the times of classical programs and quantum runs, or the cost of a run by part; return the axes.

        Args:
            axes: of matplotlib; None: those of a new figure of pyplot.
            what: "times" in seconds, or "cost" in T gates.
        """
        return self._plotted(axes, what=what)

    @property
    def method(self) -> str:
        """Name of the method."""
        return self.plan.method

    @property
    def pays(self) -> str:
        """The verdict in a word or few: "no", "only against a weaker program" or "open"."""
        return self.verdict.pays

    @property
    def t_in_all(self) -> int:
        """Every T gate of all runs, Toffoli and synthesized rotations included, 4 significant digits."""
        return self.total.t_in_all

    @property
    def seconds(self) -> float | None:
        """Time of all runs in sequence on the chosen hardware; None where no physical cost is known."""
        return self.physical.seconds_of_all_runs if self.physical.points else None

    @property
    def physical_qubits(self) -> int | None:
        """Of one run at the point of least qubits times seconds; None where no physical cost is known."""
        best = self.physical.best
        return None if best is None else best.qubits

    @property
    def truncation(self) -> Truncation | None:
        """The order, and how far its truncation is known; None for a linear system."""
        return None if self.order is None else truncation_of(self.order, self.error_budget)

    @property
    def classical_flops(self) -> int:
        """Flops of the cheapest classical program known."""
        return self.baseline.flops

    @property
    def copy_probability(self) -> float:
        """Probability that a run gives a copy of theta(T): all ancillas |0>, t >= T, level 1."""
        return self.plan.copy_probability

    @property
    def depth_is_bound(self) -> bool:
        """Whether the depth is known, and only as a bound."""
        return self.depth is not None and not self.depth_is_exact

    @property
    def kappa_effective(self) -> float | None:
        """What the queries grow with; None where nothing is inverted."""
        return None if self.kappa is None else self.plan.kappa_effective

    @property
    def kappa_bounded(self) -> dict[str, float | str | None]:
        """How far below its bound kappa may lie, and why it was not computed, where it was not."""
        return {"at_least": self.kappa_at_least, "reason": self.kappa_reason} if self.kappa_reason else {}

    @property
    def amplification(self) -> dict[str, Any]:
        """What is amplified, and in how many rounds."""
        return amplification_document(self.plan)

    @property
    def observable_documents(self) -> list[ObservableCost] | None:
        """What each observable costs; None where theta(T) is read."""
        return list(self.observables) or None

    @property
    def known_physical(self) -> PhysicalEstimate | None:
        """The physical cost, None where no point is known."""
        return self.physical if self.physical.points else None

    @property
    def physical_absent(self) -> str | None:
        """Why there is no physical cost, None where there is one."""
        return None if self.physical.points else self.physical.reason

    @property
    def all_assumptions(self) -> list[str]:
        """The assumptions, and why `physical` is null, where it is."""
        absent = self.physical_absent
        return [*self.assumptions, *([f"no physical cost: {absent}"] if absent else [])]

    @property
    def references(self) -> list[str]:
        """Keys of the sources this estimate used."""
        return [source.key for source in citations_of(self.explanations)]

    def bibtex(self) -> str:
        """Return the BibTeX of the sources this estimate used."""
        return bibtex_of(self.explanations)
