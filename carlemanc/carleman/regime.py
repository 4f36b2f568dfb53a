"""The dissipation regime of a map, its start and T, by our named definitions (THEORY 4).

With the majorant g(x) = sum ||G_l Pi_sym|| x^l, x_0 = ||u_in||, mu = 1 - g_1:

- fully dissipative: some rho >= x_0 has g(rho) < rho, equivalently mu > 0 and R < 1, where
  R = min over rho >= x_0 of R_Delta(rho) = (||F_0||/rho + sum_{l>=2} ||F_l|| rho^(l-1)) / mu;
- almost dissipative: not fully, but some rho >= x_0 has g^{(T)}(rho) <= e rho (g^{(T)}: T-fold composition);
- divergent: otherwise.

Both minimized functions are posynomials in rho, convex in log rho, so each has one minimum. For q = 2 the
first regime is the Newton-Kantorovich condition (THEORY 3.2). The definitions are ours, not those of Liu et
al. 2024, whose supplement is not at hand; proved consequences are listed in THEORY 3.4, 4 and 5.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy.typing as npt

from carlemanc.carleman.closed_forms import finite_time_ratio
from carlemanc.carleman.majorant import evaluate
from carlemanc.carleman.norms import largest_norms, norms_of_each, symmetrized_norms
from carlemanc.core.rounding import NOISE
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import Point, point_norm

RegimeName = Literal["fully dissipative", "almost dissipative", "divergent"]
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_DECADES = 12.0
"""How far above x_0 (or how far around 1) the minimizers look, in powers of ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """The regime and the numbers that decided it; inf where a number does not exist (JSON: null)."""

    name: RegimeName
    mu: float
    """1 - ||I + F_1||_2."""
    R: float
    """min over rho >= ||u_in|| of R_Delta(rho); inf if mu <= 0."""
    rho: float
    """Where R is attained."""
    radius: float
    """rho_+, the largest rho with g(rho) <= rho; inf for a contraction without nonlinearity, nan if none."""
    finite_time_ratio: float | None
    """R_T of THEORY 3.5; None unless F_0 = 0 with one nonlinear degree."""
    growth: float | None
    """min over rho >= ||u_in|| of g^{(T)}(rho)/rho, at most e if almost dissipative; None if fully."""

    def to_json(self) -> dict[str, Any]:
        """Return `regime` of an estimate; R is null where no rho decays."""
        mu = self.mu if abs(self.mu) > NOISE else 0.0
        return {"name": self.name, "mu": mu, "R": self.R if mu and math.isfinite(self.R) else None}


def classify(map: PolynomialMap, u_in: npt.ArrayLike | Point, steps: int) -> Regime:
    """Return the regime of `map` for `steps` steps from `u_in` (about the center)."""
    g = tuple(float(norm) for norm in map.symmetric_norms)
    return classify_norms(g, point_norm(u_in), steps)


def classify_sequence(sequence: MapSequence, u_in: npt.ArrayLike | Point) -> Regime:
    """Return the regime of a sequence: that of g with the largest norm of each degree over its maps.

    This g is a majorant of every step, so what is proved of one map holds for the sequence; it is never better
    than the regime of the worst map.
    """
    if sequence.is_constant:
        return classify(sequence.map, u_in, sequence.steps)
    norms = largest_norms(norms_of_each(sequence.maps, symmetrized_norms))
    return classify_norms(norms.steps, point_norm(u_in), sequence.steps)


def classify_norms(g: Sequence[float], x0: float, steps: int) -> Regime:
    """Return the regime from g_l = ||G_l||, l = 0..q, and x_0 = ||u_in|| alone."""
    ratio, rho = dissipation_ratio(g, x0)
    name: RegimeName = "fully dissipative"
    growth = None
    if not (g[1] < 1.0 and ratio < 1.0):
        growth = finite_growth(g, x0, steps)
        name = "almost dissipative" if growth <= math.e else "divergent"
    return Regime(
        name=name,
        mu=1.0 - g[1],
        R=ratio,
        rho=rho,
        radius=contraction_radius(g),
        finite_time_ratio=finite_time_ratio(g, x0, steps),
        growth=growth,
    )


def dissipation_ratio(g: Sequence[float], x0: float) -> tuple[float, float]:
    """Return (R, rho): the least R_Delta(rho) over rho >= x0, and where."""
    mu = 1.0 - g[1]

    def numerator(rho: float) -> float:
        drive = g[0] / rho if g[0] else 0.0
        return drive + sum(c * rho ** (degree - 1) for degree, c in enumerate(g) if degree >= 2 and c)

    if g[0] == 0.0:
        least, rho = (numerator(x0) if x0 else 0.0), x0
    elif not any(g[2:]):
        least, rho = 0.0, math.inf
    else:
        rho = max(x0, _stationary_radius(g))
        least = numerator(rho)
    return (least / mu if mu > 0.0 else math.inf), rho


def _stationary_radius(g: Sequence[float]) -> float:
    """Return the root of d/drho (g_0/rho + sum_{l>=2} g_l rho^(l-1)) = 0 by bisection in log rho."""

    def slope(log_rho: float) -> float:
        rise = [
            math.log(c * (degree - 1)) + degree * log_rho for degree, c in enumerate(g) if degree >= 2 and c
        ]
        return max(rise) + math.log(sum(math.exp(x - max(rise)) for x in rise)) - math.log(g[0])

    low, high = -300.0, 300.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if slope(middle) < 0.0 else (low, middle)
    return math.exp(0.5 * (low + high))


def contraction_radius(g: Sequence[float]) -> float:
    """Return rho_+, the largest rho with g(rho) <= rho; nan if there is none, inf if there is no largest."""
    if not any(g[2:]):
        has_point = g[1] < 1.0 or (g[1] == 1.0 and g[0] == 0.0)
        return math.inf if has_point else math.nan
    if g[1] >= 1.0:
        return math.nan
    ratio, middle = dissipation_ratio(g, 0.0)
    if g[0] == 0.0:
        middle = 5e-324
    elif ratio > 1.0:
        return math.nan
    low, high = math.log(middle) if middle > 1e-300 else -690.0, 690.0
    for _ in range(200):
        point = 0.5 * (low + high)
        rho = math.exp(point)
        low, high = (point, high) if evaluate(tuple(g), rho) <= rho else (low, point)
    return math.exp(low)


def finite_growth(g: Sequence[float], x0: float, steps: int) -> float:
    """Return min over rho >= x0 of g^{(T)}(rho)/rho (inf if it overflows everywhere)."""
    if g[0] == 0.0:
        return _growth_at(g, x0, steps) if x0 else _power(g[1], steps)
    low = math.log(x0) if x0 else -_DECADES * math.log(10.0)
    high = max(low, 0.0) + _DECADES * math.log(10.0)
    return _minimize(lambda log_rho: _growth_at(g, math.exp(log_rho), steps), low, high)


def _growth_at(g: Sequence[float], rho: float, steps: int) -> float:
    value, coefficients = rho, tuple(g)
    for _ in range(steps):
        value = evaluate(coefficients, value)
        if not value < 1e150:
            return math.inf
    return value / rho


def _power(base: float, exponent: int) -> float:
    if base <= 1.0 or exponent == 0:
        return float(base**exponent)
    return math.exp(exponent * math.log(base)) if exponent * math.log(base) < 700.0 else math.inf


def _minimize(function: Callable[[float], float], low: float, high: float) -> float:
    """Golden-section search of a convex function, possibly inf on the right: the least value seen."""
    least = min(function(low), function(high))
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = function(left), function(right)
    for _ in range(120):
        least = min(least, at_left, at_right)
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = function(right)
    return least
