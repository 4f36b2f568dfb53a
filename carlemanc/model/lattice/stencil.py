"""Stencils: terms of F_l that look the same from every row of a box, whatever the size of the lattice.

The stencil (c; o_1, ..., o_l) on a box stands for the entries (r; r + o_1, ..., r + o_l) with value c, for
every site r of the box. Boxes are such that columns never leave an open lattice; on a periodic one they go
around. A coefficient that depends on the row (J[i] from a file) is a profile: one value for each site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from carlemanc.core.errors import TooLarge
from carlemanc.model.lattice.sites import Box, Lattice, Offset, cell_count, cells, overlap, size_of
from carlemanc.model.polynomials.coefficients import Coefficients

BOX_LIMIT = 4_096
"""The most boxes that overlapping ranges may cut each other into."""

Number = Fraction | float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stencil:
    """One term.

    Attributes:
        offsets: l offsets of the columns from the row, in canonical order (`order_of`).
        box: the rows.
        coefficient: the value, where there is no profile.
        profile: n values by site, 0 outside the box; then `coefficient` is 1.
    """

    offsets: tuple[Offset, ...]
    box: Box
    coefficient: Number = Fraction(1)
    profile: Coefficients | None = None

    @property
    def count(self) -> int:
        """The number of rows where its coefficient is not zero."""
        return size_of(self.box) if self.profile is None else len(self.profile.nonzero_rows())

    def scaled(self, factor: Number) -> Stencil:
        """Return the stencil times a number."""
        if self.profile is None:
            return replace(self, coefficient=self.coefficient * factor)
        return replace(self, profile=self.profile * constant(factor))


def constant(value: Number) -> Coefficients:
    """Return a coefficient of one row, which meets a profile by broadcasting."""
    if isinstance(value, Fraction):
        return Coefficients.constant(value, 1)
    return Coefficients(values=np.array([value]))


def order_of(offsets: tuple[Offset, ...]) -> tuple[int, tuple[Offset, ...]]:
    """Return the key that lists stencils from the row outwards."""
    return sum(abs(step) for offset in offsets for step in offset), offsets


def collect(stencils: Iterable[Stencil], lattice: Lattice) -> tuple[tuple[Stencil, ...], float]:
    """Return the sum in canonical form: shortest offsets, one coefficient for each monomial of each row.

    And a bound of the spectral norm of what was set to zero in it: of a stencil, that is at most the largest value.

    Stencils of the same offsets have disjoint boxes afterwards, and zeros are gone. Raises TooLarge where the
    boxes cut each other into too many.
    """
    plain: dict[tuple[Offset, ...], dict[Box, Number]] = {}
    profiles: dict[tuple[Offset, ...], Coefficients] = {}
    for stencil in stencils:
        offsets = tuple(sorted(lattice.wrap(offset) for offset in stencil.offsets))
        if stencil.profile is None:
            boxes = plain.setdefault(offsets, {})
            boxes[stencil.box] = boxes.get(stencil.box, Fraction(0)) + stencil.coefficient
        else:
            known = profiles.get(offsets)
            profiles[offsets] = stencil.profile if known is None else known + stencil.profile
    found = [
        Stencil(offsets=offsets, box=box, coefficient=coefficient)
        for offsets, boxes in plain.items()
        for box, coefficient in _disjoint(boxes).items()
    ]
    found += [
        Stencil(offsets=offsets, box=lattice.full, profile=profile)
        for offsets, profile in profiles.items()
        if profile.values.any()
    ]
    errors = (profile.errors for profile in profiles.values())
    lost = sum(float(item.max(initial=0.0)) for item in errors if item is not None)
    return tuple(sorted(found, key=lambda stencil: (order_of(stencil.offsets), stencil.box))), lost


def _disjoint(boxes: dict[Box, Number]) -> dict[Box, Number]:
    """Cut overlapping boxes into cells, add up, and join neighbors of one value."""
    listed = [box for box, value in boxes.items() if value]
    pairs = ((first, second) for k, first in enumerate(listed) for second in listed[:k])
    if len(listed) > 1 and any(overlap(first, second) for first, second in pairs):
        if len(listed) > BOX_LIMIT or cell_count(listed) > BOX_LIMIT:
            raise TooLarge(
                "the lattice sum",
                size=f"its {len(listed)} ranges cut each other into {cell_count(listed):,} boxes",
                limit=f"{BOX_LIMIT:,}",
                instead="Use fewer different ranges.",
            )
        values = {
            cell: sum((boxes[listed[k]] for k in holders), Fraction(0)) for cell, holders in cells(listed)
        }
        return _joined({cell: value for cell, value in values.items() if value})
    return {box: boxes[box] for box in listed}


def _joined(values: dict[Box, Number]) -> dict[Box, Number]:
    """Join boxes of one value that continue each other along an axis, axis by axis from the last."""
    for axis in reversed(range(len(next(iter(values), ())))):
        merged: dict[Box, Number] = {}
        last: dict[Box, Box] = {}
        for box in sorted(values, key=lambda box: box[axis]):
            rest = (*box[:axis], *box[axis + 1 :])
            before = last.get(rest)
            if before and before[axis][1] + 1 == box[axis][0] and merged[before] == values[box]:
                joined = (*box[:axis], (before[axis][0], box[axis][1]), *box[axis + 1 :])
                del merged[before]
                merged[joined], last[rest] = values[box], joined
            else:
                merged[box], last[rest] = values[box], box
        values = merged
    return values
