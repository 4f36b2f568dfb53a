"""`analyze`: regime, ratio R, certified and measured truncation error, kappa bound, classical cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from carlemanc.carleman.regime import Regime
from carlemanc.carleman.trajectory import measured_orders, measured_sequence_errors
from carlemanc.classical.question import question_of
from carlemanc.classical.registry import classical_programs
from carlemanc.commands.outlook import Outlook, outlook
from carlemanc.commands.training_warnings import warn_training
from carlemanc.core.document import Document
from carlemanc.core.shown import Shown
from carlemanc.costs.classical_baseline import ClassicalProgram, cheapest
from carlemanc.linear_system import Bound
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.network.scheduled import ApproximationReport
from carlemanc.readout.weights import AllWeights
from carlemanc.sources.source import SpecLike, loaded_training
from carlemanc.sources.systems import lifted_of, with_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis(Shown, Document):
    """What can be said of a spec before any circuit."""

    name: str
    n: int
    degree: int
    maps: int
    """Number of different steps: 1 but for batches or noise."""
    order: int
    steps: int
    center: str
    gamma: float
    regime: Regime
    bound: Bound
    truncation_bound: dict[int, float]
    truncation_error: dict[int, float]
    classical: ClassicalProgram
    outlook: Outlook
    approximation: ApproximationReport | None
    """What the map of a network leaves out; None without a [network]."""

    BRIEF = "name n degree order steps regime=regime.name classical_flops=classical.flops"
    KEYS = """
        regime=regime.name regime_of maps mu=regime.mu R=regime.R radius=regime.radius
        finite_time_ratio=regime.finite_time_ratio truncation_bound truncation_error kappa_bound=bound.value
        kappa_bound_formula=bound.formula gamma center classical_flops=classical.flops
        classical_program=classical.name *=outlook approximation?
    """

    @property
    def regime_of(self) -> str:
        """What the regime is of, in words."""
        return "the largest norm of each degree over all maps" if self.maps > 1 else "the map"


def analyze(spec: SpecLike, *, overrides: Iterable[str] = ()) -> Analysis:
    """Analyze a spec classically; a divergent system is a warning.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.

    Raises InputError or TooLarge as the model stage does.
    """
    model = loaded_training(spec, overrides)
    lifted = lifted_of(model)
    with_entries(lifted, "analyze")
    warn_training(lifted)
    order, steps = lifted.order, lifted.steps
    orders = tuple(range(1, max(order, lifted.sequence.degree) + 1))
    center = model.center
    bounds = lifted.truncation_bounds(orders)
    return Analysis(
        name=model.name,
        n=lifted.n,
        degree=lifted.sequence.degree,
        maps=len(lifted.sequence.maps),
        order=order,
        steps=steps,
        center=center if isinstance(center, str) else "given",
        gamma=lifted.gamma,
        regime=lifted.regime,
        bound=lifted.bound,
        truncation_bound=bounds,
        truncation_error=_measured(lifted, measured_orders(lifted.sequence, orders)),
        classical=cheapest(classical_programs(question_of(lifted, AllWeights(), model.solver.epsilon))),
        outlook=outlook(lifted, bounds, model.solver.epsilon),
        approximation=lifted.approximation,
    )


def _measured(lifted: Lifted, orders: tuple[int, ...]) -> dict[int, float]:
    if not orders:
        return {}
    return measured_sequence_errors(
        lifted.sequence, lifted.u_in, orders, gamma=lifted.gamma, corrections=lifted.lift.corrections
    )
