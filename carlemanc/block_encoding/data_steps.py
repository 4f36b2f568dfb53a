"""Slot steps of a data-loaded map: one colored table, or a split by degree where alpha times T is smaller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from carlemanc.block_encoding.leaf_choice import choose_parts, price_leaves
from carlemanc.block_encoding.split_step import LeafTable, SplitStep
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.block_encoding.table.slot_table import SlotTable, build_slot_table
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.price import price_of
from carlemanc.core.arrays import FloatArray
from carlemanc.core.rounding import coarse
from carlemanc.model.sparse_tensor import SparseTensor

_SMALL = 256
"""Up to this many entries, and without a wish for loading, a step is one colored table."""
_TABULATED = 4096
"""Up to this many entries the colored table of all degrees is built to be compared."""


class DataSteps:
    """Makes the step of each slot; equal choices share their tables.

    Args:
        tensors: per batch: degree -> G_l gamma^(l-1). With several batches every step is one colored table.
        slot_bits: m.
        loading: memory and qubits that lookups may use, and the price of a rotation. None: rotations are exact
            and lookups plain in steps that are one colored table; others take `DEFAULT_LOADING`.
        eps: synthesis precision of each rotation.
        vectors: (A, n) that a tensor may be a sum of outer products of.
    """

    def __init__(
        self,
        tensors: Sequence[Mapping[int, SparseTensor]],
        slot_bits: int,
        loading: Loading | None,
        eps: float,
        vectors: FloatArray | None = None,
    ) -> None:
        self._tensors = tensors
        self._slot_bits = slot_bits
        self._loading = loading
        self._eps = eps
        self._made: dict[tuple[int, ...], tuple[LeafTable, ...]] = {}
        self._entries = sum(tensor.nnz for batch in tensors for tensor in batch.values())
        present = {degree: tensor for degree, tensor in tensors[0].items() if tensor.nnz}
        self._choices = (
            {
                degree: price_leaves(present[degree], slot_bits, self._priced, eps, vectors)
                for degree in present
            }
            if self._may_split
            else {}
        )

    @property
    def _priced(self) -> Loading:
        return self._loading or DEFAULT_LOADING

    @property
    def _may_split(self) -> bool:
        return len(self._tensors) == 1 and (self._entries > _SMALL or self._loading is not None)

    def step(
        self, degrees: tuple[int, ...], *, slots: int, level_bits: int, stride: int
    ) -> SlotStep | SplitStep:
        """Return the controlled step that holds the given degrees."""
        if degrees not in self._made:
            self._made[degrees] = self._parts(degrees, slots, level_bits, stride)
        return self._step(self._made[degrees], slots, level_bits, stride)

    def _parts(
        self, degrees: tuple[int, ...], slots: int, level_bits: int, stride: int
    ) -> tuple[LeafTable, ...]:
        if not self._may_split:
            return (self._table(degrees),)
        split = choose_parts(self._tensors[0], self._choices, degrees, self._slot_bits)
        if self._entries > _TABULATED or (len(split) == 1 and isinstance(split[0], SlotTable)):
            return split
        whole: tuple[LeafTable, ...] = (self._table(degrees),)
        return min((whole, split), key=lambda parts: self._cost(self._step(parts, slots, level_bits, stride)))

    def _table(self, degrees: tuple[int, ...]) -> SlotTable:
        return build_slot_table(self._tensors, degrees, self._slot_bits)

    def _cost(self, step: SlotStep | SplitStep) -> float:
        return coarse(step.alpha * price_of(step).t_count(self._priced))

    def _step(
        self, parts: tuple[LeafTable, ...], slots: int, level_bits: int, stride: int
    ) -> SlotStep | SplitStep:
        if len(parts) == 1 and isinstance(parts[0], SlotTable):
            large = self._entries > _TABULATED
            return SlotStep(
                table=parts[0],
                slots=slots,
                level_bits=level_bits,
                stride=stride,
                loading=self._priced if large else self._loading,
                eps=self._eps,
                is_controlled=True,
            )
        return SplitStep(
            parts=parts,
            slots=slots,
            level_bits=level_bits,
            stride=stride,
            loading=self._priced,
            eps=self._eps,
            is_controlled=True,
        )
