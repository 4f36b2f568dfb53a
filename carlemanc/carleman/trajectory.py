"""Classical gradient descent as a yardstick: norms along it, its cost, the measured truncation error."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from carlemanc.carleman.system import linearize
from carlemanc.model.polynomial_map import PolynomialMap

Vector = npt.NDArray[np.float64]


def trajectory_sizes(map: PolynomialMap, u_in: npt.ArrayLike, steps: int, *, kind: str = "2") -> Vector:
    """Return ||u(t)|| for t = 0..steps (2-norm, or `kind` = "inf"), keeping one iterate at a time.

    Overflow becomes inf (or nan) without a warning.
    """
    u = np.array(u_in, dtype=np.float64)
    sizes = np.empty(steps + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        for time in range(steps + 1):
            sizes[time] = np.linalg.norm(u, 2 if kind == "2" else np.inf)
            if time < steps:
                u = map.step(u)
    return sizes


def gradient_descent_flops(map: PolynomialMap, steps: int) -> int:
    """Return the flops of `steps` classical steps: l products and one sum per entry of F_l.

    This is the classical baseline T nnz(F) that every quantum cost is printed beside (THEORY 6.3).
    """
    return steps * map.flops_per_step


def measured_truncation_errors(
    map: PolynomialMap,
    u_in: npt.ArrayLike,
    steps: int,
    orders: tuple[int, ...],
    *,
    gamma: float = 1.0,
    corrections: int | None = None,
) -> dict[int, float]:
    """Return {N: ||u(T) - truncated iterate||_2}, run classically (nan or inf where they overflow)."""
    with np.errstate(over="ignore", invalid="ignore"):
        exact = map.iterate(np.asarray(u_in, dtype=np.float64), steps)[-1]
        iterates = {
            order: linearize(map, order=order, gamma=gamma, corrections=corrections).iterate(u_in, steps)
            for order in orders
        }
        return {order: float(np.linalg.norm(iterate[-1] - exact)) for order, iterate in iterates.items()}
