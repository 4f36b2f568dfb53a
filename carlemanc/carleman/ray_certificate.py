"""A verification tool: the truncation error from gradient descent on complex multiples of the start (THEORY 3.1).

For F_0 = 0 the truncated iterate is the degree-N Taylor polynomial of s -> G^(t)(s u_in) at s = 1, so Cauchy's
estimate on |s| = sigma > 1 gives, with M(sigma) = max over |s| = sigma and t <= T of ||G^(t)(s u_in)||,

    error <= M(sigma) sigma^-d / (1 - sigma^-r),   d the first dropped degree, r the stride of degrees

(d = N + 1, r = 1; odd maps: the next odd degree, r = 2). No norm condition is needed. It costs `samples` classical
runs for each radius; sampling the circle is not a proof, so the value is measured, not certified. Derived in
THEORY 3.1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.model.polynomial_map import PolynomialMap

_RADII = 60


def ray_estimate(
    map: PolynomialMap, u_in: npt.ArrayLike, steps: int, order: int, *, samples: int = 48, kind: str = "2"
) -> float:
    """Return the least estimate over `_RADII` radii in [1.05, 2.6], in the norm `kind` ("2" or "inf").

    inf where every circle diverges. Raises ValueError if F_0 is not zero.
    """
    if 0 in map.tensors:
        raise ValueError("the ray estimate needs F_0 = 0: expand about a stationary point")
    odd = all(degree % 2 for degree in map.tensors)
    first, stride = (order + 1 + order % 2, 2) if odd else (order + 1, 1)
    estimates = [
        ray_growth(map, u_in, steps, sigma, samples=samples, kind=kind)
        * sigma**-first
        / (1.0 - sigma**-stride)
        for sigma in np.geomspace(1.05, 2.6, _RADII).tolist()
    ]
    return float(min(estimates))


def ray_growth(
    map: PolynomialMap,
    u_in: npt.ArrayLike,
    steps: int,
    sigma: float,
    *,
    samples: int = 48,
    kind: str = "2",
) -> float:
    """Return M(sigma) over `samples` equally spaced points of the circle; inf where an iterate overflows."""
    circle = sigma * np.exp(2j * np.pi * np.arange(samples) / samples)
    points = np.multiply.outer(np.asarray(u_in, dtype=np.float64), circle)
    order: float = 2 if kind == "2" else np.inf
    matrices = {degree: tensor.to_sparse() for degree, tensor in map.tensors.items()}
    growth = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for time in range(steps + 1):
            growth = max(growth, float(np.linalg.norm(points, order, axis=0).max()))
            if not growth < 1e100:
                return math.inf
            if time < steps:
                points = points + sum(matrix @ _power(points, degree) for degree, matrix in matrices.items())
    return growth


def _power(points: npt.NDArray[np.complex128], degree: int) -> Any:
    """Return the columnwise tensor powers, (n^degree, samples)."""
    power = points
    for _ in range(degree - 1):
        power = (power[:, None, :] * points[None, :, :]).reshape(-1, points.shape[1])
    return power
