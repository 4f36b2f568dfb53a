r"""How far an observable that is read can be from gradient descent: certified errors of the truncation, proved.

An observable is read as sum_l <y_1, R_l y_l> of the truncated levels. With u = theta(T) - center, ||u|| <= U, and eps_j
>= ||u^(x)j - truncated level j|| (`carleman.certificate`), telescoping gives for each l >= 1

    | <u, R_l u^l> - <yh_1, R_l yh_l> | <= ||R_l|| (U eps_l + (U^l + eps_l) eps_1),

a priori (U = v, the majorant) also ||R_l|| (v^(l+1) - (v - eps_1)(v^l - eps_l)), and ||F_0|| eps_1 for l = 0. In the
maximum norm ||R_l|| is a row sum, times the number of its rows, or of the weights that can be nonzero. The parts l <= 1
are a quadratic q of level 1 alone: |q(u) - q(u + e)| <= ||grad q(u)|| ||e|| + ||H|| ||e||^2 / 2. The smallest of all is
taken. Levels are symmetric under exchange of slots, which a step preserves, so that symmetrized norms do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from carlemanc.carleman.certificate import level_errors
from carlemanc.carleman.majorant import OVERFLOW, sequence_majorant
from carlemanc.carleman.map_norms import ROUND_UP, MapNorms, maximum_norms, norms_of_each, symmetrized_norms
from carlemanc.carleman.trajectory import reached_sites, sizes_along
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.lattice.sites import size_of
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, PolynomialMap
from carlemanc.model.shaped_tensor import ShapedTensor
from carlemanc.model.weights import Point, point_norm
from carlemanc.observables.vectors import image, with_operators

_KEPT = 8
"""Lifts whose errors are remembered: every observable of a training asks for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelErrors:
    """Errors of the truncated levels in one norm, in units of u^j.

    Attributes:
        kind: "2" or "inf".
        size: U >= ||u(T)||.
        bounds: eps_j, j = 1..N.
        is_majorant: whether U is v, of which eps_j is a part, and U^j - eps_j bounds the truncated level.
        sites: how many weights can be nonzero.
        dropped: what entries of the maps that were dropped as rounding can do to u(T), 2-norm.
    """

    kind: str
    size: float
    bounds: tuple[float, ...]
    is_majorant: bool
    sites: int
    dropped: float

    def of_row(self, operators: Mapping[int, Operator], weights: Mapping[int, float]) -> float:
        """Return the bound for sum_l weights[l] <u, F_l u^l>; infinite where a level is not kept."""
        return math.fsum(weights[degree] * self._of(operator) for degree, operator in operators.items())

    def of_vector(self, operators: Mapping[int, Operator]) -> float:
        """Return the bound of the 2-norm of the error of sum_l F_l u^l.

        In the maximum norm a row of F_l is off by its row sum times eps_l, and so many rows see a weight that moves.
        """
        found = []
        for degree, operator in operators.items():
            if degree:
                rows = math.sqrt(_rows(operator, self.sites)) if self.kind == "inf" else 1.0
                found.append(self._norm(operator) * rows * self._error(degree))
        return math.fsum(found)

    def _norm(self, operator: Operator) -> float:
        return (operator.norm_inf if self.kind == "inf" else operator.symmetric_norm2) * ROUND_UP

    def _error(self, level: int) -> float:
        """Return the error of a level, what was dropped as rounding included."""
        if level > len(self.bounds):
            return math.inf
        dropped = level * (self.size + self.dropped) ** (level - 1) * self.dropped
        return self.bounds[level - 1] + dropped

    def _of(self, operator: Operator) -> float:
        degree, first = operator.degree, self._error(1)
        if not degree:
            if self.kind == "inf":
                return min(operator.norm1, self.sites * operator.norm_inf) * ROUND_UP * first
            return operator.symmetric_norm2 * ROUND_UP * first
        other = self._error(degree)
        if self.is_majorant and not self.dropped:
            found = self.size**degree * first + max(self.size - first, 0.0) * other
        else:
            found = self.size * other + (self.size**degree + other) * first
        return (
            self._norm(operator) * found * (min(self.sites, _own_rows(operator)) if self.kind == "inf" else 1)
        )


@lru_cache(maxsize=_KEPT)
def errors_of(lifted: Lifted, order: int) -> tuple[LevelErrors, ...]:
    """Return the errors of the levels in both norms, a priori and a posteriori; those that are not finite left out."""
    sequence, start = lifted.sequence, lifted.displacement
    sites, found = reached_sites(sequence, start), []
    for measure in (symmetrized_norms, maximum_norms):
        norms = norms_of_each(sequence.maps, measure)
        for is_majorant in (True, False):
            sizes = _sizes(lifted, norms, is_majorant)
            if not sizes[-1] < OVERFLOW:
                continue
            bounds = level_errors(norms, sequence.schedule, sizes, order, corrections=lifted.lift.corrections)
            found.append(
                LevelErrors(
                    kind=norms[0].kind,
                    size=sizes[-1],
                    bounds=tuple(bounds.tolist()),
                    is_majorant=is_majorant and lifted.lift.corrections is None,
                    sites=sites,
                    dropped=lifted.dropped_error,
                )
            )
    return tuple(found)


@lru_cache(maxsize=_KEPT)
def _first_error(lifted: Lifted, order: int) -> float:
    """Return the certified 2-norm of the error of level 1, the smallest of all forms."""
    return lifted.truncation_bounds([order])[order]


def _sizes(lifted: Lifted, norms: list[MapNorms], is_majorant: bool) -> list[float]:
    sequence, start = lifted.sequence, lifted.displacement
    if not is_majorant:
        return [float(size) for size in sizes_along(sequence, start, kind=norms[0].kind) * ROUND_UP]
    return sequence_majorant([norms[index].steps for index in sequence.schedule], norms[0].vector(start))


def certified_polynomial(lifted: Lifted, read: PolynomialMap, u: Point, order: int) -> float:
    """Return the certified error of O as it is read from the truncated levels; inf where nothing finite is proved.

    Args:
        lifted: the training.
        read: F_l of what is read.
        u: u(T) of the polynomial maps.
        order: N.
    """
    errors = errors_of(lifted, order)
    weights = {degree: 1.0 / (degree + 1) for degree in read.operators}
    higher = {degree: operator for degree, operator in read.operators.items() if degree > 1}
    whole = min((item.of_row(read.operators, weights) for item in errors), default=math.inf)
    above = min((item.of_row(higher, weights) for item in errors), default=math.inf)
    return min(whole, _by_gradient(lifted, read, u, order) + above)


def _by_gradient(lifted: Lifted, read: PolynomialMap, u: Point, order: int) -> float:
    """Return the bound of the parts l <= 1 by their gradient at u and their Hessian."""
    error = _first_error(lifted, order)
    quadratic = with_operators(read, {0, 1})
    slope = point_norm(image(quadratic, u)) * ROUND_UP
    curvature = quadratic.operators[1].norm2 * ROUND_UP if 1 in quadratic.operators else 0.0
    return slope * error + curvature * error**2 / 2


def certified_norm(lifted: Lifted, read: PolynomialMap, order: int) -> float:
    """Return the certified error of ||sum_l F_l u^l|| as it is read: at most that of the vector itself."""
    return min((item.of_vector(read.operators) for item in errors_of(lifted, order)), default=math.inf)


def certified_square(lifted: Lifted, row: PolynomialMap, u: Point, order: int) -> float:
    """Return the certified error of ||R u^k||^2 as it is read: e (2 ||R u^k|| + e), e that of the vector."""
    error = certified_norm(lifted, row, order)
    return error * (2 * point_norm(image(row, u)) * ROUND_UP + error)


def _own_rows(operator: Operator) -> int:
    """Return how many rows of F_l have an entry, at most."""
    if not isinstance(operator, LatticeTensor):
        return min(operator.n, operator.nnz)
    return min(operator.n, sum(size_of(item.box) for item in operator.stencils) + operator.entries.nnz)


def _rows(operator: Operator, sites: int) -> int:
    """Return how many rows of F_l, l >= 1, have a column among so many sites, at most."""
    if not isinstance(operator, LatticeTensor):
        return operator.n
    return min(operator.n, sites * len(operator.stencils) + operator.entries.nnz)


def bound_of_part(part: PolynomialMap, u: Point) -> float:
    """Return a bound of |sum_l <u, F_l u^l> / (l + 1)| by norms."""
    two, largest = point_norm(u) * ROUND_UP, point_norm(u, "inf") * ROUND_UP
    found = [
        _stretch(operator, two, largest) * two / (degree + 1) for degree, operator in part.operators.items()
    ]
    return math.fsum(found)


def bound_of_image(part: PolynomialMap, u: Point) -> float:
    """Return a bound of ||sum_l F_l u^l|| by norms."""
    two, largest = point_norm(u) * ROUND_UP, point_norm(u, "inf") * ROUND_UP
    return math.fsum(_stretch(operator, two, largest) for operator in part.operators.values())


def dropped_part(whole: PolynomialMap, u: Point) -> float:
    """Return what the entries of the observable that were dropped as rounding can be at u."""
    size = point_norm(u) * ROUND_UP
    return math.fsum(lost * size ** (degree + 1) / (degree + 1) for degree, lost in whole.dropped.items())


def dropped_image(whole: PolynomialMap, u: Point) -> float:
    """Return what they can be in the gradient at u, 2-norm."""
    size = point_norm(u) * ROUND_UP
    return math.fsum(lost * size**degree for degree, lost in whole.dropped.items())


def _stretch(operator: Operator, two: float, largest: float) -> float:
    """Return a bound of ||F_l u^l||."""
    degree = operator.degree
    whole = operator.symmetric_norm2 * two**degree
    if isinstance(operator, ShapedTensor) or not degree:
        return whole * ROUND_UP
    return min(whole, operator.slot_norm * two * largest ** (degree - 1)) * ROUND_UP
