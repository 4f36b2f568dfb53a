"""Polynomials in place of activations that are none, each with a rigorous remainder on its interval.

`chebyshev` interpolates at the Chebyshev points, `minimax` is the best uniform approximation. Remainders
sup |sigma - p| and sup |sigma' - p'| over the interval are bounds: between grid points at distance h, which
include every kink, a function e departs from its linear interpolant by at most h^2/8 sup |e''| (Taylor);
|sigma''|, |sigma'''| have known bounds, and a Chebyshev series is at most the sum of its |coefficients|.
Rounding of the evaluation is allowed for. (Derived here; proved.) `taylor` fits nothing: the derivatives of
the true function enter the derivatives of the loss (`polynomial.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.polynomial import chebyshev

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.network.activation import Monomial, ScalarFunction, Smooth
from carlemanc.model.network.registry import ACTIVATIONS, activation_named
from carlemanc.model.network.remez import best_uniform

Kind = Literal["chebyshev", "minimax", "taylor"]

KINDS = ("chebyshev", "minimax", "taylor")
MAX_DEGREE = 40
_GRID = 2**17


@dataclass(frozen=True, slots=True, kw_only=True)
class Approximation:
    """What is asked for: a polynomial of `degree` on `interval`, or for taylor the degree of the loss."""

    degree: int
    interval: tuple[float, float] | None = None
    kind: Kind = "chebyshev"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolynomialFit:
    """A polynomial that stands for an activation.

    Attributes:
        name: of the activation.
        kind: chebyshev or minimax.
        interval: (low, high), where the remainders hold.
        coefficients: of T_0..T_degree in the variable that maps the interval onto [-1, 1].
        remainder: a bound on sup |sigma - p| over the interval.
        slope_remainder: a bound on sup |sigma' - p'| over the interval, away from kinks.
    """

    name: str
    kind: Kind
    interval: tuple[float, float]
    coefficients: tuple[float, ...]
    remainder: float
    slope_remainder: float

    @property
    def degree(self) -> int:
        """The degree of the polynomial, at least 1; lower than asked for where leading coefficients vanish."""
        return len(self.coefficients) - 1

    def value(self, z: FloatArray) -> FloatArray:
        """Return p(z)."""
        return np.asarray(chebyshev.chebval(self._scaled(z), self.coefficients))

    def slope(self, z: FloatArray) -> FloatArray:
        """Return p'(z)."""
        derivative = chebyshev.chebder(self.coefficients) / self._half_width()
        return np.asarray(chebyshev.chebval(self._scaled(z), derivative))

    def series(self, z: FloatArray, order: int) -> FloatArray:
        """Return p^(k)(z)/k! for k = 0..order."""
        result = np.zeros((order + 1, *z.shape))
        scaled = self._scaled(z)
        coefficients = np.array(self.coefficients)
        for k in range(min(order, self.degree) + 1):
            result[k] = chebyshev.chebval(scaled, coefficients)
            coefficients = chebyshev.chebder(coefficients) / (self._half_width() * (k + 1))
        return result

    def _half_width(self) -> float:
        return (self.interval[1] - self.interval[0]) / 2

    def _scaled(self, z: FloatArray) -> FloatArray:
        return np.asarray((z - (self.interval[0] + self.interval[1]) / 2) / self._half_width())


def approximate(name: str, request: Approximation | None, where: str) -> ScalarFunction:
    """Return what a network uses for an activation: itself where it is a polynomial or for taylor, else a fit.

    Args:
        name: the activation, a key of ACTIVATIONS.
        request: None for polynomial activations.
        where: the key of the spec, for messages.

    Raises:
        InputError: unknown name; no request for a function that is no polynomial; a degree or an interval
            out of range.
    """
    problems = request_problems(name, request, where)
    if problems:
        raise InputError("The network cannot be approximated.", problems)
    activation = activation_named(name)
    if isinstance(activation, Monomial) or request is None or request.kind == "taylor":
        return activation
    assert request.interval is not None
    return fit(activation, request.degree, request.interval, request.kind)


def request_problems(name: str, request: Approximation | None, where: str) -> list[Problem]:
    """Return everything that is wrong with an activation and its approximation."""
    return [
        Problem(where=where, found=found, allowed=allowed)
        for found, allowed in _request_faults(name, request)
    ]


def _request_faults(name: str, request: Approximation | None) -> Iterator[tuple[str, str]]:
    """Yield what is found and what is allowed instead."""
    if name not in ACTIVATIONS:
        yield repr(name), ", ".join(ACTIVATIONS)
    elif isinstance(activation_named(name), Monomial):
        if request is not None:
            yield f"an approximation of {name}", "none: it is a polynomial"
    elif request is None:
        allowed = 'approximation = { degree = 5, interval = [-2, 2], kind = "chebyshev" }'
        yield f"{name} without an approximation", allowed
    else:
        if request.kind not in KINDS:
            yield f"kind = {request.kind!r}", ", ".join(KINDS)
        if not 1 <= request.degree <= MAX_DEGREE:
            yield f"degree = {request.degree}", f"1 to {MAX_DEGREE}"
        if request.kind == "taylor":
            if request.interval is not None:
                yield "an interval of a taylor approximation", "none"
        elif request.interval is None or not _is_interval(request.interval):
            found = "no interval" if request.interval is None else f"interval = {list(request.interval)}"
            yield found, "[low, high] with -1e6 <= low < high <= 1e6"


def fit(activation: Smooth, degree: int, interval: tuple[float, float], kind: Kind) -> PolynomialFit:
    """Return the polynomial of a kind and its remainders on the interval."""
    low, high = interval
    middle, half = (low + high) / 2, (high - low) / 2
    if kind == "minimax":
        coefficients = best_uniform(
            lambda x: activation.value(middle + half * x),
            degree,
            [(kink - middle) / half for kink in activation.kinks],
        )
    else:
        coefficients = _interpolated(lambda x: activation.value(middle + half * x), degree)
    coefficients = _without_noise(coefficients)
    draft = PolynomialFit(
        name=activation.name,
        kind=kind,
        interval=(low, high),
        coefficients=tuple(coefficients.tolist()),
        remainder=0.0,
        slope_remainder=0.0,
    )
    remainder, slope_remainder = _remainders(activation, draft)
    return replace(draft, remainder=remainder, slope_remainder=slope_remainder)


def _interpolated(function: Callable[[FloatArray], FloatArray], degree: int) -> FloatArray:
    """Return the Chebyshev coefficients of the interpolant at the degree + 1 zeros of T_(degree + 1)."""
    points = chebyshev.chebpts1(degree + 1)
    coefficients = chebyshev.chebvander(points, degree).T @ function(points) * (2.0 / (degree + 1))
    coefficients[0] /= 2
    return np.asarray(coefficients)


def _without_noise(coefficients: FloatArray) -> FloatArray:
    """Return the coefficients with those of rounding size zero and zeros at the end left out.

    Without this a fit of an even function would keep an odd term of size 1e-17, which raises the degree of the map.
    The remainders are those of what is returned.
    """
    size = np.abs(coefficients)
    kept = np.where(size > 64 * np.finfo(np.float64).eps * size.max(), coefficients, 0.0)
    last = int(np.flatnonzero(kept).max(initial=1))
    return np.asarray(kept[: max(last, 1) + 1])


def _remainders(activation: Smooth, polynomial: PolynomialFit) -> tuple[float, float]:
    """Return bounds on sup |sigma - p| and sup |sigma' - p'|; the slope on both sides of a kink."""
    low, high = polynomial.interval
    inside = [kink for kink in activation.kinks if low < kink < high]
    grid = np.union1d(np.linspace(low, high, _GRID + 1), inside)
    step = float(np.diff(grid).max())
    half = (high - low) / 2
    size = [
        float(np.abs(chebyshev.chebder(polynomial.coefficients, order)).sum()) / half**order
        for order in range(4)
    ]
    rounding = 16 * np.finfo(np.float64).eps * (polynomial.degree + 1)
    values, wanted = polynomial.value(grid), activation.value(grid)
    error = float(np.abs(wanted - values).max())
    error += step**2 / 8 * (activation.curvature + size[2])
    error += rounding * (size[0] + float(np.abs(wanted).max()))
    slopes = [activation.slope(grid), _right_slope(activation, grid)]
    slope_error = max(float(np.abs(slope - polynomial.slope(grid)).max()) for slope in slopes)
    slope_error += step**2 / 8 * (activation.jerk + size[3])
    slope_error += rounding * (size[1] * (polynomial.degree + 1) + float(np.abs(slopes).max()))
    return float(error), float(slope_error)


def _right_slope(activation: Smooth, grid: FloatArray) -> FloatArray:
    """Return the slope to the right of each point: it differs from `slope` at kinks alone."""
    slope = np.array(activation.slope(grid))
    for kink in activation.kinks:
        slope[grid == kink] = activation.slope(np.nextafter(np.array(kink), np.inf))
    return slope


def _is_interval(interval: tuple[float, float]) -> bool:
    low, high = interval
    return bool(np.isfinite([low, high]).all()) and -1e6 <= low < high <= 1e6
