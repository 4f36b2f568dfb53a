"""Probabilities of the colors that make the subnormalization of a slot step as small as it can be.

Minimize max_r sum_k v_rk^2 / p_k over probabilities p. With S = v^2 the dual is to maximize the concave

    Phi(w) = 2 sum_k q_k - sum_r w_r,     q_k = sqrt(sum_r w_r S_rk),     over row weights w >= 0,

and p is q / sum q (Lagrange; derived here, checked numerically). Its gradient is f_r - 1, f_r = sum_k S_rk / q_k: at
the optimum every row of positive weight has f_r = 1, the others less. Weights are first improved multiplicatively, by
the square of a row's excess f_r (a diagonal matrix converges in one step), then by Newton's method on the rows that
are active, which brings p from the square root of rounding to rounding: the angles made of it, and which rows are
exactly full, must not depend on the last bits of the matrix.
"""

from __future__ import annotations

import numpy as np

from carlemanc.core.arrays import FloatArray

NEWTON_ROWS = 512
"""Up to so many active rows Newton's method is tried."""
_GAP = 1e-9
"""Relative gap of primal and dual at which the multiplicative steps end."""
_ACTIVE = 1e-4
"""A row whose excess is within this of the largest is active."""
_NEWTON_STEPS = 20


def optimal_weights(values: FloatArray, iterations: int = 4000) -> tuple[FloatArray, float]:
    """Return p and alpha = sqrt(max_r sum_k values[r, k]^2 / p_k), the least there is up to rounding.

    Whatever p is reached is valid: the returned alpha is its own value, not the optimum's.

    Args:
        values: (rows, colors), no zero column.
        iterations: of the multiplicative steps, at most.

    Returns:
        p (colors,), positive, sum 1; and alpha.
    """
    squares = values**2
    p, weights = _multiplicative(squares, iterations)
    excess = (squares / p).sum(axis=1)
    active = np.flatnonzero((excess >= (1 - _ACTIVE) * excess.max()) & (weights > _GAP * weights.max()))
    if 0 < len(active) <= NEWTON_ROWS:
        polished = _newton(squares[active], weights[active])
        if polished is not None and (squares / polished).sum(axis=1).max() <= excess.max() * (1 + 1e-12):
            p = polished
    return p, float(np.sqrt((squares / p).sum(axis=1).max()))


def _multiplicative(squares: FloatArray, iterations: int) -> tuple[FloatArray, FloatArray]:
    """Return the best p met, and the row weights it came from."""
    weights = np.where(squares.sum(axis=1) > 0, 1.0, 0.0)
    weights /= weights.sum()
    best, dual = np.inf, 0.0
    found = (np.full(squares.shape[1], 1 / squares.shape[1]), weights)
    for _ in range(iterations):
        p = np.sqrt(weights @ squares)
        dual = max(dual, float(p.sum()) ** 2)
        p = np.maximum(p, 1e-9 * p.max())
        p /= p.sum()
        rows = (squares / p).sum(axis=1)
        if rows.max() < best * (1 - _GAP / 10):
            best, found = float(rows.max()), (p, weights)
        if best - dual <= _GAP * best:
            break
        weights = weights * (rows / rows.max()) ** 2
        weights /= weights.sum()
    return found


def _newton(squares: FloatArray, weights: FloatArray) -> FloatArray | None:
    """Return p at f = 1 on these rows, from weights near it; None where that leaves w >= 0 or does not converge.

    The Jacobian of f is -M/2, M = S diag(q^-3) S^T. Rows that repeat make it singular: then w is not unique, and p is.
    """
    q = np.sqrt(weights @ squares)
    if not q.min() > 0:
        return None
    weights = weights * (squares / q).sum(axis=1).mean() ** 2  # f = 1 on the average
    for _ in range(_NEWTON_STEPS):
        q = np.sqrt(weights @ squares)
        residual = (squares / q).sum(axis=1) - 1
        if np.abs(residual).max() <= 4e-15 * np.sqrt(squares.shape[1]):
            return np.asarray(q / q.sum())
        matrix = (squares / q**3) @ squares.T / 2
        weights = weights + np.linalg.lstsq(matrix, residual, rcond=1e-12)[0]
        if not (np.isfinite(weights).all() and weights.min() >= 0 and (weights @ squares).min() > 0):
            return None
    return np.asarray(q / q.sum()) if np.abs(residual).max() <= 1e-13 else None
