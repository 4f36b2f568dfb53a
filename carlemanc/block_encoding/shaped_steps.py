"""Slot steps of a map known by its shape alone: amplitude leaves of every degree, counted and not emitted."""

from __future__ import annotations

from collections.abc import Mapping

from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.table.amplitude_table import AmplitudeTable, amplitude_table_shape
from carlemanc.bloqs.loading import Loading
from carlemanc.model.shaped_tensor import ShapedTensor


class ShapedSteps:
    """Makes the step of each slot from shapes; its alpha is the sum of the tensors' sqrt(||F||_1 ||F||_inf).

    The amplitude leaf is the one whose subnormalization follows from what is known; a coloring has at most s
    colors and could only promise s times the largest entry, which is at least as much.

    Args:
        tensors: degree -> G_l gamma^(l-1).
        slot_bits: m.
        loading: memory and qubits that lookups may use, and the price of a rotation.
        eps: synthesis precision of each rotation.
    """

    def __init__(
        self, tensors: Mapping[int, ShapedTensor], slot_bits: int, loading: Loading, eps: float
    ) -> None:
        self._loading = loading
        self._eps = eps
        self._tables = {
            degree: shaped_table(tensor, slot_bits, loading, eps) for degree, tensor in tensors.items()
        }

    def step(self, degrees: tuple[int, ...], *, slots: int, level_bits: int, stride: int) -> SplitStep:
        """Return the controlled step that holds the given degrees."""
        return SplitStep(
            parts=tuple(self._tables[degree] for degree in degrees),
            slots=slots,
            level_bits=level_bits,
            stride=stride,
            loading=self._loading,
            eps=self._eps,
            is_controlled=True,
        )


def shaped_table(tensor: ShapedTensor, slot_bits: int, loading: Loading, eps: float = 0.0) -> AmplitudeTable:
    """Return the tables of an amplitude leaf by the shape of its tensor."""
    return amplitude_table_shape(
        entries=tensor.nnz,
        tuples=tensor.tuples,
        rows=tensor.n,
        most_in_column=tensor.column_nonzeros,
        most_in_row=tensor.row_nonzeros,
        degree=tensor.degree,
        slot_bits=slot_bits,
        alpha=tensor.alpha,
        loading=loading,
        eps=eps,
    )
