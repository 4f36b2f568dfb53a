r"""The T-th power of a symmetric matrix by few products with it: its Chebyshev series on an interval of the spectrum.

On [low, high] let x = c + h y, y in [-1, 1], and rho = |c| + h. With c >= 0 the coefficients of x^T in T_j(y) are
positive: (x / rho)^T is the generating function of a walk of T steps that stays with probability c / rho and moves by
one to either side with h / (2 rho) each, so that its coefficients are the chances s_j to stand at distance j
(x = rho (c / rho + (h / rho)(z + 1/z) / 2) with y = (z + 1/z) / 2; for c < 0 signs alternate). Cutting the series at
degree K therefore errs by at most, and at y = 1 (-1) by exactly,

    rho^T sum_{j > K} s_j <= 2 rho^T exp(-K^2 / 2T)   (Hoeffding; cited as Sachdeva and Vishnoi's bound),

which holds for 1 + x + ... + x^(T-1) with the sum over its powers in place of the first. The coefficients are read
off a discrete Fourier transform, whose length leaves chances below 1e-17 out. Proved (derived here), to rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from carlemanc.core.arrays import FloatArray

_LEFT_OUT = 40.0
"""ln of the inverse of the chances beyond the transform."""
LEAST_SHARE = 1e-13
"""Remainders below this share of the whole are not told from rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """low <= x <= high for every eigenvalue x."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """c."""
        return 0.5 * (self.low + self.high)

    @property
    def half(self) -> float:
        """h."""
        return 0.5 * (self.high - self.low)

    @property
    def largest(self) -> float:
        """rho, the largest absolute value."""
        return max(abs(self.low), abs(self.high))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """A Chebyshev series on an interval.

    Attributes:
        coefficients: of T_0, T_1, ..., as far as they are told from rounding.
        remainders: `remainders[K]` bounds what is left out beyond degree K, everywhere on the interval.
    """

    coefficients: FloatArray
    remainders: FloatArray

    @property
    def whole(self) -> float:
        """A bound of the function itself."""
        return (float(np.abs(self.coefficients).sum()) + self.remainder(len(self.remainders))) * (1 + 1e-9)

    def remainder(self, degree: int) -> float:
        """Return the bound for a degree."""
        return float(self.remainders[min(degree, len(self.remainders) - 1)])


@lru_cache(maxsize=256)
def power(interval: Interval, steps: int) -> Series:
    """Return the series of x^T, T >= 1. rho^T must be a double."""
    middle, half = abs(interval.middle), interval.half
    absolute = _transformed(_power(middle, half, steps), steps)
    signs = (-1.0) ** (steps + np.arange(len(absolute))) if interval.middle < 0 else 1.0
    return Series(coefficients=absolute * signs, remainders=_remainders(absolute))


@lru_cache(maxsize=256)
def geometric(interval: Interval, steps: int) -> Series:
    """Return the series of 1 + x + ... + x^(T-1), T >= 1. rho^T must be a double."""
    middle, half = interval.middle, interval.half
    own = _transformed(_geometric(middle, half, steps), steps)
    absolute = own if middle >= 0 else _transformed(_geometric(-middle, half, steps), steps)
    return Series(coefficients=own, remainders=_remainders(absolute))


def _known(steps: int) -> int:
    """Return up to which degree coefficients are told from rounding."""
    return min(steps, math.ceil(math.sqrt(2.0 * steps * _LEFT_OUT)))


def _waves(steps: int) -> FloatArray:
    """Return sin^2 of half the angles of the transform: y = 1 - 2 sin^2."""
    length = 4 << _known(steps).bit_length()
    return np.asarray(np.sin(math.pi * np.arange(length) / length) ** 2)


def _power(middle: float, half: float, steps: int) -> FloatArray:
    """Return x^T at x = c + h y, c >= 0; powers by logarithms, which keep their digits for any T."""
    largest = middle + half
    if not largest:
        return np.zeros(len(_waves(steps)))
    shares = 1.0 - 2.0 * half / largest * _waves(steps)
    with np.errstate(divide="ignore"):
        logs = steps * (math.log(largest) + np.log1p(np.abs(shares) - 1.0))
    return np.asarray(np.sign(shares) ** (steps % 2 or 2) * np.exp(logs))


def _geometric(middle: float, half: float, steps: int) -> FloatArray:
    """Return (1 - x^T) / (1 - x) at x = c + h y, T at x = 1."""
    less = (middle + half - 1.0) - 2.0 * half * _waves(steps)  # x - 1
    values = np.full(len(less), float(steps))
    above = np.flatnonzero((less > -1.0) & (less != 0.0))
    values[above] = np.expm1(steps * np.log1p(less[above])) / less[above]
    below = np.flatnonzero(less <= -1.0)
    values[below] = ((1.0 + less[below]) ** steps - 1.0) / less[below]
    return values


def _transformed(values: FloatArray, steps: int) -> FloatArray:
    """Return the coefficients in T_0, T_1, ... of a function given at the angles of `_waves`."""
    found = np.fft.rfft(values).real[: _known(steps) + 1] / len(values)
    found[1:] *= 2.0
    return np.asarray(found)


def _remainders(absolute: FloatArray) -> FloatArray:
    """Return the sums beyond each degree, and what rounding may hide."""
    sizes = np.abs(absolute)
    beyond = np.concatenate([np.cumsum(sizes[:0:-1])[::-1], [0.0]])
    return np.asarray(beyond + LEAST_SHARE * float(sizes.sum()))
