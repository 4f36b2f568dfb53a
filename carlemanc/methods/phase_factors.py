r"""Phase factors of quantum signal processing: Weiss completion, inverse nonlinear Fourier transform.

Comes in: the Chebyshev coefficients of a real polynomial f of definite parity with |f| < 1 on [-1, 1]. Goes
out: d+1 symmetric phases with a certificate. In the W convention
$$\mathrm{Re}\,\langle 0| e^{i\varphi_0 Z} \prod_{k=1}^d W(x) e^{i\varphi_k Z} |0\rangle = f(x), \quad
W = [[x, is], [is, x]], \; s = \sqrt{1-x^2}.$$
In the R (reflection, QSVT) convention W is replaced by $R = [[x, s], [s, -x]]$. Since
$W = i e^{-i\pi Z/4} R e^{-i\pi Z/4}$ (derived here, tested), interior phases lose pi/2, the outer two pi/4,
and the d factors i are absorbed by adding d pi/2 to the first: the response stays f, with its sign.

References: QLSS 2.4; [alexis2024] arXiv:2407.05634, [ni2025] arXiv:2505.12615.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import fft

from carlemanc.core.arrays import FloatArray
from carlemanc.methods.nonlinear_fourier import complete, multiply_layers, strip_layers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhaseFactors:
    """Phases with the certificate of what they do.

    Args:
        phases: (d+1,) radians.
        residual: max |response - f| over 8(d+1) or more points of [-1, 1], from the response's own Chebyshev
            coefficients (so it holds between the points up to a factor 1.03).
        convention: "W" or "R", see the module.
    """

    phases: FloatArray
    residual: float
    convention: Literal["W", "R"]

    def __post_init__(self) -> None:
        self.phases.setflags(write=False)

    @property
    def degree(self) -> int:
        """The degree of the polynomial."""
        return len(self.phases) - 1

    def to_reflection(self) -> PhaseFactors:
        """Return the phases of the same polynomial in the R convention."""
        if self.convention == "R":
            return self
        phases = self.phases - math.pi / 2
        phases[0] += math.pi / 4 + (self.degree % 4) * math.pi / 2
        phases[-1] += math.pi / 4
        return PhaseFactors(phases=_wrapped(phases), residual=self.residual, convention="R")


def phase_factors(coefficients: FloatArray) -> PhaseFactors:
    """Return the phases of f = sum_j coefficients[j] T_j, W convention, in O(d log^2 d) after the completion.

    Args:
        coefficients: (d+1,), every second one zero (the parity of d), |f| < 1 on [-1, 1].

    The caller judges `residual`: it grows only where |f| comes so near 1 that the completion would need FFTs
    longer than 2^24. Raises ValueError where the parity is mixed or |f| reaches 1.
    """
    degree = len(coefficients) - 1
    if degree < 0 or np.any(coefficients[(degree + 1) % 2 :: 2]):
        raise ValueError("the polynomial needs the parity of its degree")
    b = _laurent(np.asarray(coefficients, dtype=np.float64))
    a, _ = complete(b)
    low = strip_layers(a, b, degree // 2 + 1)
    phases = np.concatenate([low, low[: (degree + 1) // 2][::-1]])
    phases[0] -= math.pi / 4
    phases[-1] -= math.pi / 4
    return PhaseFactors(phases=phases, residual=_residual(phases, coefficients), convention="W")


def response_coefficients(phases: FloatArray) -> FloatArray:
    """Return the Chebyshev coefficients (d+1,) of Re <0|U|0> for phases in the W convention.

    With x = cos t, zeta = e^(2it), W = H diag(e^it, e^-it) H turns U into a product of layers (module
    nonlinear_fourier) whose entry p has Re <0|U|0> = Re(zeta^(-d/2) p(zeta)) (derived here).
    """
    p, _ = multiply_layers(phases)
    return _fold(p)


def _laurent(coefficients: FloatArray) -> FloatArray:
    """Return b (d+1,) with f(cos t) = zeta^(-d/2) b(zeta), zeta = e^(2it): palindromic."""
    degree = len(coefficients) - 1
    kept = coefficients[degree % 2 :: 2]
    if degree % 2:
        return np.concatenate([kept[::-1], kept]) / 2
    return np.concatenate([kept[:0:-1], [2 * kept[0]], kept[1:]]) / 2


def _fold(p: FloatArray) -> FloatArray:
    """Return the Chebyshev coefficients of Re(zeta^(-d/2) p(zeta)): power k is T_|2k-d|."""
    degree = len(p) - 1
    result = np.zeros(degree + 1)
    np.add.at(result, np.abs(2 * np.arange(degree + 1) - degree), p)
    return result


def _residual(phases: FloatArray, coefficients: FloatArray) -> float:
    difference = response_coefficients(phases) - coefficients
    size = fft.next_fast_len(8 * len(difference), real=True)
    difference[1:] /= 2
    values = fft.dct(np.pad(difference, (0, size - len(difference))), type=3)
    return float(np.abs(values).max())


def _wrapped(phases: FloatArray) -> FloatArray:
    """Return the phases in (-pi, pi], the interval where e^(i phi Z) is one-to-one."""
    return np.asarray(math.pi - np.mod(math.pi - phases, 2 * math.pi), dtype=np.float64)
