"""Steps and range checks of one slot on a lattice, in the bits of its index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from carlemanc.block_encoding.stencil.stencil_terms import Sites
from carlemanc.bloqs.arithmetic import at_least
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.site_arithmetic import Condition, add_constant, between, divided, rotate, where_below
from carlemanc.model.lattice.sites import Box, Offset


def move(circuit: BitCircuit, sites: Sites, control: Bit, site: Sequence[Bit], step: Offset) -> None:
    """Add a step to the site where `control` is 1; beyond an open end the result is some other index."""
    if not any(step):
        return
    if sites.is_sliced:
        for axis, along in enumerate(step):
            bits = site[sites.field(axis)]
            if sites.steps_plainly(axis):
                add_constant(circuit, control, bits, along)
            else:
                rotate(circuit, control, bits, sites.dims[axis], along)
        return
    if not sites.periodic:
        flat = 0
        for along, size in zip(step, sites.dims, strict=True):
            flat = flat * size + along
        add_constant(circuit, control, site, flat)
        return
    # an index that is no site stays: its coordinates need not fit after a step
    with (
        where_below(circuit, control, site, sites.n) as acts,
        axes(circuit, site, sites.dims) as fields,
    ):
        for bits, along, size in zip(fields, step, sites.dims, strict=True):
            rotate(circuit, acts, bits, size, along)


@contextmanager
def axes(circuit: BitCircuit, site: Sequence[Bit], dims: Sequence[int]) -> Iterator[list[list[Bit]]]:
    """Yield the bits of the coordinate along each axis; slices where the inner extents are powers of two."""
    if len(dims) == 1:
        yield [list(site)]
        return
    with divided(circuit, site, dims[-1]) as (rest, last), axes(circuit, rest, dims[:-1]) as before:
        yield [*before, last]


@contextmanager
def within(circuit: BitCircuit, sites: Sites, site: Sequence[Bit], box: Box) -> Iterator[list[Condition]]:
    """Yield conditions that hold together exactly where the index is that of a site of the box."""
    with ExitStack() as stack:
        if box == sites.lattice.full:
            late = stack.enter_context(at_least(circuit, site, sites.n)) if not sites.is_full else None
            yield [] if late is None else [(late, 0)]
            return
        fields = stack.enter_context(axes(circuit, site, sites.dims))
        conditions: list[Condition] = []
        for axis, (bits, (low, high)) in enumerate(zip(fields, box, strict=True)):
            top = (1 << len(bits)) - 1
            if axis and high == sites.dims[axis] - 1:
                high = top  # a remainder never exceeds its extent
            if (low, high) != (0, top):
                conditions += stack.enter_context(between(circuit, bits, low, min(high, top)))
        yield conditions
