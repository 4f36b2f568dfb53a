"""What each observable costs: the circuits of its events, their T gates and seconds, and whether it pays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from carlemanc.classical.question import Question
from carlemanc.classical.registry import classical_programs
from carlemanc.core.document import Document
from carlemanc.core.double_precision import as_float
from carlemanc.costs.classical_baseline import MACHINES, at_hand
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.evaluation.price import Priced
from carlemanc.evaluation.readout_cost import total_of
from carlemanc.evaluation.separation import Separation
from carlemanc.evaluation.verdict import NO, doubts_of, pays
from carlemanc.observables.observable import Observable
from carlemanc.programs.lowering import Uncompute
from carlemanc.readout.observables_plan import ObservablesPlan
from carlemanc.readout.value_plan import ValuePlan


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
        verdict: whether it pays, as `verdict.pays`, against the best classical program for this observable alone.
        against: that program; None, as the factor, where no physical cost is known.
        factor: seconds over those of the program, on the machine at hand.
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
    against: str | None
    factor: float | None
    events: tuple[EventCost, ...]
    caveat: str | None


def observable_costs(
    design: Design,
    priced: Priced,
    physical: PhysicalEstimate,
    uncompute: Uncompute,
    separation: Separation | None,
) -> tuple[ObservableCost, ...]:
    """Return what each observable costs; none where theta(T) is read. `separation`: from classical walks."""
    plan = design.readout
    if not isinstance(plan, ObservablesPlan):
        return ()
    probability, setting = design.plan.copy_probability, design.setting
    found = []
    for wanted, value in zip(plan.wanted, design.question.values, strict=True):
        reading = plan.reading(wanted, probability, setting)
        circuits = reading.circuits(design.circuit, setting)
        total = total_of(design, circuits, priced, uncompute, runs=reading.uses)
        seconds = None
        if physical.best is not None:
            seconds = physical.best.time * Fraction(total.t_in_all, priced.t_of_a_run)
        cost = _cost(wanted.observable, reading, total.t_in_all, plan.precision)
        found.append(_judged(cost, design, replace(design.question, values=(value,)), seconds, separation))
    return tuple(found)


def _judged(
    cost: ObservableCost,
    design: Design,
    question: Question,
    seconds: Fraction | None,
    separation: Separation | None,
) -> ObservableCost:
    """Return a cost with its seconds and what they come to beside the programs for this observable alone."""
    if seconds is None or separation is None:
        return cost
    alone = len(design.question.values) == 1
    programs = design.programs if alone else classical_programs(question)
    key, best = at_hand(programs)
    classical = best.seconds_on(MACHINES[key])
    return replace(
        cost,
        seconds=as_float(seconds),
        verdict=pays(seconds, classical, doubts_of(programs, seconds, separation)),
        against=best.name,
        factor=as_float(seconds / classical) if classical else None,
    )


def _cost(observable: Observable, reading: ValuePlan, t: int, precision: float) -> ObservableCost:
    """Return the cost, without seconds: what cannot be run does not pay."""
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
        verdict=NO,
        against=None,
        factor=None,
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
