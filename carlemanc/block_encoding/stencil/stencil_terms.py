"""The terms of one slot step on a lattice: offsets, weights and rows, gathered from the stencils of F_l.

Terms of equal offsets are one term, whatever their boxes: its weight is the largest coefficient, and each box
keeps its ratio to it. A term and its mirror image of equal weight are one unit. Explicit entries beside the
stencils are stencils on a single row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import attrs
import numpy as np

from carlemanc.block_encoding.stencil.unit_tree import UnitTree
from carlemanc.bloqs.converters import numbers
from carlemanc.bloqs.nearly import SAME
from carlemanc.bloqs.price import price_of
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.model.lattice.sites import Box, Lattice, Offset
from carlemanc.model.lattice.slot_order import by_distance
from carlemanc.model.lattice.stencil import Stencil, collect
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomials.coefficients import Coefficients

_MOST_BOXES = 24
"""A term of more boxes is stored as one value for each site."""
_PERMUTED = 4
"""Up to this many units every order is tried."""


@attrs.frozen(cache_hash=True)
class Sites:
    """The lattice as the register of a slot sees it: m bits hold the row-major index."""

    dims: tuple[int, ...]
    periodic: bool

    @property
    def lattice(self) -> Lattice:
        """The same lattice in the words of the model."""
        return Lattice(dims=self.dims, periodic=self.periodic)

    @property
    def n(self) -> int:
        """Number of sites."""
        return self.lattice.n

    @property
    def bits(self) -> int:
        """m, bits of an index."""
        return (self.n - 1).bit_length()

    @property
    def is_full(self) -> bool:
        """Whether every state of a slot is a site."""
        return self.n == 1 << self.bits

    @property
    def is_sliced(self) -> bool:
        """Whether each axis has bits of its own: every extent but the first is a power of two."""
        return all(size & (size - 1) == 0 for size in self.dims[1:])

    def field(self, axis: int) -> slice:
        """The bits of an axis in a sliced index."""
        start = sum((size - 1).bit_length() for size in self.dims[axis + 1 :])
        return slice(start, start + (self.dims[axis] - 1).bit_length())

    def steps_plainly(self, axis: int) -> bool:
        """Whether a step along an axis is an addition modulo a power of two (ends are checked apart)."""
        return self.is_sliced and (not self.periodic or self.dims[axis] & (self.dims[axis] - 1) == 0)


@attrs.frozen(cache_hash=True)
class Patch:
    """The rows of a box, where a term has `ratio` times its weight."""

    box: Box
    ratio: float


@attrs.frozen(cache_hash=True, kw_only=True)
class StencilTerm:
    """One product of columns.

    Args:
        offsets: of the columns from the row, slot by slot.
        weight: the largest |coefficient|.
        patches: disjoint boxes of rows, empty where there is a profile.
        profile: coefficient / weight of every slot value, (2^m,).
    """

    offsets: tuple[Offset, ...]
    weight: float
    patches: tuple[Patch, ...] = ()
    profile: tuple[float, ...] = attrs.field(default=(), converter=numbers)

    @property
    def degree(self) -> int:
        """Number of columns."""
        return len(self.offsets)

    @property
    def moves(self) -> bool:
        """Whether some column is not the row."""
        return any(any(offset) for offset in self.offsets)

    def uniform_sign(self, sites: Sites) -> int:
        """+1 or -1 where the term has this times its weight at every site, else 0."""
        if len(self.patches) == 1 and self.patches[0].box == sites.lattice.full:
            ratio = self.patches[0].ratio
            return int(np.sign(ratio)) if abs(abs(ratio) - 1) <= SAME else 0
        return 0


@attrs.frozen(cache_hash=True)
class StencilUnit:
    """One term, or a term and its mirror image, told apart by the direction bit."""

    terms: tuple[StencilTerm, ...]

    @property
    def degree(self) -> int:
        """Number of columns."""
        return self.terms[0].degree

    @property
    def is_pair(self) -> bool:
        """Whether there is a direction."""
        return len(self.terms) == 2

    @property
    def weight(self) -> float:
        """Weight in the selector: that of both directions."""
        return sum(term.weight for term in self.terms)


def gather_units(tensors: Mapping[int, LatticeTensor], degrees: Sequence[int]) -> tuple[StencilUnit, ...]:
    """Return the units of the given degrees: at rest, contracting, moving. Empty where G = 0."""
    terms: dict[tuple[Offset, ...], StencilTerm] = {}
    sites = None
    for degree in degrees:
        tensor = tensors[degree]
        sites = Sites(tensor.lattice.dims, tensor.lattice.periodic)
        groups: dict[tuple[Offset, ...], list[Stencil]] = {}
        for stencil in collect([*tensor.stencils, *_single_sites(tensor)], tensor.lattice)[0]:
            groups.setdefault(by_distance(stencil.offsets), []).append(stencil)
        for offsets, group in groups.items():
            term = _term(offsets, group, sites)
            if term is not None:
                terms[offsets] = term
    if sites is None:
        return ()
    units = []
    left = dict(terms)
    for offsets in sorted(terms, key=lambda found: (len(found), found)):
        if offsets not in left:
            continue
        term = left.pop(offsets)
        mirrored = tuple(sites.lattice.wrap(tuple(-step for step in offset)) for offset in offsets)
        other = left.get(mirrored)
        if other is not None and abs(other.weight - term.weight) <= SAME * term.weight:
            units.append(StencilUnit((term, left.pop(mirrored))))
        else:
            units.append(StencilUnit((term,)))
    ordered = sorted(units, key=lambda unit: 1 if unit.degree > 1 else 2 * unit.terms[0].moves)
    return _fewest_rotations(ordered)


def _fewest_rotations(units: Sequence[StencilUnit]) -> tuple[StencilUnit, ...]:
    """Of few units, the order whose selector takes the fewest rotations (equal weights side by side)."""

    def rotations(order: tuple[StencilUnit, ...]) -> int:
        return price_of(RotationTree((UnitTree(tuple(unit.weight for unit in order)).amplitudes,))).rotations

    if not 2 < len(units) <= _PERMUTED:
        return tuple(units)
    return min(permutations(units), key=rotations)


def _single_sites(tensor: LatticeTensor) -> list[Stencil]:
    """The explicit entries as stencils: on one row each, or as profiles where they are many."""
    entries, lattice = tensor.entries, tensor.lattice
    rows = lattice.coordinates(entries.rows)
    columns = lattice.coordinates(entries.cols)
    found = []
    for k, value in enumerate(entries.vals.tolist()):
        site = tuple(int(row[k]) for row in rows)
        offsets = tuple(
            lattice.wrap(tuple(int(col[k, j]) - here for col, here in zip(columns, site, strict=True)))
            for j in range(entries.degree)
        )
        found.append(Stencil(offsets=offsets, box=tuple((at, at) for at in site), coefficient=value))
    if len(found) <= _MOST_BOXES:
        return found
    groups: dict[tuple[Offset, ...], FloatValues] = {}
    for row, stencil in zip(entries.rows.tolist(), found, strict=True):
        values = groups.setdefault(tuple(sorted(stencil.offsets)), np.zeros(lattice.n))
        values[row] += float(stencil.coefficient)
    return [
        Stencil(offsets=offsets, box=lattice.full, profile=Coefficients(values=values))
        for offsets, values in groups.items()
    ]


FloatValues = np.ndarray[tuple[int], np.dtype[np.float64]]


def _term(offsets: tuple[Offset, ...], group: Sequence[Stencil], sites: Sites) -> StencilTerm | None:
    """One term from all stencils of its offsets."""
    if len(group) <= _MOST_BOXES and all(item.profile is None for item in group):
        values = [float(item.coefficient) for item in group]
        weight = max(map(abs, values))
        if not weight:
            return None
        patches = tuple(
            Patch(item.box, value / weight) for item, value in zip(group, values, strict=True) if value
        )
        return StencilTerm(offsets=offsets, weight=weight, patches=patches)
    profile = np.zeros(1 << sites.bits)
    for item in group:
        rows = sites.lattice.sites(item.box)
        if item.profile is None:
            profile[rows] += float(item.coefficient)
        else:
            profile[rows] += item.profile.floats()[rows]
    weight = float(np.abs(profile).max())
    return (
        StencilTerm(offsets=offsets, weight=weight, profile=tuple((profile / weight).tolist()))
        if weight
        else None
    )
