"""Query counts of linear-system solvers as formulas in kappa and epsilon: ours, and published ones to compare with.

kappa is alpha ||L^-1||, ||b|| = 1, x = (L/alpha)^-1 b; a query is one use of the block encoding or its adjoint.
`status` says what stands behind a formula: "derived" here, "second-hand" (reported by others than its authors),
"read" (abstract). The rows of methods that the compiler does not build are for comparison.

References: QLSS section 1 names the equation of each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import sympy as sp

KAPPA: Final = sp.Symbol("kappa", positive=True)
EPSILON: Final = sp.Symbol("epsilon", positive=True)
STEPS: Final = sp.Symbol("T", positive=True)
_k, _e = KAPPA, EPSILON
_gamma = 2 * sp.atanh(1 / _k)
_b = sp.ceiling(_k**2 * sp.log(2 * _k / _e))
_S = 3 + 2 * sp.log((_k**2 + 1) / 2)
_mu = sp.Rational(1, 4)
_log = sp.log(2 * _k + 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFormula:
    """Queries of one run (or expected ones, where the name says so) as symbolic expressions.

    Args:
        queries_L: uses of the block encoding.
        queries_b: uses of the preparation of b.
        reference: paper and equation.
        status: "derived", "second-hand" or "read".
    """

    queries_L: sp.Expr
    queries_b: sp.Expr
    reference: str
    status: str

    def evaluate(self, kappa: float, epsilon: float) -> float:
        """Return queries_L at numbers, in 40 digits: ceilings of large arguments are exact."""
        values = {_k: sp.Float(str(kappa), 40), _e: sp.Float(str(epsilon), 40)}
        return float(self.queries_L.subs(values).evalf(40))


def _minimum(kappa: sp.Expr, eta: sp.Expr) -> sp.Expr:
    return 2 * sp.ceiling(kappa * sp.log(2 / eta) / 2)


@cache
def _formulas() -> dict[str, QueryFormula]:
    one = sp.Integer(1)
    relative = 2 * sp.ceiling(sp.acosh(1 / _e) / _gamma) - 1
    absolute = 2 * sp.ceiling((sp.log(1 / _e) + sp.log(_k) + sp.log(1 + 1 / _k)) / _gamma) - 1
    lcu = 2 * sp.ceiling(sp.sqrt(_b * sp.log(8 * _b / _e))) + 1
    known = _k * sp.log(2 * sp.sqrt(2) / _e)
    eta = _mu / (sp.sqrt(_S) + _mu)
    eta_filter = _e * sp.sqrt(1 - _mu**2) / (_mu * sp.sqrt(1 - _e**2))
    q0 = ((1 - eta) / (1 + eta)) ** 2 / (sp.log(_k) + 1)
    algorithm3 = _minimum(_k, eta) / q0 + _minimum(_k, eta_filter) / (1 - _mu**2)
    algorithm4 = (
        56 * _k
        + sp.Rational(105, 100) * _k * sp.log(sp.sqrt(1 - _e**2) / _e)
        + sp.Rational(278, 100) * sp.log(_k) ** 3
        + sp.Rational(317, 100)
    )
    simplified = _k * (6 * sp.log(_k) + 6 + sp.Rational(107, 100) * sp.log(1 / _e)) + 6 + 3 * sp.log(_k)
    jennings1 = (
        sp.Rational(1741, 500) * sp.E * sp.sqrt(_k**2 + 1)
        * ((sp.Rational(133, 125) + 4 / (25 * sp.cbrt(_k))) * sp.pi * _log + 1)
        + sp.Rational(351, 50) * _log**2 * (sp.log(451 * _log**2 / _e) + 1)
        + _k * sp.log(32 / _e)
    ) / (sp.Rational(39, 100) - sp.Rational(204, 1000) * _e)  # fmt: skip
    jennings3 = sp.Rational(8354, 10) * _k + sp.ceiling(_k * sp.log(2 / (sp.sqrt(1 + _e / 4) - 1)) + 2)
    distance = sp.Rational(345, 1000)
    far = distance**2 - distance**4 / 4
    residual = _e * sp.sqrt((1 - far) * (1 - _e**2 / 4)) / ((1 - _e**2 / 2) * sp.sqrt(far))
    walk = 2 * (
        4 * sp.ceiling(sp.Rational(46, 100) * _k / distance)
        + 2 * sp.ceiling(sp.acosh(1 / residual) / (2 * sp.atanh(1 / _k)))
    )
    dalzell = "Dalzell, arXiv:2406.12086"
    return {
        "hhl": QueryFormula(
            queries_L=sp.pi * _k / _e,
            queries_b=one,
            reference="Harrow, Hassidim, Lloyd, arXiv:0811.3171, with phase error epsilon/kappa each way",
            status="derived",
        ),
        "lcu": QueryFormula(
            queries_L=lcu,
            queries_b=one,
            reference="Childs, Kothari, Somma, arXiv:1511.02306, Lemmas 17-19, epsilon/2 for each step",
            status="second-hand",
        ),
        "qsvt": QueryFormula(
            queries_L=relative,
            queries_b=one,
            reference="minimax of |x P - 1| (Chebyshev iteration)",
            status="derived",
        ),
        "qsvt absolute": QueryFormula(
            queries_L=absolute,
            queries_b=one,
            reference="Suenderhauf et al., arXiv:2507.15537, Theorem 1",
            status="second-hand",
        ),
        "adiabatic": QueryFormula(
            queries_L=walk,
            queries_b=1 + walk,
            reference="Costa et al., PRX Quantum 3, 040303: measured constant 1.84, Delta = 0.345, filter proved here",
            status="second-hand",
        ),
        "march": QueryFormula(
            queries_L=STEPS,
            queries_b=one,
            reference="one use of the encoded step a step, without amplification; success in solvers.march",
            status="derived",
        ),
        "kernel": QueryFormula(
            queries_L=known, queries_b=1 + 2 * known, reference=f"{dalzell}, known norm", status="read"
        ),
        "kernel, norm unknown": QueryFormula(
            queries_L=algorithm3,
            queries_b=1 + 2 * algorithm3,
            reference=f"{dalzell}, Algorithm 3, Eq. 118, expected queries",
            status="second-hand",
        ),
        "dalzell algorithm 4": QueryFormula(
            queries_L=algorithm4,
            queries_b=2 * algorithm4,
            reference=f"{dalzell}, Algorithm 4, Eq. 48, expected queries",
            status="second-hand",
        ),
        "costa dalzell": QueryFormula(
            queries_L=simplified,
            queries_b=2 * simplified,
            reference="Costa, Dalzell, An, Berry, arXiv:2604.22185, Eq. 19, for 3 <= kappa <= 1e6",
            status="second-hand",
        ),
        "jennings v1": QueryFormula(
            queries_L=jennings1,
            queries_b=2 * jennings1,
            reference="Jennings et al., arXiv:2305.11352v1, Theorem 1, over its success probability",
            status="second-hand",
        ),
        "jennings v3": QueryFormula(
            queries_L=jennings3,
            queries_b=2 * jennings3,
            reference="Jennings et al., arXiv:2305.11352v3, Eq. 175 (3 % off its abstract)",
            status="second-hand",
        ),
    }


def query_formula(name: str) -> QueryFormula:
    """Return a formula by name; KeyError for a name that is not in `FORMULAS`."""
    return _formulas()[name]


FORMULAS: Final = (
    "hhl",
    "adiabatic",
    "march",
    "lcu",
    "qsvt",
    "qsvt absolute",
    "kernel",
    "kernel, norm unknown",
    "dalzell algorithm 4",
    "costa dalzell",
    "jennings v1",
    "jennings v3",
)
"""Names of all formulas."""


def amplified_queries(queries: float, amplitude: float) -> float:
    """Return the least expected queries over rounds r of amplification, then post-selection (QLSS section 6).

    (2r + 1) queries / sin^2((2r + 1) asin(amplitude)), minimized over whole r up to full rotation.
    """
    angle = math.asin(min(1.0, amplitude))
    most = max(0, math.ceil(math.pi / (4 * angle)))
    near = max(0, round((1.1656 / angle - 1) / 2))  # tan(u) = 2u
    rounds: set[int] = {0, most, *range(max(0, near - 2), near + 3)}
    return min((2 * r + 1) * queries / math.sin((2 * r + 1) * angle) ** 2 for r in rounds)
