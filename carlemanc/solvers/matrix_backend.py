r"""Singular-value polynomials of a sparse matrix applied to a vector, no gates: what circuits must give.

The singular-value polynomial of $A^\dagger$, $A = L/\alpha$, obeys the Chebyshev recurrence with alternating
factors: from $y_0 = b$, $y_1 = A^\dagger y_0$, then $y_{2k} = 2 A y_{2k-1} - y_{2k-2}$ and $y_{2k+1} = 2
A^\dagger y_{2k} - y_{2k-1}$ give $y_{2k+1} = V T_{2k+1}(\Sigma) W^\dagger b$ (derived here). One sparse
product per degree; no norm is needed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.progress import task

Array = npt.NDArray[Any]


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
