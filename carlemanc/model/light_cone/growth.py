"""What the ways of following a light cone share: the rules by which it grows, what they find, and a bound of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.core.errors import InternalError
from carlemanc.model.lattice.sites import Box, Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LightCone:
    """The weights that can be nonzero after T steps, and the flops of following them; at most these if not `is_exact`.

    Args:
        support: how many weights can be nonzero at time T.
        flops: of the program that follows them through all steps.
        is_exact: whether both are the numbers themselves.
        sites: those weights, ascending; None where they are only counted.
        source: how they were found, in words.
    """

    support: int
    flops: int
    is_exact: bool
    sites: IntArray | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteCosts:
    """What a step pays for each site that is reached, where it does not pay for entries that write.

    Args:
        boxes: (sites, flops of each); boxes may overlap, and then add up.
        sites: (k,) ascending, single sites that cost more.
        flops: (k,) what they cost beside.
    """

    boxes: tuple[tuple[Box, int], ...]
    sites: IntArray
    flops: IntArray

    def of(self, lattice: Lattice, reached: IntArray) -> int:
        """Return the flops of some sites."""
        total = sum(flops * int(lattice.holds(box, reached).sum()) for box, flops in self.boxes)
        if not len(self.sites):
            return total
        place = np.minimum(self.sites.searchsorted(reached), len(self.sites) - 1)
        return total + int(self.flops[place[self.sites[place] == reached]].sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """The entries of the F_l of a lattice, l >= 1 for stencils.

    Args:
        lattice: dims and boundary.
        stencils: one entry on each row of a box, from columns at fixed offsets.
        entries: explicit ones beside them, of any degree.
        site_costs: what a step pays for each site reached; None: for each entry that writes.
    """

    lattice: Lattice
    stencils: tuple[Stencil, ...]
    entries: tuple[SparseTensor, ...]
    site_costs: SiteCosts | None = None

    @property
    def driven(self) -> IntArray:
        """Rows of F_0: nonzero from time 1 on."""
        rows = [item.rows for item in self.entries if item.degree == 0]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *rows]))

    @property
    def drive_flops(self) -> int:
        """Flops of F_0 in one step."""
        return sum(item.nnz for item in self.entries if item.degree == 0)


def cost_of(stencil: Stencil) -> int:
    """Return the flops of one entry: a product for each column, and the addition."""
    return len(stencil.offsets) + 1


def rules_of(polynomial: PolynomialMap) -> Rules | None:
    """Return the rules of a lattice map; None where stencils of F_0 drive a number of sites that grows with n."""
    lattice = polynomial.lattice
    if lattice is None:
        raise InternalError("a map without a lattice has no stencils")
    stencils: list[Stencil] = []
    entries: list[SparseTensor] = []
    for operator in polynomial.operators.values():
        if isinstance(operator, LatticeTensor):
            if operator.degree == 0 and operator.stencils:
                return None
            stencils += operator.stencils
            beside = beside_stencils(operator)
            entries += [beside] if beside.nnz else []
        elif isinstance(operator, SparseTensor):
            entries.append(operator)
    return Rules(lattice=lattice, stencils=tuple(stencils), entries=tuple(entries))


def beside_stencils(operator: LatticeTensor) -> SparseTensor:
    """Return the explicit entries that stand where no stencil has one: the others are one entry with it."""
    entries = operator.entries
    if not entries.nnz or not operator.stencils:
        return entries
    bare = operator.bare().entries_at(np.unique(entries.rows))
    known = {(row, *cols) for row, cols in zip(bare.rows.tolist(), bare.cols.tolist(), strict=True)}
    own = zip(entries.rows.tolist(), entries.cols.tolist(), strict=True)
    kept = np.array([k for k, (row, cols) in enumerate(own) if (row, *cols) not in known], dtype=np.int64)
    return entries.chosen(kept)


def bounded_growth(rules: Rules, start: IntArray, steps: int) -> LightCone:
    """Return upper bounds of the growth, where following it would take too long: boxes around every start.

    A step carries a site at most as far along each axis as the largest offset of any stencil, in either direction, so
    the sites reached from p within t steps lie in a box of 1 + t w_a sites along axis a (derived here). Counts of rows
    on which a stencil writes are at most those of the sites that one of its columns stands on.
    """
    lattice, n = rules.lattice, rules.lattice.n
    offsets = [offset for stencil in rules.stencils for offset in stencil.offsets]
    widths = [
        max((step for step in along), default=0) - min((step for step in along), default=0)
        for along in ([0, *(offset[axis] for offset in offsets)] for axis in range(len(lattice.dims)))
    ]
    written = sum(len(set(item.rows.tolist())) for item in rules.entries)

    def reached(time: int) -> int:
        """At most so many sites at a time: explicit entries may write to their rows from the first step on."""
        sites = 0
        for number, since in ((len(start), time), (written, time - 1)):
            if since >= 0:
                box = 1
                for width, size in zip(widths, lattice.dims, strict=True):
                    box *= min(size, 1 + since * width)
                sites += number * box
        return min(n, sites)

    if rules.site_costs is None:
        each = sum(map(cost_of, rules.stencils))
        beside = sum(item.nnz * (item.degree + 1) for item in rules.entries)
    else:
        each = sum(flops for _, flops in rules.site_costs.boxes)
        beside = int(rules.site_costs.flops.sum())
    return LightCone(
        support=reached(steps),
        flops=sum(each * reached(time) + beside for time in range(steps)),
        is_exact=False,
        sites=None,
        source="at most: boxes around the start",
    )
