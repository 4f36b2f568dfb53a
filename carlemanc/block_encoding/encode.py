"""From a history system to its block encoding, with the subnormalizations of the forms not built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from carlemanc.block_encoding.history_encoding import HistoryBlockEncoding
from carlemanc.block_encoding.slot_table import SlotTable, build_slot_table
from carlemanc.bloqs.sparse_amplitudes import SparseAmplitudes
from carlemanc.core.errors import InputError, Problem
from carlemanc.linear_system import HistorySystem
from carlemanc.model.sparse_tensor import SparseTensor

FloatArray = npt.NDArray[np.float64]
_LARGEST_INSERTION = 8


def encode(history: HistorySystem, *, eps: float = 0.0) -> HistoryBlockEncoding:
    """Return the block encoding of `history.matrix()`.

    Args:
        history: the linear system; its Carleman blocks must be exact (`corrections = "exact"`).
        eps: synthesis precision of each rotation.

    Raises:
        InputError: truncated corrections, or order above 8 with F_0 != 0.
    """
    _refuse(history)
    systems = history.systems
    tensors = [
        {degree: tensor for degree, tensor in system.step_tensors.items() if degree >= 1}
        for system in systems
    ]
    slots, slot_bits = history.levels[-1], history.layout.slot_bits
    tables = _tables(tensors, slots, slot_bits)
    sources = [system.constant_term() for system in systems] if slots > 1 else []
    lengths = [float(np.linalg.norm(source)) for source in sources]
    alpha_zero = max(lengths, default=0.0)
    per_level = list(accumulate((table.alpha for table in tables), lambda a, b: a * b))
    stretch = (1 + alpha_zero) ** slots if slots > 1 else 1.0
    kept = [per_level[level - 1] for level in history.levels]
    alpha_step = max(kept) * stretch
    if history.padding:
        alpha_step = max(1.0, alpha_step)
    return HistoryBlockEncoding(
        levels=tuple(history.levels),
        slot_bits=slot_bits,
        time_bits=history.layout.time_bits,
        steps=history.steps,
        padding=history.padding,
        tables=tables,
        zeros=tuple(_loader(source, slot_bits, eps) for source in sources) if alpha_zero else (),
        zero_ratios=tuple(length / alpha_zero for length in lengths) if alpha_zero else (),
        alpha_zero=alpha_zero,
        alpha_step=alpha_step,
        weights=tuple(min(1.0, value * stretch / alpha_step) if alpha_step else 1.0 for value in kept),
        schedule=_schedule(history),
        eps=eps,
    )


def _schedule(history: HistorySystem) -> tuple[int, ...]:
    """Number of the map of each step; empty where there is one map."""
    return () if history.is_uniform else history.schedule


def _refuse(history: HistorySystem) -> None:
    if history.corrections is not None:
        raise InputError(
            "this system has no circuit yet",
            [
                Problem(
                    where="carleman.corrections",
                    found=str(history.corrections),
                    allowed='"exact" to compile, run or estimate; derive, analyze and system take any value',
                    help="circuits are built for the exact discrete map, whose subnormalization is smaller",
                )
            ],
        )
    if history.is_driven and history.order > _LARGEST_INSERTION:
        raise InputError(
            "this system has no circuit yet",
            [
                Problem(
                    where="carleman.order",
                    found=str(history.order),
                    allowed=f"at most {_LARGEST_INSERTION} where the gradient at the center is not zero",
                    help="expand about a stationary point (training.center), or lower the order",
                )
            ],
        )


def _tables(
    tensors: Sequence[Mapping[int, SparseTensor]], slots: int, slot_bits: int
) -> tuple[SlotTable, ...]:
    """One table a slot; slot i (from 0) may hold degrees up to N - i. Equal choices share a table."""
    made: dict[tuple[int, ...], SlotTable] = {}
    tables = []
    for slot in range(slots):
        degrees = tuple(d for d in sorted(set().union(*tensors)) if d <= slots - slot)
        if degrees not in made:
            made[degrees] = build_slot_table(tensors, degrees, slot_bits)
        tables.append(made[degrees])
    return tuple(tables)


def _loader(source: FloatArray, slot_bits: int, eps: float) -> SparseAmplitudes:
    """The loader of a source; a map without one gets any state, its ratio is 0."""
    return SparseAmplitudes.from_vector(source if source.any() else np.eye(len(source))[0], slot_bits, eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForms:
    """alpha_B of three step constructions for the same per-degree subnormalizations (THEORY section 7)."""

    trimmed_full_tuple: float
    """Built."""
    level_shift: float
    """By formula: sum over shifts of the largest tuple weight."""
    product: float
    """By formula: sqrt(sum_j alpha_G^2j)."""


def step_forms(encoding: HistoryBlockEncoding) -> StepForms:
    """Return alpha_B of the built form beside those of the forms that were not built.

    The formulas use the alpha of the step without trimming (all degrees up to N) for the product form, and
    the per-degree split in proportion to the selector weights for the shift form.
    """
    order, alpha_zero = encoding.slot_count, encoding.alpha_zero
    table = encoding.tables[0]
    left = np.array(table.left) ** 2
    by_degree = {0: alpha_zero} if alpha_zero else {}
    for block in table.blocks:
        start = block.prefix << block.shift
        by_degree[block.degree] = table.alpha * float(left[start : start + block.colors].sum())
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
        trimmed_full_tuple=encoding.alpha_step, level_shift=sum(shifts.values()), product=product
    )


def _add_degree(weights: Mapping[int, float], by_degree: Mapping[int, float]) -> dict[int, float]:
    result: dict[int, float] = {}
    for source, weight in weights.items():
        for degree, alpha in by_degree.items():
            result[source + degree] = result.get(source + degree, 0.0) + weight * alpha
    return result
