r"""Amplitude estimation of a success probability, hence of ||x||: iterative, without phase estimation; and counted.

Iterative estimation [grinko2021] runs the amplified circuit with k rounds, whose success is $\sin^2((2k+1)\theta)$,
for growing k: as long as (2k + 1) times the interval of theta stays in one half-plane the measured frequency tells
which angle it was. The interval holds with probability 1 - delta (a union bound over its rounds); every use of the
circuit or its adjoint is counted.

By phase estimation [bhmt2002, Theorem 12] with M iterates the error is at most $2\pi\sqrt{p(1-p)}/M + \pi^2/M^2$ with
probability 8/pi^2: counted only.

References: [grinko2021] Grinko, Gacon, Zoufal, Woerner, arXiv:1912.05559, Algorithm 1 and Theorem 1 (from memory;
coverage tested); [brassard2002] arXiv:quant-ph/0005055 (second-hand quotation).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.stats import beta

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import ceiling

if TYPE_CHECKING:
    from qualtran import Bloq

Sampler = Callable[[int, int], int]
"""(rounds k, shots) -> how many shots succeeded."""
_SHOTS = 100
_GROWTH = 2.0
"""Least factor between (2k + 1) of one round and the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmplitudeEstimate:
    """A confidence interval of a success probability.

    Args:
        low, high: the interval; it holds with probability 1 - delta.
        runs: uses of the circuit or its adjoint, (2k + 1) a shot.
        shots: circuits run.
        deepest: the largest number of rounds k used.
    """

    low: float
    high: float
    runs: int
    shots: int
    deepest: int

    @property
    def probability(self) -> float:
        """The middle of the interval."""
        return (self.low + self.high) / 2

    def norm(self, amplitude_scale: float) -> tuple[float, float]:
        """Return ||x|| and half the width of its interval, the circuit's amplitudes being amplitude_scale x."""
        low, high = (math.sqrt(value) / amplitude_scale for value in (self.low, self.high))
        return (low + high) / 2, (high - low) / 2


def iterate(circuit: Bloq, rounds: int, eps: float = 0.0) -> Bloq:
    """Return the circuit that is sampled: `rounds` plain rounds of amplification around `circuit`."""
    from carlemanc.solvers.amplification_circuit import AmplitudeAmplification

    if not rounds:
        return circuit
    phases = (math.pi,) * rounds
    return AmplitudeAmplification(circuit, phases, phases, 0.0, math.pi * (rounds % 2), eps)


def estimate_probability(sample: Sampler, epsilon: float, delta: float = 0.05) -> AmplitudeEstimate:
    """Return an interval of half width at most epsilon.

    Args:
        sample: runs `iterate(circuit, k)`.
        epsilon: on the probability, in (0, 1/2).
        delta: failure probability.

    Raises InputError for numbers outside their range.
    """
    _check(epsilon, delta)
    stages = max(1, math.ceil(math.log(math.pi / (4 * epsilon), _GROWTH))) + 1
    low, high = 0.0, 0.25  # theta / (2 pi)
    k, upper, runs, shots, deepest = 0, True, 0, 0, 0
    hits = taken = 0
    while _width(low, high) > 2 * epsilon:
        following, is_upper = next_rounds(k, low, high, upper)
        if following != k:
            hits = taken = 0
        k, upper = following, is_upper
        hits += sample(k, _SHOTS)
        taken, shots, runs = taken + _SHOTS, shots + _SHOTS, runs + (2 * k + 1) * _SHOTS
        deepest = max(deepest, k)
        bounds = _clopper_pearson(hits, taken, delta / (stages * _looks(taken)))
        low, high = _narrowed(low, high, 4 * k + 2, bounds, upper)
    return AmplitudeEstimate(
        low=math.sin(2 * math.pi * low) ** 2,
        high=math.sin(2 * math.pi * high) ** 2,
        runs=runs,
        shots=shots,
        deepest=deepest,
    )


def next_rounds(k: int, low: float, high: float, upper: bool) -> tuple[int, bool]:
    """Return the largest k' with (4k' + 2) [low, high] in one half-plane, at least `_GROWTH` further; else k."""
    present = 4 * k + 2
    factor = math.floor(1 / (2 * (high - low)))
    factor -= (factor - 2) % 4
    while factor >= _GROWTH * present:
        start, stop = factor * low % 1, factor * high % 1
        if start <= stop <= 0.5 and factor * (high - low) <= 0.5:
            return (factor - 2) // 4, True
        if 0.5 <= start <= stop and factor * (high - low) <= 0.5:
            return (factor - 2) // 4, False
        factor -= 4
    return k, upper


def iterative_bound(epsilon: float, delta: float) -> float:
    """Return the published bound on the circuit's uses, 50/epsilon ln(2/delta log2(pi/(4 epsilon))) (from memory)."""
    return 50 / epsilon * math.log(2 / delta * math.log2(math.pi / (4 * epsilon)))


def phase_estimation_iterates(probability: float, epsilon: float) -> int:
    """Return the least M with 2 pi sqrt(p(1-p))/M + pi^2/M^2 <= epsilon; 2M + 1 uses, probability 8/pi^2."""
    root = math.sqrt(probability * (1 - probability))
    return ceiling(math.pi * (root + math.sqrt(root**2 + epsilon)) / epsilon)


def norm_epsilon(probability: float, relative: float) -> float:
    """Return the error of p that keeps ||x|| within a relative error: sqrt(p) moves by half as much (derived)."""
    return probability * (1 - (1 - relative) ** 2)


def _narrowed(
    low: float, high: float, factor: int, bounds: tuple[float, float], upper: bool
) -> tuple[float, float]:
    """Intersect the interval of theta/(2 pi) with what a frequency of (1 - cos(2 pi factor theta))/2 says."""
    angles = [math.acos(1 - 2 * value) / (2 * math.pi) for value in bounds]
    if not upper:
        angles = [1 - angles[1], 1 - angles[0]]
    whole = math.floor(factor * low + 1e-12)
    return max(low, (whole + angles[0]) / factor), min(high, (whole + angles[1]) / factor)


def _width(low: float, high: float) -> float:
    return math.sin(2 * math.pi * high) ** 2 - math.sin(2 * math.pi * low) ** 2


def _looks(taken: int) -> float:
    """Share of delta for the i-th look at the same k: i (i + 1), whose inverses sum to 1."""
    look = taken // _SHOTS
    return look * (look + 1)


def _clopper_pearson(hits: int, shots: int, delta: float) -> tuple[float, float]:
    low = beta.ppf(delta / 2, hits, shots - hits + 1) if hits else 0.0
    high = beta.ppf(1 - delta / 2, hits + 1, shots - hits) if hits < shots else 1.0
    return float(low), float(high)


def _check(epsilon: float, delta: float) -> None:
    problems = [
        Problem(where=name, found=repr(value), allowed=allowed)
        for name, value, allowed, good in (
            ("epsilon", epsilon, "a number between 0 and 1/2", 0 < epsilon < 0.5),
            ("delta", delta, "a number between 0 and 1", 0 < delta < 1),
        )
        if not good
    ]
    if problems:
        raise InputError("amplitude estimation needs a precision", problems)
