"""The slot steps of a history: from stencils where the maps are those of a lattice, else from tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Literal

import attrs

from carlemanc.block_encoding.data_steps import DataSteps
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.block_encoding.stencil.stencil_terms import Sites, Unit, gather_units
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.carleman import CarlemanSystem
from carlemanc.linear_system import HistorySystem
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.sparse_tensor import SparseTensor

Leaf = Literal["stencil", "table"]
_EQUAL = 1e-13
_MULTIPLEXED_SITES = 4096
"""Up to this many sites coefficients of their own are multiplexed rotations unless a loading is given."""


def own_level_bit(levels: Sequence[int], slot: int) -> int:
    """Return the index of the level bit that says slot `slot` (from 0) is occupied; -1 where it always is."""
    return next(r for r, level in enumerate(levels) if level >= slot + 1) - 1


def stride(levels: Sequence[int]) -> int:
    """Return the distance of neighboring levels: 2 where only odd levels are kept."""
    return levels[1] - levels[0] if len(levels) > 1 else 1


def table_steps(
    history: HistorySystem, eps: float, loading: Loading | None = None
) -> tuple[SlotStep | SplitStep, ...]:
    """Return one data-loaded step a slot; slot i (from 0) holds degrees up to N - i. Equal choices share tables."""
    tensors = [
        {degree: tensor for degree, tensor in system.step_tensors.items() if degree >= 1}
        for system in history.systems
    ]
    levels, slots = history.levels, history.levels[-1]
    maker = DataSteps(tensors, history.layout.slot_bits, loading, eps)
    return tuple(
        maker.step(
            _degrees(tensors, slots - slot),
            slots=slots - slot,
            level_bits=len(levels) - 2 - own_level_bit(levels, slot),
            stride=stride(levels),
        )
        for slot in range(slots)
    )


def stencil_steps(
    history: HistorySystem, eps: float, loading: Loading | None
) -> tuple[StencilStep, ...] | None:
    """Return one stencil step a slot; None where the maps are no lattice's, differ in more than F_0, or vanish."""
    tensors = lattice_tensors(history.systems[0])
    if tensors is None or any(system.twin is not history.systems[0] for system in history.systems[1:]):
        return None
    lattice = next(iter(tensors.values())).lattice
    sites = Sites(lattice.dims, lattice.periodic)
    levels, slots = history.levels, history.levels[-1]
    gathered: dict[tuple[int, ...], tuple[Unit, ...]] = {}
    steps = []
    for slot in range(slots):
        degrees = _degrees([tensors], slots - slot)
        if degrees not in gathered:
            gathered[degrees] = gather_units(tensors, degrees)
        if not gathered[degrees]:
            return None
        own = own_level_bit(levels, slot)
        steps.append(
            StencilStep(
                sites=sites,
                units=gathered[degrees],
                slots=slots - slot,
                level_bits=len(levels) - 2 - own,
                stride=stride(levels),
                checks="" if own < 0 else "vacant" if history.padding else "live",
                ends_group=own >= 0 and slot == levels[own],
                shares_flag=own < 0 and _may_share(gathered[degrees], levels),
                loading=loading or (DEFAULT_LOADING if history.n > _MULTIPLEXED_SITES else None),
                eps=eps,
                is_controlled=True,
            )
        )
    return _with_slack(steps, levels)


def _with_slack(steps: Sequence[StencilStep], levels: Sequence[int]) -> tuple[StencilStep, ...]:
    """Let levels of smaller alpha use the largest of all: a rotation in a step instead of two on a level flag."""
    found = list(steps)
    reached = list(accumulate((step.alpha for step in steps), lambda a, b: a * b))
    largest, lifted = max(reached[level - 1] for level in levels), 1.0
    for before, level in pairwise(levels):
        share = lifted * reached[level - 1] / largest
        last = found[level - 1]
        if (
            share < 1 - _EQUAL
            and len(last.units) == 2
            and lifted * reached[before - 1] >= largest * (1 - _EQUAL)
        ):
            found[level - 1] = attrs.evolve(last, slack=share)
            lifted /= share
    return tuple(found)


def _may_share(units: Sequence[Unit], levels: Sequence[int]) -> bool:
    """Whether slot 1 may flag an underflow in slot 2: its terms lower one level bit, and slot 2 cannot too.

    After such an underflow, code 01, the level code is 11; with a third bit, 010, it is 101, and slot 2 may
    underflow as well, which would take the flag back.
    """
    drops = {(unit.degree - 1) // stride(levels) for unit in units if unit.degree > 1}
    return 2 <= len(levels) <= 3 and drops == {1}


def _degrees(tensors: Sequence[Mapping[int, object]], most: int) -> tuple[int, ...]:
    return tuple(degree for degree in sorted(set().union(*tensors)) if 1 <= degree <= most)


def lattice_tensors(system: CarlemanSystem) -> dict[int, LatticeTensor] | None:
    """Return G_l gamma^(l-1), l = 1..N, as stencils and entries; None where the map is no lattice's."""
    lattice = system.map.lattice
    if lattice is None:
        return None
    found: dict[int, LatticeTensor] = {}
    for degree, operator in system.map.operators.items():
        if 1 <= degree <= system.order:
            if isinstance(operator, SparseTensor):
                operator = LatticeTensor(lattice=lattice, degree=degree, stencils=(), entries=operator)
            found[degree] = operator.scale(system.gamma ** (degree - 1))
    found[1] = found.get(1, LatticeTensor.build(lattice, 1, [])).plus_identity()
    return dict(sorted(found.items()))
