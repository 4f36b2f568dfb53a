r"""Singular-value polynomials of a sparse matrix applied to a vector, no gates: what circuits must give.

The singular-value polynomial of $A^\dagger$, $A = L/\alpha$, obeys the Chebyshev recurrence with alternating
factors: from $y_0 = b$, $y_1 = A^\dagger y_0$, then $y_{2k} = 2 A y_{2k-1} - y_{2k-2}$ and $y_{2k+1} = 2
A^\dagger y_{2k} - y_{2k-1}$ give $y_{2k+1} = V T_{2k+1}(\Sigma) W^\dagger b$ (derived here). One sparse
product per degree; no norm is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.progress import task

Array = npt.NDArray[Any]
"""float64 or complex128."""


def odd_singular_value_transform(matrix: Any, vector: Array, odd: Array, *, alpha: float) -> Array:
    """Return V f(S) W^dagger v for L/alpha = W S V^dagger and f = sum_k odd[k] T_(2k+1).

    Args:
        matrix: L, (D, D).
        vector: v, (D,).
        odd: (t,) Chebyshev coefficients.
        alpha: at least ||L||; a smaller one makes the recurrence blow up.
    """
    adjoint = matrix.conj().T
    adjoint = adjoint.tocsr() if hasattr(adjoint, "tocsr") else adjoint
    even = np.asarray(vector)
    current = adjoint @ even / alpha
    total = odd[0] * current
    with task("singular value transformation", total=len(odd)) as progress:
        for coefficient in odd[1:]:
            progress.advance()
            even = (2 / alpha) * (matrix @ current) - even
            current = (2 / alpha) * (adjoint @ even) - current
            total = total + coefficient * current
    return np.asarray(total)


@dataclass(frozen=True, slots=True)
class KernelMatrix:
    """G = (1 - |b'><b'|) (A + 1/t) of module kernel_operator, A = matrix/alpha, applied to vectors.

    Args:
        matrix: L, (D, D), sparse.
        unit: b/||b||, (D,).
        alpha: subnormalization.
        t: the guess of the norm; None: no augmentation, G = (1 - |b><b|) A.
    """

    matrix: Any
    unit: Array
    alpha: float
    t: float | None

    def apply(self, vector: Array) -> Array:
        """Return G v, v of length 2D (D without augmentation), c = 0 first."""
        return self._outside(self._scaled(self.matrix, vector))

    def apply_adjoint(self, vector: Array) -> Array:
        """Return G^dagger v."""
        return self._scaled(self.matrix.conj().T, self._outside(vector))

    def _scaled(self, matrix: Any, vector: Array) -> Array:
        size = len(self.unit)
        first = matrix @ vector[:size] / self.alpha
        return np.asarray(first) if self.t is None else np.concatenate([first, vector[size:] / self.t])

    def _outside(self, vector: Array) -> Array:
        part = self.unit if self.t is None else np.concatenate([self.unit, self.unit]) / np.sqrt(2)
        return np.asarray(vector - part * np.vdot(part, vector))


def even_singular_value_transform(operator: KernelMatrix, vector: Array, even: Array) -> Array:
    """Return V f(S) V^dagger v for operator = W S V^dagger and f = sum_k even[k] T_2k.

    Args:
        operator: norm at most 1.
        vector: v.
        even: (l + 1,) Chebyshev coefficients.
    """
    current = np.asarray(vector)
    total = even[0] * current
    odd = operator.apply(current)
    with task("singular value transformation", total=len(even)) as progress:
        for coefficient in even[1:]:
            progress.advance()
            current = 2 * operator.apply_adjoint(odd) - current
            total = total + coefficient * current
            odd = 2 * operator.apply(current) - odd
    return np.asarray(total)
