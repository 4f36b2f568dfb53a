"""From a history system to its block encoding, with the subnormalizations of the forms not built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import numpy as np
from attrs import evolve

from carlemanc.block_encoding.history.corrected_encoding import CorrectedHistoryEncoding
from carlemanc.block_encoding.history.history_encoding import HistoryBlockEncoding
from carlemanc.block_encoding.history.history_wires import Step
from carlemanc.block_encoding.leaf_names import leaf_names
from carlemanc.block_encoding.leaves import Leaf, splits_identity, stencil_steps, table_steps
from carlemanc.block_encoding.sources import source_of
from carlemanc.bloqs.amplitudes.point_loader import Loaded
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.price import Price, price_of
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import coarse
from carlemanc.linear_system import HistorySystem

_BOTH_TRIED = 64
"""Up to this many sites the table-loaded leaf of a lattice is built too, and the cheaper one taken."""


def encode(
    history: HistorySystem, *, eps: float = 0.0, loading: Loading | None = None, leaf: Leaf | None = None
) -> HistoryBlockEncoding:
    """Return the block encoding of `history.matrix()`.

    Args:
        history: the linear system; with fewer corrections than N the encoding is a `CorrectedHistoryEncoding`.
        eps: synthesis precision of each rotation.
        loading: how tables are read; None: multiplexed rotations, exact, and plain lookups, except in tensors
            of more than 4096 entries or sites and where a degree takes the amplitude leaf (`DataSteps`).
        leaf: "stencil" or "table" (data-loaded); by default the one of fewer T gates times alpha where both
            exist, the stencil where the lattice has more than 64 sites.

    The two states of c are equal or one-sided (`ShiftPair`), again by T gates times alpha.

    Raises:
        InputError: a source that is neither sparse nor uniform on many sites, or
            leaf = "stencil" where the map is no lattice's.
    """
    slots, slot_bits = history.levels[-1], history.layout.slot_bits
    sources = [source_of(system, slot_bits, eps) for system in history.systems] if slots > 1 else []
    found = [_assembled(history, steps, sources, eps) for steps in _leaves(history, eps, loading, leaf)]
    return min((form for whole in found for form in (whole, evolve(whole, is_one_sided=True))), key=_cost)


def _assembled(
    history: HistorySystem, steps: tuple[Step, ...], sources: Sequence[Loaded], eps: float
) -> HistoryBlockEncoding:
    """The encoding made of given slot steps."""
    slots, slot_bits = history.levels[-1], history.layout.slot_bits
    lengths = [source.length for source in sources]
    alpha_zero = max(lengths, default=0.0)
    is_split = splits_identity(history)
    per_level = list(accumulate((is_split + step.alpha for step in steps), lambda a, b: a * b))
    stretch = (1 + alpha_zero) ** slots if slots > 1 else 1.0
    kept = [per_level[level - 1] for level in history.levels]
    alpha_step = max(kept) * stretch
    if history.padding:
        alpha_step = max(1.0, alpha_step)
    made: Callable[..., HistoryBlockEncoding] = HistoryBlockEncoding
    if history.corrections is not None and is_split:
        made = partial(CorrectedHistoryEncoding, corrections=history.corrections, values=history.n)
    return made(
        levels=tuple(history.levels),
        slot_bits=slot_bits,
        time_bits=history.layout.time_bits,
        steps=history.steps,
        padding=history.padding,
        slot_steps=steps,
        zeros=tuple(source.loader for source in sources) if alpha_zero else (),
        zero_ratios=tuple(length / alpha_zero for length in lengths) if alpha_zero else (),
        alpha_zero=alpha_zero,
        alpha_step=alpha_step,
        weights=tuple(min(1.0, value * stretch / alpha_step) if alpha_step else 1.0 for value in kept),
        schedule=_schedule(history),
        eps=eps,
    )


def _leaves(
    history: HistorySystem, eps: float, loading: Loading | None, leaf: Leaf | None
) -> list[tuple[Step, ...]]:
    """The steps of the leaf asked for, or of those worth trying."""
    stencils = stencil_steps(history, eps, loading) if leaf != "table" else None
    if leaf == "stencil" and stencils is None:
        raise InputError(
            "this system has no stencils",
            [Problem(where="block encoding", found="a map that is no lattice's", allowed='leaf "table"')],
        )
    if stencils is not None and (leaf == "stencil" or history.n > _BOTH_TRIED):
        return [stencils]
    tables: tuple[Step, ...] = table_steps(history, eps, loading)
    return [tables] if stencils is None else [stencils, tables]


def _cost(encoding: HistoryBlockEncoding) -> float:
    """T gates of a call and of a projector phase, rotations synthesized, times alpha: what an inversion pays."""
    phase = Price(encoding.ancilla_bitsize - 1, 1)
    t_count = price_of(encoding).t_count(DEFAULT_LOADING) + phase.t_count(DEFAULT_LOADING)
    return coarse(t_count * encoding.alpha)


def _schedule(history: HistorySystem) -> tuple[int, ...]:
    """Number of the map of each step; empty where there is one map."""
    return () if history.is_uniform else history.schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForms:
    """alpha_B of three step constructions for the same per-degree subnormalizations (THEORY section 7)."""

    trimmed_full_tuple: float
    """Built."""
    level_shift: float
    """By formula: sum over shifts of the largest tuple weight."""
    product: float
    """By formula: sqrt(sum_j alpha_G^2j)."""
    leaves: Mapping[int, tuple[str, ...]]
    """Degree -> how the first slot loads it (`leaf_names`)."""


def step_forms(encoding: HistoryBlockEncoding) -> StepForms:
    """Return alpha_B of the built form beside those of the forms that were not built.

    The formulas use the alpha of the step without trimming (all degrees up to N) for the product form, and
    the per-degree split in proportion to the selector weights for the shift form.
    """
    order, alpha_zero = encoding.slot_count, encoding.alpha_zero
    by_degree = {0: alpha_zero} if alpha_zero else {}
    by_degree |= encoding.slot_steps[0].degree_weights
    if isinstance(encoding, CorrectedHistoryEncoding):
        by_degree[1] = 1 + by_degree.get(1, 0.0)
    total = sum(by_degree.values())
    product = float(np.sqrt(sum(total ** (2 * level) for level in encoding.levels)))
    shifts: dict[int, float] = {}
    for level in encoding.levels:
        weights = {0: 1.0}
        for _ in range(level):
            weights = _add_degree(weights, by_degree)
        for source, weight in weights.items():
            if 1 <= source <= order:
                shifts[source - level] = max(shifts.get(source - level, 0.0), weight)
    return StepForms(
        trimmed_full_tuple=encoding.alpha_step,
        level_shift=sum(shifts.values()),
        product=product,
        leaves=leaf_names(encoding.slot_steps[0]),
    )


def _add_degree(weights: Mapping[int, float], by_degree: Mapping[int, float]) -> dict[int, float]:
    result: dict[int, float] = {}
    for source, weight in weights.items():
        for degree, alpha in by_degree.items():
            result[source + degree] = result.get(source + degree, 0.0) + weight * alpha
    return result
