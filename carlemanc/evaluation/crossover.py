"""Where the quantum runs would take less time than the best classical program known, if anywhere: in n, in T, in p.

What is read is read on both sides to the same precision, and all keys but one are kept, gamma included. In n and in T
every size that is looked at is a design of its own, planned, counted and priced as an estimate does, and all classical
programs are asked again there, so that nothing is continued by a formula. In p, the probability that a run gives a copy
of theta(T), only path sampling grows as p falls: the quantum runs must pass it before they pass the next program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from carlemanc.core.memo import REFUSALS
from carlemanc.core.rounding import rounded_down
from carlemanc.core.search import first_where
from carlemanc.costs.classical_baseline import MACHINES, Crossover, Machine, fitting, no_crossover
from carlemanc.evaluation.appraisal import COUNTED, Appraisal, Appraiser
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.search.effort import is_slow_to_invert
from carlemanc.evaluation.separation import PATHS
from carlemanc.linear_system.lifted import Lifted
from carlemanc.methods.registry import METHODS, method_named
from carlemanc.model.on_demand import OnDemand
from carlemanc.readout.observables import Observables
from carlemanc.sources.other_sizes import (
    at_point,
    at_size,
    least_exponent,
    n_is_free,
    why_n_is_fixed,
    why_steps_are_fixed,
)

SMALLEST_EXPONENT, LARGEST_EXPONENT = 10, 60
"""n = 2^m that is looked at: beyond 2^49 no machine holds a number a weight."""
MOST_DOUBLINGS = 3
"""T is looked at up to so many doublings."""
FOLLOWED = {True: 10**8, False: 10**6}
"""Flops of another training that is looked at, by whether it is of a lattice: from few sites it is cheap to plan."""


def crossovers(appraise: Appraiser, design: Design, lifted: Lifted) -> Mapping[str, Crossover]:
    """Return the crossovers by quantity, looked for when first read, each with the reason where there is none."""
    what = f"reading {design.readout.reads}"
    looks: dict[str, Callable[[], Crossover]] = {
        "n": lambda: _in_n(appraise, design, lifted, what),
        "T": lambda: _in_steps(appraise, design, lifted, what),
        "p": lambda: _in_probability(appraise, design, what),
    }
    return OnDemand(looks, lambda look: look())


def why_not_counted(design: Design) -> str:
    """Return why other configurations of a method are not looked at; empty where they are."""
    if design.method.traits.counted_unsolved:
        return ""
    named = [name for name in METHODS if method_named(name).traits.counted_unsolved]
    return f"counted for {', '.join(named)} only"


def _in_n(appraise: Appraiser, design: Design, lifted: Lifted, what: str) -> Crossover:
    reason = _n_is_not_varied(design, lifted)
    if reason:
        return no_crossover("n", what, reason)
    lift = replace(design.at.lift, rescaling=lifted.gamma)

    def at(exponent: int) -> Appraisal:
        return appraise(replace(design.at, source=at_size(design.at.source, exponent), lift=lift))

    smallest = max(SMALLEST_EXPONENT, least_exponent(design.at.source))
    try:
        found, largest = _first_sizes(at, smallest), at(LARGEST_EXPONENT)
    except REFUSALS as refusal:
        return no_crossover(
            "n", what, f"its circuit is not counted at larger n: {' '.join(str(refusal).split())}"
        )
    program, probability = largest.program, largest.design.plan.copy_probability
    note = (
        f"at n = 2^{LARGEST_EXPONENT} a run gives theta(T) with probability {probability:.2g}, readout included, and "
        f"the classical program ({program.name}) takes {float(program.flops or 0):.3g} flops"
    )
    is_found = any(found.values())
    told = "the least power of two" if is_found else f"none found up to n = 2^{LARGEST_EXPONENT}"
    return Crossover(
        quantity="n",
        what=what,
        found={key: None if exponent is None else 2**exponent for key, exponent in found.items()},
        seconds={key: None if exponent is None else at(exponent).seconds for key, exponent in found.items()},
        reason=f"{told}; {note}",
    )


def _first_sizes(at: Callable[[int], Appraisal], smallest: int) -> dict[str, int | None]:
    """Return the least exponent at which each machine is slower than the quantum runs."""
    return {
        key: first_where(lambda exponent, m=machine: _is_below(at(exponent), m), smallest, LARGEST_EXPONENT)  # type: ignore[misc]
        for key, machine in MACHINES.items()
    }


def _n_is_not_varied(design: Design, lifted: Lifted) -> str:
    if lifted.is_shaped:
        return "the shape is of one n, and a run reads each of its entries, like a classical step"
    source = design.at.source
    if not n_is_free(source, lifted):
        return why_n_is_fixed(source, lifted)
    return why_not_counted(design) or design.readout.omits


def _in_steps(appraise: Appraiser, design: Design, lifted: Lifted, what: str) -> Crossover:
    """Look at 1 step, at twice the steps and at 2^`MOST_DOUBLINGS` times as many, and between where it pays there."""
    steps, source = lifted.steps, design.at.source
    reason = why_steps_are_fixed(source, lifted) or why_not_counted(design) or design.readout.omits
    most = steps * 2**MOST_DOUBLINGS
    if not reason and not is_followed(lifted):
        reason = "more steps of so many entries are not followed"
    if reason:
        return no_crossover("T", what, reason)

    def at(count: int) -> Appraisal:
        return appraise(replace(design.at, source=at_point(source, steps=count)))

    try:
        ratios = {count: at(count).ratio for count in (1, steps, most)}
        found: dict[str, int | None] = {
            key: next((count for count in _steps_tried(steps, ratios) if _is_below(at(count), machine)), None)
            for key, machine in MACHINES.items()
        }
    except REFUSALS as refusal:
        return no_crossover(
            "T", what, f"another number of steps is refused: {' '.join(str(refusal).split())}"
        )
    shown = ", ".join(
        f"{float(ratio):.3g} at T = {count}" for count, ratio in ratios.items() if ratio is not None
    )
    is_found = any(found.values())
    told = "the number nearest to that of the spec among its halves and doubles" if is_found else "none found"
    sides = f"quantum{_alone(design)} over classical on one core"
    return Crossover(
        quantity="T",
        what=what,
        found=found,
        seconds={key: None if count is None else at(count).seconds for key, count in found.items()},
        reason=f"{told} from 1 to {most} steps; {sides}: {shown or 'not known'}",
    )


def _alone(design: Design) -> str:
    """Say that a readout with circuits of many uses is priced by these uses where it is large, as `Appraiser` does."""
    is_large = design.readout.amplifies and not isinstance(design.goal, Observables)
    return f" (where over {COUNTED} weights are read, their uses of a run alone)" if is_large else ""


def _steps_tried(steps: int, ratios: dict[int, Fraction | None]) -> list[int]:
    """Return the numbers of steps to look at, from the nearest on, towards the ends at which the ratio is smaller."""
    now = ratios[steps]
    if now is None:
        return []
    fewer = [steps >> k for k in range(1, steps.bit_length())]
    more = [steps << k for k in range(1, MOST_DOUBLINGS + 1)]
    ends = {1: [count for count in fewer if count > 1] + [1], steps << MOST_DOUBLINGS: more}
    tried: list[int] = []
    for end, counts in ends.items():
        ratio = ratios[end]
        if ratio is not None and ratio < now and ratio < 1:
            tried += counts
    return sorted(tried, key=lambda count: max(count / steps, steps / count))


def _in_probability(appraise: Appraiser, design: Design, what: str) -> Crossover:
    """Find p at which path sampling takes as long as the quantum runs, and whether another program is faster there."""
    paths = next((one for one in design.programs if one.name == PATHS and one.applies), None)
    reason = why_not_counted(design)
    if paths is None:
        reason = reason or "no program that is offered takes longer as p falls: path sampling does not apply"
    elif not _grows_as_root(design):
        reason = reason or "these runs grow as 1/p, as path sampling does"
    if reason or paths is None:
        return no_crossover("p", what, reason)
    quantum = appraise(design.at).seconds
    if quantum is None:
        return no_crossover("p", what, "no way to run it is known")
    others = [one.flops for one in design.programs if one.flops is not None and one is not paths]
    found: dict[str, float | None] = dict.fromkeys(MACHINES)
    seconds: dict[str, Fraction | None] = dict.fromkeys(MACHINES)
    for key, machine in MACHINES.items():
        sampled = paths.seconds_on(machine)
        time = quantum * quantum / sampled
        if sampled < quantum and all(machine.seconds(flops) > time for flops in others):
            found[key] = rounded_down(design.plan.copy_probability * float((sampled / quantum) ** 2), 3)
            seconds[key] = time
    told = (
        "path sampling takes as long there: it grows as 1/p, these runs as 1/sqrt(p)"
        if any(seconds.values())
        else "where path sampling would take as long, another program is faster"
    )
    return Crossover(quantity="p", what=what, found=found, seconds=seconds, reason=told)


def _grows_as_root(design: Design) -> bool:
    """Whether the uses of a run grow as 1/sqrt(p): its circuits amplify."""
    return design.readout.amplifies and design.readout.method != "sampling"


def _is_below(one: Appraisal, machine: Machine) -> bool:
    """Whether the quantum runs are faster than a machine that holds a program; without one nothing is said."""
    held = fitting(one.design.programs, machine)
    return held is not None and one.seconds is not None and one.seconds < held.seconds_on(machine)


def is_followed(lifted: Lifted) -> bool:
    """Whether trainings of other steps or rates are cheap enough to be looked at beside this one."""
    is_lattice = all(item.lattice is not None for item in lifted.sequence.maps)
    longest: int = lifted.light_cone.flops * 2**MOST_DOUBLINGS
    return longest <= FOLLOWED[is_lattice] and not is_slow_to_invert(lifted)
