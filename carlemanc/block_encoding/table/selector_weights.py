"""Probabilities of the colors that make the subnormalization of a slot step as small as it can be."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def optimal_weights(
    values: npt.NDArray[np.float64], iterations: int = 4000
) -> tuple[npt.NDArray[np.float64], float]:
    """Minimize max_r sum_k values[r, k]^2 / p_k over probabilities p.

    The dual is max over row weights w of (sum_k sqrt(sum_r w_r values[r, k]^2))^2, with p_k proportional to
    the inner root; the weights are improved multiplicatively (with the square of the row's excess, for which a
    diagonal matrix converges in one step) until primal and dual agree to rounding. Whatever p is reached is
    valid: the returned alpha is its own value, not the optimum's.

    Args:
        values: (rows, colors), no zero column.

    Returns:
        p (colors,), and alpha = sqrt(max_r sum_k values^2 / p). Derived here; checked numerically.
    """
    squares = values**2
    weights = np.where(squares.sum(axis=1) > 0, 1.0, 0.0)
    weights /= weights.sum()
    best, best_p, dual = np.inf, np.full(values.shape[1], 1 / values.shape[1]), 0.0
    for _ in range(iterations):
        p = np.sqrt(weights @ squares)
        dual = max(dual, float(p.sum()) ** 2)
        p = np.maximum(p, 1e-9 * p.max())
        p /= p.sum()
        rows = (squares / p).sum(axis=1)
        if rows.max() < best:
            best, best_p = float(rows.max()), p
        if best - dual <= 1e-15 * best:
            break
        weights = weights * (rows / rows.max()) ** 2
        weights /= weights.sum()
    return best_p, float(np.sqrt(best))
