"""One way to run a job: data block, code distance, factory and how many of them; qubits, seconds, failures.

Time is the larger of what the data block takes to consume the magic states and what the factories take to
make them; the code distance is the smallest odd one that keeps the failures of the data block within what
the magic states leave of the budget. The probabilities of all causes are added (a bound).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from carlemanc.core.document import Document
from carlemanc.core.double_precision import as_float
from carlemanc.core.formula import Formula, Status
from carlemanc.core.rounding import GUARD
from carlemanc.costs.physical.code import LARGEST_DISTANCE, patch_qubits
from carlemanc.costs.physical.factories import Factory
from carlemanc.costs.physical.hardware import Hardware
from carlemanc.costs.physical.job import LogicalJob
from carlemanc.costs.physical.layout import Layout

QUBITS = "patches of 2 d^2 qubits and the factories, d the least odd distance within the failure budget"
TIME = "the longer of what the data block takes to consume the magic states and the factories to make them"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalCost(Document):
    """A point of the frontier.

    Attributes:
        model: layout and factory in words.
        hardware: name of the preset.
        distance: code distance of the data block.
        patches: logical patches, routing included.
        factory: name; `factories`: how many, 0 where no magic state is needed.
        qubits: physical qubits, factories included.
        time: seconds, exact.
        failure_probability: bound on the probability that anything goes wrong.
        sources: keys of `CITATIONS`: of the layout, its error model and the factory.
        status: of the times of the layout.
    """

    hardware: str
    layout: str
    distance: int
    patches: int
    factory: str
    factories: int
    qubits: int
    time: Fraction
    failure_probability: float
    sources: tuple[str, ...] = ()
    status: Status = "published"

    KEYS = "model qubits seconds code_distance=distance patches factories failure_probability"

    def formula(self, text: str) -> Formula:
        """Return `QUBITS` or `TIME` with the sources of this layout, code and factory."""
        status: Status = self.status if text == TIME else "published"
        return Formula(text=text, status=status, sources=self.sources)

    @property
    def model(self) -> str:
        """What was priced, in words."""
        made = f"{self.factories} x {self.factory}" if self.factories else "no magic states"
        return f"{self.hardware}: {self.layout} data block, {made}"

    @property
    def seconds(self) -> float:
        """Time in seconds; infinite beyond the range of floats."""
        return as_float(self.time)

    @property
    def volume(self) -> Fraction:
        """Physical qubits times seconds."""
        return self.qubits * self.time


def physical_cost(
    job: LogicalJob,
    hardware: Hardware,
    layout: Layout,
    factory: Factory,
    factories: int,
    *,
    failure_budget: float,
    largest_distance: int | None = None,
) -> PhysicalCost | None:
    """Return the cost with so many factories, or None where the budget cannot be met with this factory.

    Args:
        job: what to run.
        hardware: below the threshold of the code.
        layout: data block.
        factory: one for the error rate of the hardware.
        factories: at least 1.
        failure_budget: probability that the whole job fails, in (0, 1).
        largest_distance: a distance that is known to be enough, such as that of the same with fewer factories
            (which take longer): the least is looked for from there downward.

    Raises InputError for hardware at or above the threshold, or a budget outside (0, 1).
    """
    hardware.check(failure_budget)
    bad_states = factory.failures(job)
    if bad_states >= failure_budget:
        return None
    generation = factory.generation_cycles(job) * hardware.cycle / factories
    patches = layout.patches(job.qubits)
    left = failure_budget - bad_states
    search = _Search(
        block=_block(layout, job, hardware),
        generation=generation,
        patches=patches,
        log_budget=math.log(left),
    )
    found = search.smallest() if largest_distance is None else search.smallest_from(largest_distance)
    if found is None:
        return None
    distance, time, data_failures = found
    used = factories if job.t_states else 0
    return PhysicalCost(
        hardware=hardware.name,
        layout=layout.name,
        distance=distance,
        patches=patches,
        factory=factory.name,
        factories=used,
        qubits=patches * patch_qubits(distance) + used * factory.qubits,
        time=time,
        failure_probability=bad_states + data_failures,
        sources=tuple(dict.fromkeys((*layout.sources, *((factory.source,) if used else ())))),
        status=layout.status,
    )


def saturating_factories(job: LogicalJob, hardware: Hardware, layout: Layout, factory: Factory) -> int:
    """Return the number of factories beyond which the data block is the bottleneck, at distance 3 at least 1.

    A larger distance only lowers the number, so no useful point lies above it.
    """
    consumption = _block(layout, job, hardware).seconds(3)
    if not consumption:
        return 1
    return max(1, math.ceil(factory.generation_cycles(job) * hardware.cycle / consumption))


def least_block(
    job: LogicalJob, hardware: Hardware, layout: Layout, failure_budget: float
) -> tuple[int, Fraction] | None:
    """Return qubits and seconds of a data block with magic states at hand; no cost has less. None where none does."""
    patches = layout.patches(job.qubits)
    search = _Search(
        block=_block(layout, job, hardware),
        generation=Fraction(0),
        patches=patches,
        log_budget=math.log(failure_budget),
    )
    found = search.smallest()
    return None if found is None else (patches * patch_qubits(found[0]), found[1])


def volume_bound(
    job: LogicalJob, hardware: Hardware, factory: Factory, qubits: int, time: Fraction
) -> Fraction:
    """Return what qubits times seconds are at least with this factory.

    Args:
        qubits, time: those of the data block (`least_block`) with one factory.

    k factories of f qubits take max(time, G/k) seconds, and (block + k f) G/k falls with k up to k = G/time
    (derived here).
    """
    if not job.t_states:
        return qubits * time
    beyond = factory.generation_cycles(job) * hardware.cycle - time
    return qubits * time + factory.qubits * max(Fraction(0), beyond)


class _Block:
    """A data block that holds a job: its seconds and failures at every distance, each worked out once."""

    def __init__(self, layout: Layout, job: LogicalJob, hardware: Hardware) -> None:
        self._layout, self._job, self._hardware = layout, job, hardware
        self._seconds: dict[int, Fraction] = {}

    def seconds(self, distance: int) -> Fraction:
        """Return what the job takes with magic states at hand."""
        found = self._seconds.get(distance)
        if found is None:
            found = self._layout.consumption(self._job, distance, self._hardware)
            self._seconds[distance] = found
        return found

    def log_failure(self, distance: int, patches: int, time: Fraction) -> float:
        """Return the logarithm of the failures of so many patches in so many seconds."""
        code, cycle = self._layout.code, self._hardware.cycle
        length = cycle.numerator * (distance if code.per == "step" else 1)
        rounds = -(-time.numerator * cycle.denominator // (time.denominator * length))  # a ceiling, exact
        return code.log_failure(distance, self._hardware.physical_error, patches * rounds)


_block = lru_cache(maxsize=64)(_Block)
"""The same job comes with every factory and every number of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """The smallest distance at which the data block stays within its budget; its failures fall with the distance."""

    block: _Block
    generation: Fraction
    patches: int
    log_budget: float

    def at(self, distance: int) -> tuple[int, Fraction, float] | None:
        """Return distance, seconds and failures of the data block, None where they exceed the budget (by `GUARD`)."""
        time = max(self.generation, self.block.seconds(distance))
        failure = self.block.log_failure(distance, self.patches, time)
        return (distance, time, math.exp(failure)) if failure <= self.log_budget + GUARD else None

    def smallest(self) -> tuple[int, Fraction, float] | None:
        """Look upward from 3."""
        for distance in range(3, LARGEST_DISTANCE + 1, 2):
            found = self.at(distance)
            if found is not None:
                return found
        return None

    def smallest_from(self, distance: int) -> tuple[int, Fraction, float] | None:
        """Look downward from a distance that is enough; upward where it is not."""
        found = self.at(distance)
        if found is None:
            return self.smallest()
        while distance > 3 and (smaller := self.at(distance - 2)) is not None:
            found, distance = smaller, distance - 2
        return found
