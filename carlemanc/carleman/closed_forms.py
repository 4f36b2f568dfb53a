"""Closed forms of the truncation error: what N and T must be without the recursion (THEORY 3.4, 3.5).

Always above the certificate of `certificate.py`, often far above; they show the scaling. Vector norm:
whichever the g_l are induced by. Proved (derived in THEORY 3.4 and 3.5, discrete twins of Liu et al. 2021,
Corollary 1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from carlemanc.carleman.majorant import evaluate

_GRID = 200
_REFINEMENTS = 2


def geometric_bound(norms: Sequence[float], x0: float, steps: int, order: int) -> float:
    """Return the least of the bounds of THEORY 3.4 over a grid of radii rho; inf if none applies.

    F_0 = 0: (x0/rho)^(N+1) (v_T(rho) - g_1^T rho), v_T the T-fold majorant, any rho > x0.
    F_0 != 0: min(T, Gamma/(1-Gamma)) rho (X/rho)^(N+1), X = max(x0, rho_-), wherever Gamma = g(rho)/rho <= 1.
    """
    g = tuple(norms)
    if x0 == 0.0 and g[0] == 0.0:
        return 0.0
    reference = x0 if g[0] == 0.0 else max(x0, _smallest_fixed_point(g))
    if not 0.0 < reference < math.inf:
        return math.inf
    form = _undriven_at if g[0] == 0.0 else _driven_at
    low, high = reference * (1.0 + 1e-6), reference * 1e3
    for _ in range(_REFINEMENTS):
        radii = np.geomspace(low, high, _GRID).tolist()
        values = [form(g, reference, rho, steps, order) for rho in radii]
        best = min(range(_GRID), key=values.__getitem__)
        low, high = radii[max(best - 1, 0)], radii[min(best + 1, _GRID - 1)]
    return values[best]


def _undriven_at(g: tuple[float, ...], x0: float, rho: float, steps: int, order: int) -> float:
    value = rho
    for _ in range(steps):
        value = evaluate(g, value)
        if not value < 1e100:
            return math.inf
    return float((x0 / rho) ** (order + 1) * (value - g[1] ** steps * rho))


def _driven_at(g: tuple[float, ...], inner: float, rho: float, steps: int, order: int) -> float:
    contraction = evaluate(g, rho) / rho
    if contraction > 1.0:
        return math.inf
    time = float(steps) if contraction == 1.0 else min(float(steps), contraction / (1.0 - contraction))
    return float(time * rho * (inner / rho) ** (order + 1))


def _smallest_fixed_point(g: tuple[float, ...]) -> float:
    """Return rho_-, the least positive root of g(rho) = rho; inf if there is none."""
    shifted = [value - (degree == 1) for degree, value in enumerate(g)]
    roots = np.roots(shifted[::-1]) if any(shifted) else np.zeros(0)
    real = sorted(float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > 0.0)
    return real[0] if real else math.inf


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


def finite_time_bound(norms: Sequence[float], x0: float, steps: int, order: int) -> float | None:
    """Return the bound (x0/rho)^(N+1) v_T(rho) of THEORY 3.5, minimized over rho; None where undefined.

    v_T(rho) <= (1+delta)^T rho / (1 - (rho/rho_T)^(M-1))^(1/(M-1)). inf if R_T >= 1.
    """
    radius = finite_time_radius(norms, steps)
    if radius is None:
        return None
    if x0 == 0.0 or radius == math.inf:
        return 0.0
    if x0 >= radius:
        return math.inf
    radii = np.concatenate([radius * order / (order + 1) * np.ones(1), np.geomspace(x0, radius, _GRID)[1:-1]])
    inside = [float(rho) for rho in radii if x0 < rho < radius]
    return min((x0 / rho) ** (order + 1) * finite_time_growth(norms, rho, steps) for rho in inside)


def finite_time_growth(norms: Sequence[float], rho: float, steps: int) -> float:
    """Return the bound of v_T(rho) of THEORY 3.5; inf for rho >= rho_T or where it is not defined."""
    radius = finite_time_radius(norms, steps)
    if radius is None or rho >= radius:
        return math.inf
    power = max(degree for degree, g in enumerate(norms) if g > 0.0) - 1
    growth = steps * math.log(norms[1])
    if growth > 700.0:
        return math.inf
    return float(math.exp(growth) * rho / (1.0 - (rho / radius) ** power) ** (1.0 / power))
