"""The parts of one Carleman step in each leaf worth trying: what L and the step alone are encoded from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate

from carlemanc.block_encoding.history.carleman_encoding import CarlemanEncoding
from carlemanc.block_encoding.history.corrected_parts import CorrectedParts
from carlemanc.block_encoding.history.step_parts import AnySlotStep, StepParts
from carlemanc.block_encoding.leaves import Leaf, splits_identity, stencil_steps, stride, table_steps
from carlemanc.bloqs.amplitudes.point_loader import load_point
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.price import Price, price_of
from carlemanc.carleman import CarlemanSystem
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import coarse
from carlemanc.linear_system.register_layout import bits_for

_BOTH_TRIED = 64
"""Up to this many sites the table-loaded leaf of a lattice is built too, and the cheaper one taken."""


def step_candidates(
    systems: Sequence[CarlemanSystem],
    *,
    is_padded: bool = False,
    level_zero: bool = False,
    eps: float = 0.0,
    loading: Loading | None = None,
    leaf: Leaf | None = None,
) -> list[StepParts]:
    """Return the parts of the step in one leaf or two, for the cheaper encoding of them to be taken.

    Args:
        systems: the distinct maps of the schedule, of one n, gamma, order and levels.
        is_padded: steps are left out in padding rows, where alpha_B is at least 1.
        level_zero: the extended step of one map, for which all levels are kept.
        eps: synthesis precision of each rotation.
        loading, leaf: as in `encode`.

    Raises:
        InputError: leaf = "stencil" where the map is no lattice's.
    """
    if level_zero and (stride(systems[0].levels) != 1 or len(systems) > 1):
        raise ValueError("level 0 needs one map and all levels above it")
    slots, slot_bits = systems[0].levels[-1], bits_for(systems[0].n)
    has_sources = slots > 1 or level_zero
    loaded = [load_point(s.constant_point(), slot_bits, eps, loading=loading) for s in systems if has_sources]
    lengths = [source.length for source in loaded]
    alpha_zero = max(lengths, default=0.0)
    corrections = systems[0].corrections
    made: Callable[..., StepParts] = StepParts
    if corrections is not None and splits_identity(systems[0]):
        made = partial(CorrectedParts, corrections=corrections, values=systems[0].n)
    found = []
    for steps in _leaves(systems, is_padded, eps, loading, leaf):
        levels, alpha, weights = _weights(systems[0], steps, alpha_zero, is_padded, level_zero)
        found.append(
            made(
                levels=levels,
                slot_bits=slot_bits,
                slot_steps=steps,
                zeros=tuple(source.loader for source in loaded) if alpha_zero else (),
                zero_ratios=tuple(length / alpha_zero for length in lengths) if alpha_zero else (),
                alpha_zero=alpha_zero,
                alpha=alpha,
                weights=weights,
                eps=eps,
            )
        )
    return found


def cost(encoding: CarlemanEncoding) -> float:
    """T gates of a call and of a projector phase, rotations synthesized, times alpha: what an inversion pays."""
    phase = Price(encoding.ancilla_bitsize - 1, 1)
    t_count = price_of(encoding).t_count(DEFAULT_LOADING) + phase.t_count(DEFAULT_LOADING)
    return coarse(t_count * encoding.alpha)


def _weights(
    system: CarlemanSystem, steps: Sequence[AnySlotStep], alpha_zero: float, is_padded: bool, level_zero: bool
) -> tuple[tuple[int, ...], float, tuple[float, ...]]:
    """Return the levels held, alpha_B and the weight of each level."""
    levels = (0, *system.levels) if level_zero else tuple(system.levels)
    alphas = (splits_identity(system) + step.alpha for step in steps)
    reached = list(accumulate(alphas, lambda a, b: a * b, initial=1.0))
    kept = [reached[level] for level in levels]
    stretch = (1 + alpha_zero) ** system.levels[-1]
    alpha = max(kept) * stretch
    if level_zero:
        return levels, alpha, tuple(value / max(kept) for value in kept)
    alpha = max(1.0, alpha) if is_padded else alpha
    return levels, alpha, tuple(min(1.0, value * stretch / alpha) if alpha else 1.0 for value in kept)


def _leaves(
    systems: Sequence[CarlemanSystem],
    is_padded: bool,
    eps: float,
    loading: Loading | None,
    leaf: Leaf | None,
) -> list[tuple[AnySlotStep, ...]]:
    """The steps of the leaf asked for, or of those worth trying."""
    stencils = stencil_steps(systems, is_padded, eps, loading) if leaf != "table" else None
    if leaf == "stencil" and stencils is None:
        raise InputError(
            "this system has no stencils",
            [Problem(where="block encoding", found="a map that is no lattice's", allowed='leaf "table"')],
        )
    if stencils is not None and (leaf == "stencil" or systems[0].n > _BOTH_TRIED):
        return [stencils]
    tables: tuple[AnySlotStep, ...] = table_steps(systems, eps, loading)
    return [tables] if stencils is None else [stencils, tables]
