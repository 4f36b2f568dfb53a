r"""Lattice quadratics as sums of squares: events that shift a slot, without a block encoding of the Hessian.

$\sum_i u_i u_{i+c} = <u, S^c u> = \sigma (||(1 + \sigma S^c)u||^2 / 2 - ||u||^2)$ for sigma = +1 and -1 (proved; on an
open lattice S^c is the isometry into the sites beyond the ends). Which sigma is taken, one for each offset, is decided
by the cost of the events together: where the weights add up instead of canceling, each is known to its own size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.core.double_precision import as_float
from carlemanc.core.rounding import without_noise
from carlemanc.model.lattice.sites import Lattice, Offset
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, written_out
from carlemanc.model.polynomial_value import slope_along
from carlemanc.model.weights import Point, point_norm
from carlemanc.observables.event import Event, cost_of

if TYPE_CHECKING:
    from carlemanc.observables.shift_probe import ShiftProbe

_MOST_TRIED = 8
"""Up to this many offsets every choice of signs is tried, beyond it the smaller event of each offset is taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuadraticSplit:
    """-<u, F_1 u> / 2 as base ||u||^2 + sum_c factor_c <u, S^c u> and what is neither.

    Attributes:
        base: the factor of ||u||^2.
        shifts: offset -> factor, one of the two offsets of a pair.
        lattice: that of the shifts; None where there are none.
        rest: what is left of F_1; None where nothing is.
    """

    base: float
    shifts: dict[Offset, float]
    lattice: Lattice | None
    rest: Operator | None

    @property
    def is_trivial(self) -> bool:
        """Whether nothing was split off."""
        return not self.base and not self.shifts


def split_quadratic(operator: Operator) -> QuadraticSplit:
    """Return the parts of a quadratic from its F_1 = -Hessian, any operator."""
    if not isinstance(operator, LatticeTensor):
        return _split_diagonal(operator)
    lattice = operator.lattice
    base: Fraction | float = Fraction(0)
    shifts: dict[Offset, Fraction | float] = {}
    others: list[Stencil] = []
    for stencil in operator.stencils:
        (offset,) = stencil.offsets
        if stencil.profile is not None or stencil.box != lattice.inside([offset]):
            others.append(stencil)
        elif not any(offset):
            base -= stencil.coefficient / 2
        elif _can_shift(lattice):
            one = max(offset, lattice.wrap(tuple(-along for along in offset)))
            shifts[one] = shifts.get(one, Fraction(0)) - stencil.coefficient / 2
        else:
            others.append(stencil)
    rest = replace(operator, stencils=tuple(others))
    return QuadraticSplit(
        base=as_float(base),
        shifts={offset: as_float(factor) for offset, factor in sorted(shifts.items()) if factor},
        lattice=lattice if shifts else None,
        rest=rest if rest.nnz else None,
    )


def _split_diagonal(operator: Operator) -> QuadraticSplit:
    """Return a multiple of the identity, where the diagonal is one, apart from the other entries."""
    tensor = written_out(operator)
    diagonal = np.flatnonzero(tensor.rows == tensor.cols[:, 0])
    values = tensor.vals[diagonal]
    if len(diagonal) < tensor.n or np.any(values != values[0]):
        return QuadraticSplit(base=0.0, shifts={}, lattice=None, rest=operator)
    rest = tensor.chosen(np.flatnonzero(tensor.rows != tensor.cols[:, 0]))
    return QuadraticSplit(
        base=-float(values[0]) / 2, shifts={}, lattice=None, rest=rest if rest.nnz else None
    )


def _can_shift(lattice: Lattice) -> bool:
    """Whether a shift is a permutation of a slot with one bit more for each open axis (`ShiftProbe`)."""
    return lattice.periodic or all(size & (size - 1) == 0 for size in lattice.dims[1:])


def split_events(split: QuadraticSplit, u: Point, gamma: float) -> tuple[Event, ...]:
    """Return the events of the parts that were split off: of all choices of signs the cheapest.

    Args:
        split: the parts.
        u: theta(T) - center as planned.
        gamma: the unit of u in the lift.
    """
    level = (point_norm(u) / gamma) ** 2
    overlaps = {offset: _overlap(split.lattice, offset, u) / gamma**2 for offset in split.shifts}
    offsets = list(split.shifts)
    if len(offsets) <= _MOST_TRIED:
        choices = [dict(zip(offsets, signs, strict=True)) for signs in product((-1, 1), repeat=len(offsets))]
    else:
        choices = [{offset: -1 if overlaps[offset] > 0 else 1 for offset in offsets}]
    found = [_events(split, chosen, level, overlaps, gamma) for chosen in choices]
    return min(found, key=cost_of)


def level_event(weight: float, size: float) -> Event:
    """Return the event that the run leaves its answer: m = ||y_1||^2."""
    return Event(name="level 1", kind="square", weight=weight, size=size, make_probe=lambda eps: None)


def _overlap(lattice: Lattice | None, offset: Offset, u: Point) -> float:
    """Return <u, S u>."""
    assert lattice is not None
    box = lattice.inside([offset])
    assert box is not None
    return slope_along(LatticeTensor.build(lattice, 1, [Stencil(offsets=(offset,), box=box)]), u)


def _events(
    split: QuadraticSplit,
    signs: dict[Offset, int],
    level: float,
    overlaps: dict[Offset, float],
    gamma: float,
) -> tuple[Event, ...]:
    unit, lattice = gamma**2, split.lattice
    weight = split.base - sum(signs[offset] * factor for offset, factor in split.shifts.items())
    found = [level_event(unit * weight, level)] if weight else []
    if lattice is None:
        return tuple(found)
    for offset, factor in split.shifts.items():
        sign = signs[offset]
        size = without_noise(max(level + sign * overlaps[offset], 0.0), level) / 2
        found.append(
            Event(
                name=f"u {'+' if sign > 0 else '-'} u shifted by {_words(offset)}",
                kind="square",
                weight=2 * unit * sign * factor,
                size=size,
                make_probe=partial(_shift_probe, lattice, offset, sign),
            )
        )
    return tuple(found)


def _words(offset: Sequence[int]) -> str:
    return ", ".join(map(str, offset))


def _shift_probe(lattice: Lattice, offset: Offset, sign: int, eps: float) -> ShiftProbe:
    from carlemanc.block_encoding.stencil.stencil_terms import Sites
    from carlemanc.observables.shift_probe import ShiftProbe

    return ShiftProbe(sites=Sites(lattice.dims, lattice.periodic), offset=offset, sign=sign)
