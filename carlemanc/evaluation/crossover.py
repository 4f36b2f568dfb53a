"""The n from which the quantum runs of a lattice loss take less time than the best classical program known, if any.

T, kappa, the degree and the probabilities are those of the spec at its own n, as bounded or computed there; bounds of
them do not depend on n.
The circuit is counted at three sizes 2^m; its counts are linear in m (the third is a check, as in `closed_form`) and
are continued to 2^200. The weights that can be nonzero, and the flops of the cheapest classical program, are those of
the loss at each n; from 2^`LARGEST_COUNTED` on they are those there, where no start reaches around. The runs that read
theta(T) follow from these weights by the formula of the readout, the physical time by the model of the estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from carlemanc.access.access import Reading
from carlemanc.classical.question import question_of
from carlemanc.classical.registry import classical_programs
from carlemanc.core.errors import TooLarge
from carlemanc.core.memo import Memo
from carlemanc.core.search import first_where
from carlemanc.costs.classical_baseline import (
    LARGEST_EXPONENT,
    MACHINES,
    ClassicalBaseline,
    Crossover,
    cheapest,
)
from carlemanc.costs.physical import LogicalJob
from carlemanc.costs.physical.frontier import hardware_named, least_volume
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.draft import Draft
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.evaluation.settle import counted_access, settle
from carlemanc.linear_system.lifted import Lift, Lifted
from carlemanc.methods.method import AnyMethod
from carlemanc.methods.plan import Plan
from carlemanc.methods.registry import METHODS, method_named
from carlemanc.programs.bloq_counts import BloqCounter
from carlemanc.readout.weights import AllWeights
from carlemanc.sources.configuration import Configuration
from carlemanc.sources.other_sizes import at_size, family, least_exponent, n_is_free, why_n_is_fixed
from carlemanc.sources.systems import system_of

EXPONENTS = (24, 36, 48)
"""n = 2^m counted for the lines in m; multiples of 1, 2 and 3 for lattices of so many dimensions."""
LARGER_EXPONENTS = (36, 48, 60)
"""The same where the start has sites beyond 2^24."""
SMALLEST_EXPONENT = 10
LARGEST_COUNTED = 60
"""n = 2^m up to which the weights that can be nonzero are counted at each n."""
_COUNTS = ("t", "toffoli", "rotations", "measurements", "qubits")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A count of 2^m sites: start + slope m."""

    start: Fraction
    slope: Fraction

    def at(self, exponent: int) -> int:
        return round(self.start + self.slope * exponent)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Growth:
    """Seconds of a run at n = 2^m."""

    lines: dict[str, _Line]
    rotation_t: Fraction
    """T gates of a rotation."""
    hardware: str
    failure_budget: float

    def run_seconds(self, exponent: int) -> Fraction | None:
        """Return the seconds of one run, None where no factory is good enough."""
        counts = {name: line.at(exponent) for name, line in self.lines.items()}
        job = LogicalJob(
            qubits=counts["qubits"],
            t=counts["t"],
            toffoli=counts["toffoli"],
            rotations=counts["rotations"],
            rotation_t=round(self.rotation_t * counts["rotations"]),
            measurements=counts["measurements"],
        )
        return _seconds(job, self.hardware, self.failure_budget)


@lru_cache(maxsize=4096)
def _seconds(job: LogicalJob, hardware: str, failure_budget: float) -> Fraction | None:
    """Seconds of one run; the same jobs come up for every n of a sweep."""
    best = least_volume(job, hardware_named(hardware), failure_budget=failure_budget)
    return None if best is None else best.time


def baseline_of(
    memo: Memo, design: Design, physical: PhysicalEstimate, rotation_t: Fraction
) -> ClassicalBaseline | None:
    """Return the same steps classically; None for a linear system that trains nothing.

    Args:
        memo: of this process; lines in log n are found again by whatever differs in n alone.
        design: of the run.
        physical: cost of its runs.
        rotation_t: T gates of a rotation, on average.
    """
    if design.lifted is None:
        return None
    best = physical.best
    return ClassicalBaseline(
        programs=classical_programs(design.question),
        all_runs=None if best is None else best.time * physical.runs,
        one_sample=None if best is None else best.time / Fraction(design.plan.copy_probability),
        crossovers=crossovers(memo, design, design.lifted, physical, rotation_t),
    )


_KEYS = ("all_weights", "one_sample")


def crossovers(
    memo: Memo, design: Design, lifted: Lifted, physical: PhysicalEstimate, rotation_t: Fraction
) -> dict[str, Crossover]:
    """Return the crossovers of reading all weights and of one sample; with the reason where there is none.

    The failure budget of a run is the same at every n: it follows from the probabilities.
    """
    names = dict(zip(_KEYS, (f"reading {design.readout.reads}", "one sample of theta(T)"), strict=True))
    reason = _reason_against(design, lifted)
    sizes = None if reason else _sizes_of(memo, design, lifted)
    lines = None
    try:
        lines = None if sizes is None else memo(_counted_lines, memo, sizes)
    except TooLarge as told:
        reason = f"its circuit is not counted at larger n: {told}"
    if sizes is None or lines is None:
        reason = reason or "the counts are not linear in log2(n)"
        return {key: _none(what, reason) for key, what in names.items()}
    growth = _Growth(
        lines=lines,
        rotation_t=rotation_t,
        hardware=physical.hardware,
        failure_budget=physical.failure_budget,
    )
    partly, probability = design.readout.omits, design.plan.copy_probability

    def classical(exponent: int) -> _Classical:
        return memo(_classical_at, memo, sizes, exponent)

    def every_weight(exponent: int) -> Fraction:
        reading = design.goal.plan(classical(exponent), design.readout.epsilon)
        return Fraction(reading.runs(probability))

    def one(exponent: int) -> Fraction:
        return 1 / Fraction(probability)

    found = {"all_weights": every_weight, "one_sample": one}
    largest = classical(LARGEST_EXPONENT)
    given = f"a run gives theta(T) with probability {probability:.2g}, readout included"
    against = (
        f"the classical program ({largest.program}) takes {float(largest.flops):.3g} flops at the largest n"
    )
    every = {
        "all_weights": f"{given}, and {largest.support} weights can be nonzero; {against}",
        "one_sample": f"{given}, and one sample does not tell it; {against}",
    }
    smallest = max(SMALLEST_EXPONENT, least_exponent(sizes.at.source))
    return {
        key: _none(names[key], partly)
        if partly and key == "all_weights"
        else _crossover(names[key], growth, runs, classical, smallest, every[key])
        for key, runs in found.items()
    }


def _crossover(
    what: str,
    growth: _Growth,
    runs: Callable[[int], Fraction],
    classical: Callable[[int], _Classical],
    smallest: int,
    note: str,
) -> Crossover:
    found: dict[str, int | None] = {}
    for key, machine in MACHINES.items():

        def is_below(exponent: int, rate: int = machine.flops_per_second) -> bool:
            seconds = growth.run_seconds(exponent)
            flops = classical(exponent).flops
            return seconds is not None and seconds * runs(exponent) < Fraction(flops, rate)

        exponent = first_where(is_below, smallest, LARGEST_EXPONENT)
        found[key] = None if exponent is None else 2**exponent
    if any(found.values()):
        return Crossover(what=what, found=found, reason=f"the least power of two; {note}")
    return Crossover(what=what, found=found, reason=f"none found up to n = 2^{LARGEST_EXPONENT}; {note}")


def _none(what: str, reason: str) -> Crossover:
    return Crossover(what=what, found=dict.fromkeys(MACHINES), reason=reason)


def _reason_against(design: Design, lifted: Lifted) -> str:
    if lifted.is_shaped:
        return "the shape is of one n, and a run reads each of its entries, like a classical step"
    source = design.at.source
    if not n_is_free(source, lifted):
        return why_n_is_fixed(source, lifted)
    if not design.method.traits.counted_unsolved:
        named = [name for name in METHODS if method_named(name).traits.counted_unsolved]
        return f"counted for {', '.join(named)} only"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    """A design at all its n: equal where only n differs.

    Args:
        family: of the source.
        lift: at its gamma.
        method, reading: of the configuration.
        degree: of the plan.
        at, plan: the configuration and its plan without phases, of one n.
    """

    family: str
    lift: Lift
    method: AnyMethod
    reading: Reading
    degree: int | None
    at: Configuration = field(compare=False)
    plan: Plan = field(compare=False)

    def at_exponent(self, exponent: int) -> Configuration:
        """Return the configuration at n = 2^m, with the same gamma."""
        return replace(self.at, source=at_size(self.at.source, exponent), lift=self.lift)


def _sizes_of(memo: Memo, design: Design, lifted: Lifted) -> _Sizes:
    plan = settle(memo, Draft(at=design.at, shares=design.shares), phases=False).plan
    return _Sizes(
        family=family(design.at.source),
        lift=replace(design.at.lift, rescaling=lifted.gamma),
        method=design.method,
        reading=design.at.reading,
        degree=plan.degree,
        at=design.at,
        plan=plan,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Classical:
    """The cheapest classical program at one n, and how many weights can be nonzero at T."""

    program: str
    flops: int
    support: int


def _classical_at(memo: Memo, sizes: _Sizes, exponent: int) -> _Classical:
    """Return the classical side at n = 2^m."""
    other = sizes.at_exponent(min(exponent, LARGEST_COUNTED))
    lifted = system_of(memo, other.source, other.lift)
    assert isinstance(lifted, Lifted)
    best = cheapest(classical_programs(question_of(lifted, AllWeights(), other.epsilon)))
    return _Classical(program=best.name, flops=best.flops or 0, support=lifted.support)


def _counted_lines(memo: Memo, sizes: _Sizes) -> dict[str, _Line] | None:
    """Return the counts of a run as lines in m."""
    exponents = EXPONENTS if least_exponent(sizes.at.source) <= EXPONENTS[0] else LARGER_EXPONENTS
    found = []
    for exponent in exponents:
        other = sizes.at_exponent(exponent)
        circuit = sizes.method.circuit(sizes.plan, counted_access(memo, other))
        counts = BloqCounter().count(circuit)
        found.append((counts.t, counts.toffoli, counts.rotation_count, counts.measurements, counts.qubits))
    (low, middle, high), lines = exponents, {}
    for name, first, second, third in zip(_COUNTS, *found, strict=True):
        slope = Fraction(third - first, high - low)
        if first + slope * (middle - low) != second:
            return None
        lines[name] = _Line(start=first - slope * low, slope=slope)
    return lines
