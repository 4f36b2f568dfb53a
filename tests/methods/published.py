"""Published query counts of methods that the compiler does not build, to compare with (QLSS section 1)."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import sympy as sp

from carlemanc.methods.query_formula import EPSILON, KAPPA, QueryFormula

_DALZELL = "Dalzell, arXiv:2406.12086"


def dalzell_algorithm_4() -> QueryFormula:
    """Kernel reflection with an adiabatic start."""
    k, e = KAPPA, EPSILON
    queries = (
        56 * k
        + sp.Rational(105, 100) * k * sp.log(sp.sqrt(1 - e**2) / e)
        + sp.Rational(278, 100) * sp.log(k) ** 3
        + sp.Rational(317, 100)
    )
    return QueryFormula(
        queries_L=queries,
        queries_b=2 * queries,
        reference=f"{_DALZELL}, Algorithm 4, Eq. 48, expected queries",
        status="second-hand",
    )


def costa_dalzell() -> QueryFormula:
    """Kernel reflection, simplified."""
    k, e = KAPPA, EPSILON
    queries = k * (6 * sp.log(k) + 6 + sp.Rational(107, 100) * sp.log(1 / e)) + 6 + 3 * sp.log(k)
    return QueryFormula(
        queries_L=queries,
        queries_b=2 * queries,
        reference="Costa, Dalzell, An, Berry, arXiv:2604.22185, Eq. 19, for 3 <= kappa <= 1e6",
        status="second-hand",
    )


def jennings_v1() -> QueryFormula:
    """Randomized adiabatic walk, proved constants."""
    k, e, log = KAPPA, EPSILON, sp.log(2 * KAPPA + 3)
    queries = (
        sp.Rational(1741, 500) * sp.E * sp.sqrt(k**2 + 1)
        * ((sp.Rational(133, 125) + 4 / (25 * sp.cbrt(k))) * sp.pi * log + 1)
        + sp.Rational(351, 50) * log**2 * (sp.log(451 * log**2 / e) + 1)
        + k * sp.log(32 / e)
    ) / (sp.Rational(39, 100) - sp.Rational(204, 1000) * e)  # fmt: skip
    return QueryFormula(
        queries_L=queries,
        queries_b=2 * queries,
        reference="Jennings et al., arXiv:2305.11352v1, Theorem 1, over its success probability",
        status="second-hand",
    )


def jennings_v3() -> QueryFormula:
    """The same, later."""
    k, e = KAPPA, EPSILON
    queries = sp.Rational(8354, 10) * k + sp.ceiling(k * sp.log(2 / (sp.sqrt(1 + e / 4) - 1)) + 2)
    return QueryFormula(
        queries_L=queries,
        queries_b=2 * queries,
        reference="Jennings et al., arXiv:2305.11352v3, Eq. 175 (3 % off its abstract)",
        status="second-hand",
    )


PUBLISHED: Final = {
    "dalzell algorithm 4": cache(dalzell_algorithm_4),
    "costa dalzell": cache(costa_dalzell),
    "jennings v1": cache(jennings_v1),
    "jennings v3": cache(jennings_v3),
}
"""Name -> formula."""


def amplified_queries(queries: float, amplitude: float) -> float:
    """Return the least expected queries over rounds r of amplification, then post-selection (QLSS section 6).

    (2r + 1) queries / sin^2((2r + 1) asin(amplitude)), minimized over whole r up to full rotation.
    """
    angle = math.asin(min(1.0, amplitude))
    most = max(0, math.ceil(math.pi / (4 * angle)))
    near = max(0, round((1.1656 / angle - 1) / 2))  # tan(u) = 2u
    rounds = {0, most, *range(max(0, near - 2), near + 3)}
    costs = [(2 * r + 1) * queries / math.sin((2 * r + 1) * angle) ** 2 for r in rounds]
    return float(min(costs))
