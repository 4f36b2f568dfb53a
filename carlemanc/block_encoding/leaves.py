"""The slot steps of a history: from stencils where the maps are those of a lattice, else from tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Literal

import attrs

from carlemanc.block_encoding.data_steps import DataSteps
from carlemanc.block_encoding.shaped_steps import ShapedSteps
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.stencil.stencil_step import StencilStep
from carlemanc.block_encoding.stencil.stencil_terms import Sites, StencilUnit, gather_units
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.block_encoding.table.slot_table import build_slot_table
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.nearly import SAME, is_below_one
from carlemanc.carleman import CarlemanSystem
from carlemanc.linear_system.register_layout import bits_for
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import written_out
from carlemanc.model.shaped_tensor import ShapedTensor
from carlemanc.model.sparse_tensor import SparseTensor

Leaf = Literal["stencil", "table"]
_MULTIPLEXED_SITES = 4096
"""Up to this many sites coefficients of their own are multiplexed rotations unless a loading is given."""


def own_level_bit(levels: Sequence[int], slot: int) -> int:
    """Return the index of the level bit that says slot `slot` (from 0) is occupied; -1 where it always is."""
    return next(r for r, level in enumerate(levels) if level >= slot + 1) - 1


def stride(levels: Sequence[int]) -> int:
    """Return the distance of neighboring levels: 2 where only odd levels are kept."""
    return levels[1] - levels[0] if len(levels) > 1 else 1


def splits_identity(system: CarlemanSystem) -> bool:
    """Whether B keeps fewer corrections than all, so that the steps are those of F without the identity."""
    return system.corrections is not None and system.corrections < system.levels[-1]


def table_steps(
    systems: Sequence[CarlemanSystem], eps: float, loading: Loading | None = None
) -> tuple[SlotStep | SplitStep, ...]:
    """Return one data-loaded step a slot; slot i (from 0) holds degrees up to N - i. Equal choices share tables.

    Where `splits_identity` the steps, here and in `stencil_steps`, are those of F, of alpha 0 where no F_l fits.
    """
    first, slot_bits = systems[0], bits_for(systems[0].n)
    is_split, levels = splits_identity(first), first.levels
    shaped = shaped_tensors_of(first)
    tensors: Sequence[Mapping[int, SparseTensor | ShapedTensor]]
    maker: DataSteps | ShapedSteps
    if shaped is not None:
        tensors, maker = [shaped], ShapedSteps(shaped, slot_bits, loading or DEFAULT_LOADING, eps)
    else:
        loaded = [
            {degree: tensor for degree, tensor in found.items() if degree >= 1}
            for found in (s.factor_tensors if is_split else s.step_tensors for s in systems)
        ]
        tensors, maker = loaded, DataSteps(loaded, slot_bits, loading, eps, first.map.samples)
    steps: list[SlotStep | SplitStep] = []
    for slot in range(levels[-1]):
        degrees = _degrees(tensors, levels[-1] - slot)
        if not degrees and is_split:
            steps.append(_unused(slot_bits))
            continue
        above = len(levels) - 2 - own_level_bit(levels, slot)
        steps.append(maker.step(degrees, slots=levels[-1] - slot, level_bits=above, stride=stride(levels)))
    return tuple(steps)


def shaped_tensors_of(system: CarlemanSystem) -> dict[int, ShapedTensor] | None:
    """Return the tensors of a map known by its shape (those of F where `splits_identity`); None of any other map."""
    if not system.map.is_shaped:
        return None
    found = system.factor_operators if splits_identity(system) else system.step_operators
    return {degree: tensor for degree, tensor in found.items() if isinstance(tensor, ShapedTensor)}


def stencil_steps(
    systems: Sequence[CarlemanSystem], is_padded: bool, eps: float, loading: Loading | None
) -> tuple[StencilStep | SlotStep, ...] | None:
    """Return one stencil step a slot; None where the maps are no lattice's, differ in more than F_0, or vanish."""
    first = systems[0]
    is_split = splits_identity(first)
    tensors = lattice_tensors(first, with_identity=not is_split)
    if tensors is None or any(system.shares_with is not first for system in systems[1:]):
        return None
    lattice = next(iter(tensors.values())).lattice
    sites = Sites(lattice.dims, lattice.periodic)
    levels, slots = first.levels, first.levels[-1]
    gathered: dict[tuple[int, ...], tuple[StencilUnit, ...]] = {}
    checks = ("vacant" if is_padded else "live") if not is_split else "vacant" if 1 in tensors else ""
    steps: list[StencilStep | SlotStep] = []
    for slot in range(slots):
        degrees = _degrees([tensors], slots - slot)
        if degrees not in gathered:
            gathered[degrees] = gather_units(tensors, degrees)
        if not gathered[degrees]:
            if not is_split:
                return None
            steps.append(_unused(bits_for(first.n)))
            continue
        own = own_level_bit(levels, slot)
        steps.append(
            StencilStep(
                sites=sites,
                units=gathered[degrees],
                slots=slots - slot,
                level_bits=len(levels) - 2 - own,
                stride=stride(levels),
                checks="" if own < 0 else checks,
                ends_group=own >= 0 and slot == levels[own],
                shares_flag=own < 0 and bool(checks) and _may_share(gathered[degrees], levels),
                loading=loading or (DEFAULT_LOADING if first.n > _MULTIPLEXED_SITES else None),
                eps=eps,
                is_controlled=True,
            )
        )
    if is_split:
        return tuple(steps)
    return _with_slack([step for step in steps if isinstance(step, StencilStep)], levels)


def _unused(slot_bits: int) -> SlotStep:
    """The step of a slot that no F_l fits: alpha is 0, it is never applied."""
    return SlotStep(table=build_slot_table([{}], (), slot_bits), slots=1, level_bits=0, stride=1)


def _with_slack(steps: Sequence[StencilStep], levels: Sequence[int]) -> tuple[StencilStep, ...]:
    """Let levels of smaller alpha use the largest of all: a rotation in a step instead of two on a level flag."""
    found = list(steps)
    reached = list(accumulate((step.alpha for step in steps), lambda a, b: a * b))
    largest, lifted = max(reached[level - 1] for level in levels), 1.0
    for before, level in pairwise(levels):
        share = lifted * reached[level - 1] / largest
        last = found[level - 1]
        if (
            is_below_one(share)
            and len(last.units) == 2
            and lifted * reached[before - 1] >= largest * (1 - SAME)
        ):
            found[level - 1] = attrs.evolve(last, slack=share)
            lifted /= share
    return tuple(found)


def _may_share(units: Sequence[StencilUnit], levels: Sequence[int]) -> bool:
    """Whether slot 1 may flag an underflow in slot 2: its terms lower one level bit, and slot 2 cannot too.

    After such an underflow, code 01, the level code is 11; with a third bit, 010, it is 101, and slot 2 may
    underflow as well, which would take the flag back.
    """
    drops = {(unit.degree - 1) // stride(levels) for unit in units if unit.degree > 1}
    return 2 <= len(levels) <= 3 and drops == {1}


def _degrees(tensors: Sequence[Mapping[int, object]], most: int) -> tuple[int, ...]:
    return tuple(degree for degree in sorted(set().union(*tensors)) if 1 <= degree <= most)


def lattice_tensors(system: CarlemanSystem, *, with_identity: bool = True) -> dict[int, LatticeTensor] | None:
    """Return G_l gamma^(l-1), l = 1..N, as stencils and entries; None where the map is no lattice's.

    Without the identity G_1 is F_1, absent where it is zero.
    """
    lattice = system.map.lattice
    if lattice is None:
        return None
    found: dict[int, LatticeTensor] = {}
    for degree, operator in system.map.operators.items():
        if 1 <= degree <= system.order:
            if not isinstance(operator, LatticeTensor):
                entries = written_out(operator)
                operator = LatticeTensor(lattice=lattice, degree=degree, stencils=(), entries=entries)
            found[degree] = operator.scale(system.gamma ** (degree - 1))
    if not with_identity:
        return {degree: found[degree] for degree in sorted(found) if found[degree].nnz}
    found[1] = found.get(1, LatticeTensor.build(lattice, 1, [])).plus_identity()
    return dict(sorted(found.items()))
