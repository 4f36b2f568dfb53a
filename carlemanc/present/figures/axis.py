"""Axes of a chart: where exact numbers of any size stand, and the ticks of their logarithm."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, log10

from carlemanc.present.number_words import power_of_ten, superscript

Number = int | float

_LARGEST_LINEAR = 10**15
"""Numbers above this stand on a logarithmic axis, however close to each other they are."""


def has_place(value: Number, most: Number) -> bool:
    """Whether a number can stand on an axis with `most`: numbers that large need a logarithm, which 0 has not."""
    return value > 0 or most <= _LARGEST_LINEAR


class Axis:
    """Where numbers stand on one axis, and which ticks it has; each of them `has_place` beside the largest."""

    def __init__(self, values: Sequence[Number]) -> None:
        self.least, self.most = min(values), max(values)
        ratio = Fraction(self.most) / Fraction(self.least) if self.least > 0 else 0
        self.is_log = ratio >= 4 or (self.least > 0 and self.most > _LARGEST_LINEAR)
        self.powers_of_two = all(isinstance(v, int) and v > 0 and v & (v - 1) == 0 for v in values)
        self.values = sorted(set(values))

    def place(self, value: Number) -> float:
        """Return the coordinate of a number."""
        return log10_of(value) if self.is_log else float(value)

    def ticks(self) -> tuple[list[float], list[str]]:
        """Return places and labels."""
        if not self.is_log:
            return self._linear_ticks()
        if self.powers_of_two and self.most > 64 * self.least:
            return self._power_ticks(2)
        if log10_of(self.most) - log10_of(self.least) >= 2:
            return self._power_ticks(10)
        return self._ticks_within_decades()

    def limits(self) -> tuple[float, float]:
        """Return the ends of the axis: a margin around the numbers."""
        low, high = self.place(self.least), self.place(self.most)
        margin = 0.06 * (high - low) or (0.5 if self.is_log else max(abs(high) * 0.5, 0.5))
        return low - margin, high + margin

    def _power_ticks(self, base: int) -> tuple[list[float], list[str]]:
        unit = log10(base)
        low, high = ceil(log10_of(self.least) / unit - 0.3), floor(log10_of(self.most) / unit + 0.3)
        step = max(1, ceil((high - low) / 6))
        exponents = range(low, high + 1, step)
        return [e * unit for e in exponents], [f"{base}{superscript(e)}" for e in exponents]

    def _ticks_within_decades(self) -> tuple[list[float], list[str]]:
        decade = floor(log10_of(self.least))
        found = [
            Fraction(mantissa) * Fraction(10) ** exponent
            for exponent in range(decade, decade + 4)
            for mantissa in (1, 2, 5)
        ]
        low, high = self.limits()
        kept = [value for value in found if low <= log10_of(value) <= high]
        return [log10_of(value) for value in kept], [_tick_text(value) for value in kept]

    def _linear_ticks(self) -> tuple[list[float], list[str]]:
        span = float(self.most) - float(self.least)
        gaps = [float(b) - float(a) for a, b in pairwise(self.values)]
        if len(self.values) <= 6 and (not gaps or min(gaps) >= span / 8):
            return [float(value) for value in self.values], [_tick_text(value) for value in self.values]
        raw = span / 5
        size = 10.0 ** floor(log10(raw))
        step = next(size * m for m in (1, 2, 5, 10) if size * m >= raw)
        start = ceil(float(self.least) / step)
        count = floor(float(self.most) / step) - start + 1
        places = [(start + k) * step for k in range(count)]
        return places, [_tick_text(Fraction(start + k) * Fraction(step)) for k in range(count)]


def _tick_text(value: Number | Fraction) -> str:
    exact = Fraction(value)
    if exact and not Fraction(1, 1000) <= abs(exact) < 1_000_000:
        return power_of_ten(exact, 3, zeros=False)
    return f"{int(exact):,}" if exact.denominator == 1 else f"{float(exact):.4g}"


def log10_of(value: Number | Fraction) -> float:
    """log10 of a positive number of any size."""
    if isinstance(value, Fraction):
        return log10(value.numerator) - log10(value.denominator)
    return log10(value)
