"""The n from which the quantum runs of a lattice loss take less time than the best classical program known, if any.

T, kappa, the degree and the probabilities are those of the spec at its own n, as bounded or computed there; bounds of
them do not depend on n.
The circuit is counted at three sizes 2^m; its counts are linear in m (the third is a check, as in `closed_form`) and
are continued to 2^200. The weights that can be nonzero, and the flops of the cheapest classical program, are those of
the loss at each n; from 2^`LARGEST_COUNTED` on they are those there, where no start reaches around. The runs that read
theta(T) follow from these weights by the formula of the readout, the physical time by the model of the estimate.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.core.search import first_where
from carlemanc.estimate.classical_baseline import (
    LARGEST_EXPONENT,
    MACHINES,
    ClassicalBaseline,
    Crossover,
    cheapest,
)
from carlemanc.estimate.physical import LogicalJob
from carlemanc.estimate.physical.frontier import hardware_named, least_volume
from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.classical_programs import classical_programs
from carlemanc.pipeline.lattice_sizes import axes_of, n_is_free, size_override
from carlemanc.pipeline.physical import PhysicalEstimate
from carlemanc.pipeline.readout import copy_probability
from carlemanc.solvers.plan import SolverPlan
from carlemanc.solvers.readout import ReadoutPlan, plan_readout
from carlemanc.spec.schema_training import SparseStart

EXPONENTS = (24, 36, 48)
"""n = 2^m counted for the lines in m; multiples of 1, 2 and 3 for lattices of so many dimensions."""
LARGER_EXPONENTS = (36, 48, 60)
"""The same where the start has sites beyond 2^24."""
SMALLEST_EXPONENT = 10
LARGEST_COUNTED = 60
"""n = 2^m up to which the weights that can be nonzero are counted at each n."""
METHODS = ("qsvt", "kernel", "march")
"""Methods whose circuit is counted without phases or weights."""
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


def crossovers(
    circuits: Circuits,
    plan: SolverPlan,
    readout: ReadoutPlan,
    *,
    rotation_t: Fraction,
    hardware: str,
    failure_budget: float,
) -> dict[str, Crossover]:
    """Return the crossovers of reading all weights and of one sample; with the reason where there is none.

    Args:
        circuits, plan, readout: of the estimate.
        rotation_t: T gates of a rotation, on average.
        hardware: preset of the physical cost.
        failure_budget: of a run, at every n: it follows from the probabilities.
    """
    reason = _reason_against(circuits)
    lines = None if reason else _lines(circuits)
    if lines is None:
        reason = reason or "the counts are not linear in log2(n)"
        return {key: _none(what, reason) for key, what in _WHAT.items()}
    growth = _Growth(lines=lines, rotation_t=rotation_t, hardware=hardware, failure_budget=failure_budget)
    partly = _reads_in_part(readout)
    probability = copy_probability(circuits, plan)
    sizes = _sizes_of(circuits)

    def every_weight(exponent: int) -> Fraction:
        at = plan_readout(
            _classical_at(sizes, exponent).support,
            readout.epsilon,
            readout.failure_probability,
            norm=readout.norm,
            largest=readout.largest,
            method=readout.method,
        )
        return Fraction(at.runs(probability))

    def one(exponent: int) -> Fraction:
        return 1 / Fraction(probability)

    found = {"all_weights": every_weight, "one_sample": one}
    largest = _classical_at(sizes, LARGEST_EXPONENT)
    given = f"a run gives theta(T) with probability {probability:.2g}, readout included"
    against = (
        f"the classical program ({largest.program}) takes {float(largest.flops):.3g} flops at the largest n"
    )
    every = {
        "all_weights": f"{given}, and {largest.support} weights can be nonzero; {against}",
        "one_sample": f"{given}, and one sample does not tell it; {against}",
    }
    return {
        key: _none(_WHAT[key], partly)
        if partly and key == "all_weights"
        else _crossover(_WHAT[key], growth, runs, sizes, every[key])
        for key, runs in found.items()
    }


def _reads_in_part(readout: ReadoutPlan) -> str:
    """Why a readout does not read every weight, as gradient descent does; an empty text where it does."""
    if readout.norm == "l2" and readout.largest is None:
        return ""
    what = "the largest weights alone" if readout.largest else "theta(T) to an l_inf error of its 2-norm"
    return f"not compared: this readout reads {what}, gradient descent has every weight"


def baseline_of(
    circuits: Circuits,
    plan: SolverPlan,
    readout: ReadoutPlan,
    physical: PhysicalEstimate,
    rotation_t: Fraction,
) -> ClassicalBaseline | None:
    """The same steps classically; None for a linear system that trains nothing."""
    if circuits.given_system:
        return None
    best = physical.best
    return ClassicalBaseline(
        programs=classical_programs(circuits),
        all_runs=None if best is None else best.time * physical.runs,
        one_sample=None if best is None else best.time / Fraction(copy_probability(circuits, plan)),
        crossovers=crossovers(
            circuits,
            plan,
            readout,
            rotation_t=rotation_t,
            hardware=physical.hardware,
            failure_budget=physical.failure_budget,
        ),
    )


_WHAT = {"all_weights": "reading theta(T)", "one_sample": "one sample of theta(T)"}


def _crossover(
    what: str, growth: _Growth, runs: Callable[[int], Fraction], sizes: _Sizes, note: str
) -> Crossover:
    found: dict[str, int | None] = {}
    smallest = max(SMALLEST_EXPONENT, sizes.least_exponent)
    for key, machine in MACHINES.items():

        def is_below(exponent: int, rate: int = machine.flops_per_second) -> bool:
            seconds = growth.run_seconds(exponent)
            flops = _classical_at(sizes, exponent).flops
            return seconds is not None and seconds * runs(exponent) < Fraction(flops, rate)

        exponent = first_where(is_below, smallest, LARGEST_EXPONENT)
        found[key] = None if exponent is None else 2**exponent
    if any(found.values()):
        return Crossover(what=what, found=found, reason=f"the least power of two; {note}")
    return Crossover(what=what, found=found, reason=f"none found up to n = 2^{LARGEST_EXPONENT}; {note}")


def _none(what: str, reason: str) -> Crossover:
    return Crossover(what=what, found=dict.fromkeys(MACHINES), reason=reason)


def _reason_against(circuits: Circuits) -> str:
    if circuits.given_system:
        return "a matrix from a file has no other sizes"
    if circuits.is_shaped:
        return "the shape is of one n, and a run reads each of its entries, like a classical step"
    if not n_is_free(circuits):
        fixed = "its data fix n" if circuits.spec.data is not None else "it is written for this n"
        return f"the model has no other sizes: {fixed}, and a run loads each of its coefficients, like a classical step"
    if circuits.method not in METHODS:
        return f"counted for {', '.join(METHODS)} only"
    return ""


def _lines(circuits: Circuits) -> dict[str, _Line] | None:
    """Return the counts of a run as lines in m; those of one spec at all its n are the same."""
    return _counted_lines(_sizes_of(circuits))


def _sizes_of(circuits: Circuits) -> _Sizes:
    tables = circuits.spec.to_dict()
    key = json.dumps({k: v for k, v in tables.items() if k != "name"}, sort_keys=True, default=str)
    return _Sizes(circuits=circuits, key=(_without_size(key, circuits), circuits.gamma))


def _without_size(text: str, circuits: Circuits) -> str:
    document = json.loads(text)
    document["model"] = {k: v for k, v in document.get("model", {}).items() if k not in ("n", "dims")}
    degree = circuits.counted_plan.degree
    return json.dumps([document, axes_of(circuits), degree, circuits.spec.origin], sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sizes:
    """A spec as the cache sees it: equal where only n differs."""

    circuits: Circuits
    key: tuple[str, float]

    def at(self, exponent: int) -> Circuits:
        """Return the circuits at n = 2^m, with the same gamma; as nearly a cube as whole exponents allow."""
        circuits = self.circuits
        overrides = (size_override(circuits, exponent), f"carleman.rescaling={circuits.gamma!r}")
        return Circuits(circuits.spec, overrides, synthesized=circuits.synthesized)

    @property
    def least_exponent(self) -> int:
        """The least m at which every site of the start exists."""
        initial = self.circuits.spec.training.initial
        sites = initial.sparse if isinstance(initial, SparseStart) else {}
        return max((int(site).bit_length() for site in sites), default=0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sizes) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Classical:
    """The cheapest classical program at one n, and how many weights can be nonzero at T."""

    program: str
    flops: int
    support: int


@lru_cache(maxsize=1024)
def _classical_at(sizes: _Sizes, exponent: int) -> _Classical:
    """Return the classical side at n = 2^m."""
    other = sizes.at(min(exponent, LARGEST_COUNTED))
    best = cheapest(classical_programs(other))
    return _Classical(program=best.name, flops=best.flops or 0, support=other.support)


@lru_cache(maxsize=64)
def _counted_lines(sizes: _Sizes) -> dict[str, _Line] | None:
    circuits = sizes.circuits
    plan, found = circuits.counted_plan, []
    exponents = EXPONENTS if sizes.least_exponent <= EXPONENTS[0] else LARGER_EXPONENTS
    for exponent in exponents:
        counts = BloqCounter().count(sizes.at(exponent).circuit_of(plan))
        found.append((counts.t, counts.toffoli, counts.rotation_count, counts.measurements, counts.qubits))
    (low, middle, high), lines = exponents, {}
    for name, first, second, third in zip(_COUNTS, *found, strict=True):
        slope = Fraction(third - first, high - low)
        if first + slope * (middle - low) != second:
            return None
        lines[name] = _Line(start=first - slope * low, slope=slope)
    return lines
