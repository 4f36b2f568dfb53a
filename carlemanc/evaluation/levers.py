"""What would have to change: the levers, each with its factor found by evaluating the changed configuration.

Comes in: a design and the appraiser of its estimate. Goes out: one `Lever` a change, the most helpful first. A factor
multiplies seconds of all quantum runs over seconds of the best classical program on one core, both found anew with all
other keys kept, so that a change which helps both sides helps by what is left. What cannot be changed here is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from carlemanc.core.document import Document
from carlemanc.core.double_precision import as_float
from carlemanc.core.memo import REFUSALS
from carlemanc.costs.physical.frontier import hardware_named
from carlemanc.costs.physical.hardware import HARDWARE
from carlemanc.evaluation.appraisal import Appraisal, Appraiser
from carlemanc.evaluation.crossover import is_followed, why_not_counted
from carlemanc.evaluation.design import Design
from carlemanc.linear_system.lifted import Lifted
from carlemanc.linear_system.norm_dilemma import norm_dilemma
from carlemanc.readout.observables import Observables
from carlemanc.readout.weights import AllWeights
from carlemanc.sources.configuration import Configuration
from carlemanc.sources.variants import Variant, variants

COARSER = 10
"""By how much a precision is relaxed."""
LARGEST_PRECISION = 0.1
"""A precision coarser than this is no answer."""
FASTER = 10
"""By how much cycle and reaction of a machine are shortened."""
LOSS = "loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever(Document):
    """One change.

    Args:
        what: the key that changes, as in a spec, or what it is.
        before, after: its values, in words.
        factor: of quantum over classical seconds: below 1 it helps the quantum side; 4 significant digits.
    """

    what: str
    before: str
    after: str
    factor: float

    KEYS = "what from=before to=after factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    what: str
    before: str
    after: str
    make: Callable[[], Configuration]


def levers(appraise: Appraiser, design: Design, lifted: Lifted | None) -> tuple[Lever, ...]:
    """Return the levers of a design, least factor first; none where its own cost is not known.

    `lifted`: what is trained; None for a linear system as it is, which has no other steps, rates or losses.
    """
    if why_not_counted(design):
        return ()
    now = appraise(design.at)
    if now.ratio is None:
        return ()
    found = list(_machines(appraise, now))
    for change in _changes(design, lifted):
        try:
            ratio = appraise(change.make()).ratio
        except REFUSALS:  # what is refused cannot be changed here
            continue
        if ratio is not None:
            found.append(_lever(change.what, change.before, change.after, ratio / now.ratio))
    return tuple(sorted(found, key=lambda lever: (lever.factor, lever.what, lever.after)))


def _changes(design: Design, lifted: Lifted | None) -> Iterator[_Change]:
    yield from _precision(design.at)
    if lifted is None:
        return
    yield from _readout(design.at, lifted)
    dilemma = norm_dilemma(lifted)
    if dilemma is not None and dilemma.is_linear:
        lift = replace(design.at.lift, order=1)
        yield _change("carleman.order", str(lifted.order), "1", replace(design.at, lift=lift))
    for one in variants(design.at.source, lifted, followed=is_followed(lifted)):
        make = partial(_at_source, design.at, one)
        yield _Change(what=one.what, before=one.before, after=one.after, make=make)


def _at_source(at: Configuration, variant: Variant) -> Configuration:
    return replace(at, source=variant.of(at.source))


def _change(what: str, before: str, after: str, at: Configuration) -> _Change:
    return _Change(what=what, before=before, after=after, make=lambda: at)


def _precision(at: Configuration) -> Iterator[_Change]:
    """Relax what is read: of observables their precision, of weights epsilon."""
    if isinstance(at.goal, Observables):
        now = at.goal.precision
        changed = replace(at, goal=replace(at.goal, precision=COARSER * now))
        what = "readout.precision"
    else:
        now = at.epsilon
        changed, what = replace(at, epsilon=COARSER * now), "solver.epsilon"
    if COARSER * now <= LARGEST_PRECISION and not at.goal.shots:
        yield _change(what, f"{now:g}", f"{COARSER * now:g}", changed)


def _readout(at: Configuration, lifted: Lifted) -> Iterator[_Change]:
    """Read the loss in place of weights, and estimate amplitudes where copies or shots are counted."""
    goal = at.goal
    if goal.shots:
        return
    if isinstance(goal, Observables):
        if goal.method == "sampling":
            estimated = replace(at, goal=replace(goal, method="auto"))
            yield _change("readout.method", "sampling", "amplitude estimation", estimated)
        return
    if isinstance(goal, AllWeights) and goal.way == "sampling" and not goal.largest and goal.norm == "l2":
        changed = replace(at, goal=replace(goal, method="tomography"))
        yield _change("readout.method", "sampling", "tomography", changed)
    if lifted.training.vocabulary is not None:
        loss = Observables(
            failure_probability=goal.failure_probability, observables=((LOSS, LOSS),), method="auto"
        )
        after = f"the loss, to {loss.precision:g}"
        yield _change("readout.target", "weights", after, replace(at, goal=loss))


def _machines(appraise: Appraiser, now: Appraisal) -> Iterator[Lever]:
    """The fastest preset, and this one at a tenth of its times; nothing is planned anew."""
    here = hardware_named(appraise.pricing.hardware)
    quicker = replace(here, cycle=here.cycle / FASTER, reaction=here.reaction / FASTER)
    times = {name: now.seconds_on(machine) for name, machine in HARDWARE.items() if name != here.name}
    priced = {name: time for name, time in times.items() if time is not None}
    assert now.seconds is not None
    if priced:
        best = min(priced, key=lambda name: (priced[name], name))
        yield _lever("hardware", here.name, best, priced[best] / now.seconds)
    faster = now.seconds_on(quicker)
    if faster is not None:
        yield _lever("hardware", here.name, f"{here.name}, {FASTER} times faster", faster / now.seconds)


def _lever(what: str, before: str, after: str, factor: Fraction) -> Lever:
    return Lever(what=what, before=before, after=after, factor=float(f"{as_float(factor):.3e}"))
