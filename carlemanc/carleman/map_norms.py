"""Norms of the maps F_l and G_l that the scalar bounds are made of, each rounded up.

Two flattenings, two uses (THEORY 1). The truncation error and the regime see F_l only on symmetric vectors,
so they may use the smaller ||F_l Pi_sym||; conditioning and subnormalization see the flattening that is
encoded. The maximum norm (largest absolute row sum) multiplies over (x) as well and needs no n (THEORY 3.2,
6.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from carlemanc.model.polynomial_map import Operator, PolynomialMap
from carlemanc.model.weights import Point, point_norm

ROUND_UP = 1.0 + 1e-12
"""Covers the rounding of a computed norm (a few times the dimension in ulps)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNorms:
    """g_l = ||G_l|| for l = 0..q (G_1 = I + F_1) and f_1 = ||F_1||, all in the vector norm `kind`."""

    kind: str
    """`2` or `inf`."""
    steps: tuple[float, ...]
    linear_factor: float

    @property
    def factors(self) -> tuple[float, ...]:
        """||F_l|| for l = 0..q: like `steps`, but f_1 instead of g_1."""
        return tuple(self.linear_factor if degree == 1 else g for degree, g in enumerate(self.steps))

    def vector(self, u: npt.ArrayLike | Point) -> float:
        """Return the norm of a vector, rounded up."""
        with np.errstate(over="ignore", invalid="ignore"):
            return point_norm(u, self.kind) * ROUND_UP


def norms_of_each(
    maps: Sequence[PolynomialMap], measure: Callable[[PolynomialMap], MapNorms]
) -> list[MapNorms]:
    """Return `measure` of every map, measured once for maps that differ in F_0 alone."""
    known = {key_without_drive(item): measure(item) for item in distinct_without_drive(maps)}
    found = []
    for item in maps:
        norms = known[key_without_drive(item)]
        found.append(replace(norms, steps=(_norm(item.operators.get(0), norms.kind), *norms.steps[1:])))
    return found


def distinct_without_drive(maps: Sequence[PolynomialMap]) -> list[PolynomialMap]:
    """Return the first of every set of maps that share all F_l but F_0, as the maps of noisy steps do."""
    return list({key_without_drive(item): item for item in reversed(maps)}.values())[::-1]


def key_without_drive(map: PolynomialMap) -> tuple[tuple[int, int], ...]:
    """Return what identifies the F_l, l >= 1, while the map is alive."""
    return tuple((degree, id(tensor)) for degree, tensor in map.operators.items() if degree)


def largest_norms(norms: Sequence[MapNorms]) -> MapNorms:
    """Return the largest norm of each degree over several maps: a majorant of every one of them."""
    length = max(len(item.steps) for item in norms)
    padded = [(*item.steps, *[0.0] * (length - len(item.steps))) for item in norms]
    return MapNorms(
        kind=norms[0].kind,
        steps=tuple(max(column) for column in zip(*padded, strict=True)),
        linear_factor=max(item.linear_factor for item in norms),
    )


def _norm(operator: Operator | None, kind: str) -> float:
    if operator is None:
        return 0.0
    return (operator.norm2 if kind == "2" else operator.norm_inf) * ROUND_UP


def symmetrized_norms(map: PolynomialMap) -> MapNorms:
    """Return 2-norms of the symmetrized maps: rigorous for errors and regimes, not for kappa and alpha.

    Spectral norms where the smaller side of F_l is at most 1024, beyond that upper bounds (`norm2`).
    """
    return _rounded_up("2", map.symmetric_norms, map.operators.get(1))


def maximum_norms(map: PolynomialMap) -> MapNorms:
    """Return norms induced by the maximum norm of vectors (absolute row sums)."""
    norms = map.measured_by_degree(lambda operator: operator.norm_inf)
    return _rounded_up("inf", norms, map.operators.get(1))


def _rounded_up(kind: str, norms: Sequence[float], linear: Operator | None) -> MapNorms:
    return MapNorms(
        kind=kind,
        steps=tuple(norm * ROUND_UP for norm in norms),
        linear_factor=_norm(linear, kind),
    )


def encoded_norms(steps: Mapping[int, Operator], factors: Mapping[int, Operator], order: int) -> MapNorms:
    """Return 2-norms of the flattenings as they are for l = 0..order: `steps` G_l, `factors` F_l.

    Of stencils, bounds that hold for whichever flattening they are written out in.
    """
    return MapNorms(
        kind="2",
        steps=tuple(
            steps[degree].encoded_norm2 * ROUND_UP if degree in steps else 0.0 for degree in range(order + 1)
        ),
        linear_factor=factors[1].encoded_norm2 * ROUND_UP if 1 in factors else 0.0,
    )
