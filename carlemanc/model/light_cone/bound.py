"""A bound of the light cone of a lattice, where following it would take too long: boxes around every start.

A step carries a site at most as far along each axis as the largest offset of any stencil, in either direction, so the
sites reached from p within t steps lie in a box of 1 + t w_a sites along axis a (derived here). Counts of rows on
which a stencil writes are at most those of the sites that one of its columns stands on.
"""

from __future__ import annotations

from carlemanc.core.arrays import IntArray
from carlemanc.model.light_cone.growth import LightCone, Rules, cost_of


def bounded_growth(rules: Rules, start: IntArray, steps: int) -> LightCone:
    """Return upper bounds of the growth."""
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

    each = sum(map(cost_of, rules.stencils))
    beside = sum(item.nnz * (item.degree + 1) for item in rules.entries)
    return LightCone(
        support=reached(steps),
        flops=sum(each * reached(time) + beside for time in range(steps)),
        is_exact=False,
        sites=None,
        source="at most: boxes around the start",
    )
