"""Tomography by sampling: counts of two circuits in, a signed vector with its error out.

`ReadoutSource` is whatever runs the two circuits: `SampledState` draws from exact amplitudes of one final state (a
multinomial draw per circuit), a device runs them. The vector is in units of the circuit's amplitudes, not
normalized: dividing by the plan's amplitude scale gives the solution, norm included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.readout.copies import Copies
from carlemanc.readout.ways.sampling import claimed_error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Outcomes of `shots` runs of the plain circuit.

    Args:
        shots: runs.
        successes: runs that ended with all ancillas |0>.
        entries: (d,) runs that ended on each entry read.
    """

    shots: int
    successes: int
    entries: IntArray


class ReadoutSource(Protocol):
    """Runs the solver circuit and the sign circuit."""

    def sample(self, shots: int) -> Counts:
        """Run the solver circuit."""
        ...

    def sample_signs(self, reference: FloatArray, shots: int) -> tuple[IntArray, IntArray]:
        """Run the sign circuit against a unit vector (d,): counts per entry with flag 0, with flag 1."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampledState:
    """Shots drawn from the exact amplitudes of one final state.

    Args:
        amplitudes: (..., d) of the entries read, all ancillas |0>; leading axes (times T..T+p) are outcomes of their
            own and are added up.
        success_probability: of all ancillas |0>.
        rng: the draws.
    """

    amplitudes: FloatArray
    success_probability: float
    rng: np.random.Generator

    def sample(self, shots: int) -> Counts:
        """Draw from the final state."""
        wanted = np.square(self.amplitudes).reshape(-1, self.amplitudes.shape[-1]).sum(axis=0)
        other = max(0.0, self.success_probability - float(wanted.sum()))
        drawn = _multinomial(self.rng, shots, np.append(wanted, other))
        return Counts(shots=shots, successes=int(drawn.sum()), entries=drawn[:-1])

    def sample_signs(self, reference: FloatArray, shots: int) -> tuple[IntArray, IntArray]:
        """Draw from (f + r)^2/4 and (f - r)^2/4, the final state of the sign circuit (tested against it)."""
        table = self.amplitudes.reshape(-1, self.amplitudes.shape[-1])
        spread = reference / math.sqrt(len(table))
        odds = [np.square(table + sign * spread).sum(axis=0) / 4 for sign in (1, -1)]
        drawn = _multinomial(self.rng, shots, np.concatenate(odds))
        return drawn[: len(reference)], drawn[len(reference) :]


def _multinomial(rng: np.random.Generator, shots: int, odds: FloatArray) -> IntArray:
    """Draw the outcomes with these probabilities; what is missing to 1 is an outcome that is not returned."""
    rest = max(0.0, 1.0 - float(odds.sum()))
    whole = np.append(odds, rest)
    return np.asarray(rng.multinomial(shots, whole / whole.sum())[:-1], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tomography:
    """A signed vector from shots.

    Args:
        amplitudes: (d,) estimates in units of the circuit's amplitudes.
        magnitude_shots, sign_shots: runs of the two circuits.
        successes: runs of the plain circuit with all ancillas |0>.
        copies: of these, runs that ended on an entry read.
        sign_copies: runs of the sign circuit that ended on one, with either flag.
        error_bound: l2 (or l_inf) error of `amplitudes` that holds with the plan's probability; inf without signs.
        error_estimate: root mean square l2 error expected at the estimates (asymptotic).
    """

    amplitudes: FloatArray
    magnitude_shots: int
    sign_shots: int
    successes: int
    copies: int
    sign_copies: int
    error_bound: float
    error_estimate: float

    @property
    def shots(self) -> int:
        """Runs of both circuits."""
        return self.magnitude_shots + self.sign_shots

    @property
    def success_probability(self) -> float:
        """Measured, of the plain circuit."""
        return self.successes / self.magnitude_shots


def read_vector(source: ReadoutSource, plan: Copies, shots: int) -> Tomography:
    """Read the vector with `shots` runs in all, split as the plan splits them.

    Magnitudes are square roots of frequencies; signs come from the interference with the reference state of these
    magnitudes ([kerenidis_prakash2020], and section 5 of [apeldoorn2022], which is also the classical-guess
    variant: any reference does). Entries that were never seen are 0 and have no sign.
    """
    first = min(shots - 1, max(1, round(shots * plan.magnitude_share)))
    counts = source.sample(first)
    magnitudes = np.sqrt(counts.entries / first)
    if plan.largest is not None:
        magnitudes = kept(magnitudes, plan.largest)
    norm, second = float(np.linalg.norm(magnitudes)), shots - first
    plus = minus = np.zeros(len(magnitudes), dtype=np.int64)
    if norm > 0:
        plus, minus = source.sample_signs(magnitudes / norm, second)
    signs = np.where(minus > plus, -1.0, 1.0)
    return Tomography(
        amplitudes=signs * magnitudes,
        magnitude_shots=first,
        sign_shots=second,
        successes=counts.successes,
        copies=int(counts.entries.sum()),
        sign_copies=int(plus.sum() + minus.sum()),
        error_bound=claimed_error(plan, first, second),
        error_estimate=_expected_error(magnitudes, first, second),
    )


def kept(values: FloatArray, number: int) -> FloatArray:
    """Return the entries of largest magnitude, all others zero; earlier ones first among equals."""
    found = np.zeros_like(values)
    largest = np.argsort(-np.abs(values), kind="stable")[:number]
    found[largest] = values[largest]
    return found


def _expected_error(magnitudes: FloatArray, first: int, second: int) -> float:
    """Root mean square error: (1 - p_i)/(4 N) of each entry seen, and (2 x_i)^2 e^(-M x_i^2) for its sign."""
    odds = np.square(magnitudes)
    seen = odds > 0
    square = np.sum((1 - odds[seen]) / (4 * first) + 4 * odds[seen] * np.exp(-second * odds[seen]))
    return math.sqrt(float(square))
