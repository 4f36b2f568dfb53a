"""Which leaves load each degree of a slot step, in words for reports."""

from __future__ import annotations

from carlemanc.block_encoding.history.step_parts import AnySlotStep
from carlemanc.block_encoding.sample_leaf import SampleTable
from carlemanc.block_encoding.split_step import SplitStep, degrees_of
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.block_encoding.table.slot_table import SlotTable


def leaf_names(step: AnySlotStep) -> dict[int, tuple[str, ...]]:
    """Return, for each degree, "stencil", "coloring", "amplitude" or "sample"; two names are leaves that add up."""
    if not isinstance(step, SplitStep):
        name = "stencil" if isinstance(step, StencilStep) else "coloring"
        return {degree: (name,) for degree in sorted(step.degree_weights)}
    found: dict[int, tuple[str, ...]] = {}
    for part in step.parts:
        name = "sample" if isinstance(part, SampleTable) else "amplitude"
        if isinstance(part, SlotTable):
            name = "coloring"
        for degree in degrees_of(part):
            found[degree] = (*found.get(degree, ()), name)
    return dict(sorted(found.items()))
