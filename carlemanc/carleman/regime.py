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
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy.typing as npt

from carlemanc.carleman.majorant import evaluate
from carlemanc.carleman.map_norms import largest_norms, maximum_norms, norms_of_each, symmetrized_norms
from carlemanc.core.rounding import NOISE
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import Point, point_norm

RegimeName = Literal["fully dissipative", "almost dissipative", "divergent"]
_NAMES: tuple[RegimeName, ...] = ("fully dissipative", "almost dissipative", "divergent")
"""The best first."""
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
    norm: Literal["2", "inf"] = "2"
    """The vector norm that all of these are in."""

    @property
    def where(self) -> str:
        """The norm in words, where it is not the 2-norm."""
        return " in the maximum norm" if self.norm == "inf" else ""

    def to_json(self) -> dict[str, Any]:
        """Return `regime` of an estimate; R is null where no rho decays, `norm` is there where it is not the 2-norm."""
        mu = self.mu if abs(self.mu) > NOISE else 0.0
        found = {"name": self.name, "mu": mu, "R": self.R if mu and math.isfinite(self.R) else None}
        return found if self.norm == "2" else {**found, "norm": "maximum"}


def classify_sequence(sequence: MapSequence, u_in: npt.ArrayLike | Point) -> Regime:
    """Return the regime of a sequence from `u_in` (about the center).

    It is that of g with the largest norm of each degree over its maps: a majorant of every step, so that what is
    proved of one map holds for the sequence; it is never better than the regime of the worst map. Of the 2-norm and
    the maximum norm, both of which multiply over (x), it is that of the better, the 2-norm where they agree: from a
    dense start the first grows like sqrt(n), the second does not.
    """
    if sequence.is_constant:
        g = sequence.map.symmetric_norms
    else:
        g = largest_norms(norms_of_each(sequence.maps, symmetrized_norms)).steps
    found = classify_norms(g, point_norm(u_in), sequence.steps)
    if found.name == _NAMES[0] or sequence.maps[0].is_shaped:
        return found
    sup = largest_norms(norms_of_each(sequence.maps, maximum_norms))
    other = classify_norms(sup.steps, sup.vector(u_in), sequence.steps)
    is_better = _NAMES.index(other.name) < _NAMES.index(found.name)
    return replace(other, norm="inf") if is_better else found


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

    low, high = _bisected(lambda log_rho: slope(log_rho) < 0.0, -300.0, 300.0)
    return math.exp(0.5 * (low + high))


def _bisected(is_below: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Return the ends of the interval around the place where a condition ends, after 200 halvings."""
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low, high


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
    start = math.log(middle) if middle > 1e-300 else -690.0
    low, _ = _bisected(
        lambda log_rho: evaluate(tuple(g), math.exp(log_rho)) <= math.exp(log_rho), start, 690.0
    )
    return math.exp(low)


def finite_time_ratio(norms: Sequence[float], x0: float, steps: int) -> float | None:
    """Return R_T = x0/rho_T of THEORY 3.5, or None unless F_0 = 0 with exactly one nonlinear degree.

    With g_1 = 1 + delta: the series converges at time T if R_T < 1, whether or not the map contracts.
    """
    radius = finite_time_radius(norms, steps)
    return None if radius is None else x0 / radius


def finite_time_radius(norms: Sequence[float], steps: int) -> float | None:
    """Return rho_T of THEORY 3.5 (None where it is not defined, inf for T = 0)."""
    nonlinear = [(degree, g) for degree, g in enumerate(norms) if degree >= 2 and g > 0.0]
    if norms[0] != 0.0 or len(nonlinear) != 1 or norms[1] <= 0.0:
        return None
    degree, strength = nonlinear[0]
    power, log_growth = degree - 1, math.log(norms[1])
    # ((1+delta)^power - 1) / ((1+delta)^(power T) - 1), stable near delta = 0 and safe against overflow
    if steps == 0:
        return math.inf
    if log_growth == 0.0:
        quotient = 1.0 / steps
    elif power * steps * log_growth > 700.0:
        quotient = math.expm1(power * log_growth) * math.exp(-min(power * steps * log_growth, 7e5))
    else:
        quotient = math.expm1(power * log_growth) / math.expm1(power * steps * log_growth)
    value = float((quotient * norms[1] / (power * strength)) ** (1.0 / power))
    return value if value > 0.0 else 5e-324


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
