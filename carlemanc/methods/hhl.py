r"""Inversion by phase estimation and a conditional rotation (Harrow, Hassidim, Lloyd 2009): the plan.

With the clock asked to return to its window state w, a run is $\sum_s c_s W^s$, $c_s = a_s \hat g_s$: a the
autocorrelation of w, $\hat g$ the Fourier series of the table g. Since the block of $W^s$ is $(\mp 1)^s T_{|s|}$,
that is the odd polynomial $-2\sum_{s\,odd} a_s \hat g_s T_s$ of $A^\dagger$, exactly (derived here). The table is
$g = c/\lambda$ down to $|\lambda| = c$ and $\lambda/c$ below, the window Holevo's sine. The clock is the smallest whose
polynomial is within epsilon of a multiple of 1/x on $[1/\kappa, 1]$, by its values on 16 points a period.

The textbook count needs a phase error of epsilon/kappa: $\pi\kappa/(2\epsilon)$ walk steps each way. Here the
error of a run is of second order, about $0.4 (\pi\kappa/2^m)^2$ (measured), so $2^m$ is about
$2\kappa/\sqrt\epsilon$.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np
from scipy import fft

from carlemanc.access.access import Access
from carlemanc.access.facts import InversionFacts
from carlemanc.core.arrays import Array, FloatArray
from carlemanc.core.errors import TooLarge
from carlemanc.core.formula import Formula
from carlemanc.methods.method import Method, Traits, unit
from carlemanc.methods.plan import Plan, check_facts

if TYPE_CHECKING:
    from qualtran import Bloq

    from carlemanc.methods.query_formula import QueryFormula


_CLOCK = Formula(
    text="2 (2^m - 1) queries, m the bits of the smallest clock whose polynomial is within epsilon of 1/x on a grid; "
    "the textbook count is pi kappa/epsilon",
    status="second-hand",
    sources=("hhl2009",),
    where="count derived here, error measured",
)
LARGEST_CLOCK = 16
"""Clocks beyond it have tables of more than 65,536 rotations; they are counted, not written."""
CUTS = (0.95, 0.9, 0.85, 0.8, 0.7, 0.6)
"""Where the table leaves 1/x, in units of 1/kappa, tried in turn: the higher, the more success."""
_SECOND_ORDER = 0.45
"""Error over (pi kappa/2^m)^2 at the cut 0.8, rounded up (measured at kappa 3 to 100)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEstimationPlan(Plan):
    """A `Plan` with clock and table.

    Args:
        kappa: alpha ||L^-1||.
        clock_bits: m.
        cut: where the table leaves 1/x, in units of 1/kappa_effective.
    """

    degree: int
    kappa: float
    clock_bits: int
    cut: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEstimationInversion(Method[InversionFacts, PhaseEstimationPlan]):
    """Inversion by phase estimation."""

    name: ClassVar[str] = "hhl"

    @property
    def traits(self) -> Traits:
        """It inverts; queries grow with a power of 1/epsilon."""
        from carlemanc.access.inversion import inversion

        return Traits(
            access=inversion,
            own_gates="clock, walk reflections, rotation",
            law="power",
            rough_success=True,
        )

    def plan(self, facts: InversionFacts, epsilon: float, *, phases: bool = True) -> PhaseEstimationPlan:
        """Return the plan; TooLarge where the clock exceeds `LARGEST_CLOCK` bits, but for counts alone."""
        check_facts(facts, epsilon)
        alpha = facts.alpha
        kappa = max(1.0, alpha * facts.inverse_norm)
        size, cut, gain, error = _clock(kappa, epsilon, phases)
        amplitude_scale = gain * alpha / facts.rhs_norm
        return PhaseEstimationPlan(
            method=self.name,
            alpha=alpha,
            kappa_effective=alpha * facts.inverse_norm,
            degree=(1 << size) - 1,
            kappa=alpha * facts.inverse_norm,
            clock_bits=size,
            cut=cut,
            queries_L=2 * ((1 << size) - 1),
            queries_b=1,
            ancillas=size + 2,
            success_probability=(amplitude_scale * facts.solution_norm) ** 2,
            amplitude_scale=amplitude_scale,
            solution_norm=facts.solution_norm,
            errors={"phase estimation": error},
            references=(_CLOCK,),
            readout_probability=facts.readout_probability,
            inputs={"kappa": alpha * facts.inverse_norm},
            is_solved=size <= LARGEST_CLOCK,
        )

    def circuit(self, plan: PhaseEstimationPlan, access: Access[InversionFacts], eps: float = 0.0) -> Bloq:
        """Prepare b, estimate, rotate, undo."""
        from carlemanc.methods.inversion_circuit import InversionCircuit
        from carlemanc.methods.phase_estimation import EigenvalueInversion

        if not plan.is_solved:
            raise _too_large(plan.clock_bits)
        table = rotation_table(plan.clock_bits, plan.kappa, plan.cut)
        return InversionCircuit(
            access.start,
            EigenvalueInversion(access.encodings[0], sine_window(plan.clock_bits), table, eps),
        )

    def amplitudes(self, plan: PhaseEstimationPlan, access: Access[InversionFacts]) -> Array:
        """Return the run's polynomial of L^dagger/alpha applied to b/||b||."""
        from carlemanc.methods.matrix_backend import odd_singular_value_transform

        if not plan.is_solved:
            raise _too_large(plan.clock_bits)
        matrix, rhs = access.exact()
        odd = odd_coefficients(plan.clock_bits, plan.kappa, plan.cut)
        return odd_singular_value_transform(matrix, unit(rhs), odd, alpha=plan.alpha)

    def formula(self) -> QueryFormula:
        """The textbook count."""
        import sympy as sp

        from carlemanc.methods.query_formula import EPSILON, KAPPA, QueryFormula

        return QueryFormula(
            queries_L=sp.pi * KAPPA / EPSILON,
            queries_b=sp.Integer(1),
            reference="Harrow, Hassidim, Lloyd, arXiv:0811.3171, with phase error epsilon/kappa each way",
            status="derived",
        )


def _clock(kappa: float, epsilon: float, solve: bool) -> tuple[int, float, float, float]:
    """Return m, the cut, the factor on 1/x and the error."""
    needed = math.ceil(math.log2(max(2.0, math.pi * kappa * math.sqrt(_SECOND_ORDER / epsilon))))
    if needed > LARGEST_CLOCK:
        if solve:
            raise _too_large(needed)
        error = _SECOND_ORDER * (math.pi * kappa / (1 << needed)) ** 2
        return needed, 0.8, 0.8 / kappa, error
    for size in range(max(2, needed - 2), LARGEST_CLOCK + 1):
        for cut in CUTS:
            factor, error = _clock_error(size, kappa, cut)
            if error <= epsilon:
                return size, cut, factor, error
    raise _too_large(LARGEST_CLOCK + 1)


@lru_cache(maxsize=1024)
def _clock_error(size: int, kappa: float, cut: float) -> tuple[float, float]:
    """Return the factor and the error of a clock's polynomial; the same clocks come up for every precision."""
    return inversion_error(odd_coefficients(size, kappa, cut), kappa)


def sine_window(size: int) -> FloatArray:
    """Return the 2^m clock amplitudes of least Holevo variance."""
    count = 1 << size
    steps = np.arange(1, count + 1)
    return np.asarray(math.sqrt(2 / (count + 1)) * np.sin(math.pi * steps / (count + 1)))


def rotation_table(size: int, kappa: float, cut: float) -> FloatArray:
    """Return g_y, 2^m of them: c/lambda, or lambda/c where |lambda| < c; lambda_y = -cos(2 pi y/2^m), c = cut/kappa."""
    half = np.arange(1 << (size - 1))
    lam = -np.cos(math.pi * half / (1 << (size - 1)))
    c = cut / max(1.0, kappa)
    lam[np.abs(lam) < 1e-15] = 0.0
    with np.errstate(divide="ignore"):
        g = np.where(np.abs(lam) >= c, c / lam, lam / c)
    return np.concatenate([g, -g])


def odd_coefficients(size: int, kappa: float, cut: float) -> FloatArray:
    """Return the (2^(m-1),) coefficients of T_1, T_3, ... of a run."""
    count = 1 << size
    window = np.fft.rfft(sine_window(size), 2 * count)
    correlation = np.fft.irfft(np.abs(window) ** 2)[1:count:2]
    spectrum = np.fft.ifft(rotation_table(size, kappa, cut)).real[1::2]
    return np.asarray(-2 * correlation * spectrum, dtype=np.float64)


def inversion_error(odd: FloatArray, kappa: float) -> tuple[float, float]:
    """Return the factor c and the error max |x f(x)/c - 1| on [1/kappa, 1], f = sum_k odd[k] T_(2k+1)."""
    points = 16 * len(odd) * 2
    series = np.zeros(points + 1)
    series[1 : 2 * len(odd) : 2] = odd / 2
    values = fft.dct(series, type=1)  # at x = cos(pi j/points)
    x = np.cos(math.pi * np.arange(points + 1) / points)
    edge = min(1.0, 1 / kappa)
    inside = x >= edge * (1 - 1e-12)
    at_edge = edge * float(np.cos((2 * np.arange(len(odd)) + 1) * math.acos(edge)) @ odd)
    products = np.append(x[inside] * values[inside], at_edge)
    low, high = float(products.min()), float(products.max())
    if high + low <= 0:
        return 1.0, math.inf
    return (high + low) / 2, (high - low) / (high + low)


def _too_large(size: int) -> TooLarge:
    return TooLarge(
        "phase estimation",
        size=f"a clock of {size} bits, 2^{size} walk steps each way",
        limit=f"{LARGEST_CLOCK} bits",
        instead='Its queries can still be counted (carlemanc solvers); solver.method = "qsvt" needs far fewer.',
    )
