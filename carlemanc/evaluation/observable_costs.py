"""What each observable costs: the circuits of its events, their T gates and seconds, beside gradient descent itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from carlemanc.core.document import Document
from carlemanc.core.double_precision import as_float
from carlemanc.costs.classical_baseline import MACHINES, ClassicalBaseline
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.evaluation.price import Priced
from carlemanc.evaluation.readout_cost import total_of
from carlemanc.observables.observable import Observable
from carlemanc.programs.lowering import Uncompute
from carlemanc.readout.observables_plan import ObservablesPlan
from carlemanc.readout.value_plan import ValuePlan

NO, OPEN = "no", "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCost(Document):
    """One event of an observable.

    Args:
        name: in words.
        probability: of the event in one run, as planned.
        weight: of its size in the value.
        uses: of the run.
    """

    name: str
    probability: float
    weight: float
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservableCost(Document):
    """One observable.

    Args:
        name, expression: as the spec has them.
        scale: planned magnitude, the constant apart.
        precision: absolute error over `scale`, of solver and readout together.
        certificate: proved bound of the truncation error of the value; None where nothing finite is proved.
        certified: whether that is no larger than the precision.
        classical: the value after gradient descent.
        truncated: the value of the truncated iterate, where that was solved.
        least_order: least order that has its levels.
        alpha: subnormalization of what is read.
        method: the estimator.
        uses: of the run, in all circuits.
        depth: uses that the deepest circuit holds.
        t_count: every T gate of all uses.
        seconds: of all circuits in sequence; None where no physical cost is known.
        verdict: whether this pays: "no" where the best classical program known to this tool is faster on one core (it
            has theta(T), and so every observable), else "open".
        events: what is estimated.
        caveat: what is to be said beside the value; None where nothing is.
    """

    name: str
    expression: str
    scale: float
    precision: float
    certificate: float | None
    certified: bool
    classical: float | None
    truncated: float | None
    least_order: int
    alpha: float
    method: str
    uses: int
    depth: int
    t_count: int
    seconds: float | None
    verdict: str
    events: tuple[EventCost, ...]
    caveat: str | None


def observable_costs(
    design: Design,
    priced: Priced,
    physical: PhysicalEstimate,
    uncompute: Uncompute,
    baseline: ClassicalBaseline | None,
) -> tuple[ObservableCost, ...]:
    """Return what each observable costs; none where theta(T) is read."""
    plan = design.readout
    if not isinstance(plan, ObservablesPlan):
        return ()
    probability, setting = design.plan.copy_probability, design.setting
    found = []
    for wanted in plan.wanted:
        reading = plan.reading(wanted, probability, setting)
        circuits = reading.circuits(design.circuit, setting)
        total = total_of(design, circuits, priced, uncompute, runs=reading.uses)
        seconds = None
        if physical.best is not None:
            seconds = as_float(physical.best.time * Fraction(total.t_in_all, priced.t_of_a_run))
        cost = _cost(wanted.observable, reading, total.t_in_all, plan.precision)
        found.append(replace(cost, seconds=seconds, verdict=_verdict(seconds, baseline)))
    return tuple(found)


def _verdict(seconds: float | None, baseline: ClassicalBaseline | None) -> str:
    """Compare with gradient descent by its cheapest program on the slowest machine that is known."""
    if seconds is None or baseline is None:
        return OPEN
    slowest = max(machine.seconds(baseline.flops) for machine in MACHINES.values())
    return NO if slowest <= seconds else OPEN


def _cost(observable: Observable, reading: ValuePlan, t: int, precision: float) -> ObservableCost:
    """Return the cost, without seconds and so without a verdict."""
    return ObservableCost(
        name=observable.name,
        expression=observable.expression,
        scale=observable.scale,
        precision=precision,
        certificate=observable.proved,
        certified=observable.certificate <= precision * observable.scale,
        classical=observable.classical,
        truncated=observable.truncated,
        least_order=observable.least_order,
        alpha=observable.alpha,
        method=reading.events.method,
        uses=reading.uses,
        depth=reading.depth,
        t_count=t,
        seconds=None,
        verdict=OPEN,
        events=tuple(
            EventCost(
                name=event.name,
                probability=term.probability,
                weight=event.weight,
                uses=part.uses,
            )
            for event, term, part in zip(
                observable.events, reading.events.terms, reading.events.events, strict=True
            )
        ),
        caveat=_caveat(observable) if observable.is_certified_poorly else None,
    )


def _caveat(observable: Observable) -> str:
    return (
        f"the certificate, {observable.certificate:.3g}, is far larger than the value, {observable.scale:.3g}: at this "
        "order nothing is proved about how close the truncated value is to gradient descent"
    )
