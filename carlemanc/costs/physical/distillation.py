"""Rounds of 15-to-1 distillation one after another on the same qubits: factories of any precision.

Tables end at the error rates that were priced when they were made (4.5e-20 a state at p = 1e-3); rounds go on. A unit
takes 15 states of error e on patches of distance d, with p_d the logical error of a patch in a step of d cycles:

* it fails, which is seen, with probability 15 e + 356 p_d, and else its state has error 35 e^3 + 7.1 p_d;
* `space efficient`: 20 patches, 13 steps; `RM prep`: 31 patches, 11 steps, taken where it adds no qubits.

Beverland et al., arXiv:2211.07629, appendix C, as Microsoft's qdk 1.33 computes them (the tests compare). As many units
are made in a round as leave the next one short of states with a probability of at most 1 % by the number of rounds; a
batch that falls short is one more batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from carlemanc.core.rounding import GUARD
from carlemanc.costs.physical.code import BEVERLAND, LARGEST_DISTANCE, patch_qubits

STATES = 15
"""States that a unit takes for one."""
SHORT = Fraction(1, 100)
"""Probability that a batch is short of states in any round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A circuit for one 15-to-1 distillation: patches, and steps of d cycles."""

    name: str
    patches: int
    steps: int

    def qubits(self, number: int, distance: int) -> int:
        """Return the physical qubits of so many."""
        return number * self.patches * patch_qubits(distance)


SPACE_EFFICIENT = Unit(name="15-to-1 space efficient", patches=20, steps=13)
RM_PREP = Unit(name="15-to-1 RM prep", patches=31, steps=11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distillation:
    """What rounds of given distances make.

    Attributes:
        distances: code distance of each round.
        circuits: the unit of each round.
        units: how many run side by side in each round.
        error: error probability of the state.
    """

    distances: tuple[int, ...]
    circuits: tuple[Unit, ...]
    units: tuple[int, ...]
    error: float

    @property
    def qubits(self) -> int:
        """Physical qubits: those of the largest round."""
        rounds = zip(self.circuits, self.units, self.distances, strict=True)
        return max(unit.qubits(number, distance) for unit, number, distance in rounds)

    @property
    def batch_cycles(self) -> int:
        """Cycles of all rounds in sequence."""
        return sum(unit.steps * d for unit, d in zip(self.circuits, self.distances, strict=True))

    @property
    def cycles(self) -> Fraction:
        """Cycles of one state on average, batches that fall short included."""
        return self.batch_cycles / (1 - SHORT)


def distill(physical_error: float, distances: tuple[int, ...]) -> Distillation | None:
    """Return the rounds of these distances, at least one; None where a unit would fail more often than not."""
    errors, failing = [physical_error], []
    for distance in distances:
        patch = BEVERLAND.logical_error(distance, physical_error)
        failing.append(STATES * errors[-1] + 356 * patch)
        errors.append(35 * errors[-1] ** 3 + 7.1 * patch)
    if max(failing) >= 0.5:
        return None
    units, wanted = [], 1
    for failure in reversed(failing):
        units.append(units_for(wanted, failure, float(SHORT / len(distances))))
        wanted = STATES * units[-1]
    units.reverse()
    least = max(SPACE_EFFICIENT.qubits(n, d) for n, d in zip(units, distances, strict=True))
    return Distillation(
        distances=distances,
        circuits=tuple(
            RM_PREP if RM_PREP.qubits(n, d) <= least else SPACE_EFFICIENT
            for n, d in zip(units, distances, strict=True)
        ),
        units=tuple(units),
        error=errors[-1],
    )


def units_for(wanted: int, failure: float, short: float) -> int:
    """Return how many units yield so many states but for a probability `short`, each failing with `failure`."""
    number = wanted
    while 1 - _at_most(number - wanted, number, failure) > short:
        number += 1
    return number


def _at_most(failures: int, number: int, failure: float) -> float:
    """Return the probability of at most so many failures among `number` (binomial)."""
    term, terms = (1 - failure) ** number, []
    for seen in range(failures + 1):
        terms.append(term)
        term *= (number - seen) / (seen + 1) * failure / (1 - failure)
    return math.fsum(terms)


def distances_for(error: float, physical_error: float) -> tuple[int, ...]:
    """Return distances of as few rounds as reach an error: half of it is for the code, the rest for the states."""
    distances: list[int] = []
    while error < physical_error:
        distances.append(_distance(error / 2 / 7.1, physical_error))
        code = 7.1 * BEVERLAND.logical_error(distances[-1], physical_error)
        error = ((error - min(code, error / 2)) / 35) ** (1 / 3)
    return tuple(reversed(distances))


def _distance(patch_error: float, physical_error: float) -> int:
    """Return the least odd distance of a patch with so small an error a step, but for `GUARD`."""
    enough = (
        distance
        for distance in range(3, LARGEST_DISTANCE + 1, 2)
        if BEVERLAND.logical_error(distance, physical_error) <= patch_error * (1 + GUARD)
    )
    return next(enough, LARGEST_DISTANCE)
