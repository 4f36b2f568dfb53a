r"""Block encoding of a real sparse matrix as it is: one partial permutation a color of its entries.

An edge coloring of rows against columns splits A into as many partial permutations as its fullest row or column
has entries (module coloring). A selector in the state sqrt(w_c), w_c the largest entry of color c, picks one: a flag
turned by arccos(A_ij / w_c), multiplexed over column and color, then the permutation in place. The block is A/alpha
with alpha the sum of the w_c, at most the number of colors times the largest entry.

References: derived here from the sparse-access model, Gilyén, Su, Low, Wiebe, arXiv:1806.01838, Lemma 48, with
alpha = sum_c w_c in place of sqrt(s_r s_c) max |A_ij|; checked against the matrix.
"""

from __future__ import annotations

import math
from functools import cached_property

import attrs
import numpy as np
import numpy.typing as npt
from scipy import sparse

from carlemanc.block_encoding.clean_encoding import CleanEncoding
from carlemanc.block_encoding.table.coloring import color_tensor
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.converters import integer_rows, number_rows, numbers
from carlemanc.bloqs.lookups.in_place_lookup import InPlaceLookup
from carlemanc.bloqs.nearly import turn
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.bloqs.sequence_bloq import SequenceBloq
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.model.sparse_tensor import SparseTensor

MAX_ADDRESSES = 1 << 20
"""Largest number of (column, color) pairs: each is an angle of one multiplexed rotation."""


ALPHA = Formula(
    text="alpha = sum_c w_c over the colors c of an edge coloring of the entries, w_c the largest |entry| of a color",
    status="derived here",
)


@attrs.frozen(cache_hash=True)
class SparseMatrixEncoding(CleanEncoding):
    """(alpha, ancilla, epsilon) block encoding of a real 2^m x 2^m matrix, a `BlockEncoding` of Qualtran.

    Args:
        permutations: image row of every column, one table a color, 2^b of them.
        ratios: A_ij / w_c of every column j, one table a color.
        weights: w_c, zero for colors that only fill up the selector.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: m wires.
        ancilla: the b selector wires, then the flag (most significant).
    """

    permutations: tuple[tuple[int, ...], ...] = attrs.field(converter=integer_rows)
    ratios: tuple[tuple[float, ...], ...] = attrs.field(converter=number_rows)
    weights: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def alpha_formula(self) -> Formula:
        """How alpha follows from the entries."""
        return ALPHA

    @classmethod
    def of(cls, matrix: sparse.sparray, eps: float = 0.0) -> SparseMatrixEncoding:
        """Encode a sparse (D, D) matrix, D a power of two of at least 2.

        Raises InputError where it is not square, not real, not finite, zero or of another size; TooLarge where
        there are over `MAX_ADDRESSES` (column, color) pairs.
        """
        entries = sparse.coo_array(matrix)
        _check(entries)
        entries.sum_duplicates()
        tensor = SparseTensor(
            n=entries.shape[0],
            degree=1,
            rows=entries.coords[0].astype(np.int64),
            cols=entries.coords[1].astype(np.int64)[:, None],
            vals=np.asarray(entries.data, dtype=np.float64),
        )
        size = entries.shape[0]
        fullest = int(max(np.bincount(axis).max() for axis in entries.coords))
        if size << (fullest - 1).bit_length() > MAX_ADDRESSES:
            raise TooLarge(
                "the block encoding of a matrix without structure",
                size=f"{fullest} colors of {size:,} columns",
                limit=f"{MAX_ADDRESSES:,} (column, color) pairs",
                instead='The back end "matrix" applies the solver to the matrix without a circuit.',
            )
        colors = color_tensor(tensor, size.bit_length() - 1)
        total = 1 << (len(colors) - 1).bit_length()
        permutations, ratios, weights = [], [], []
        for color in colors:
            values = np.asarray(color.values)  # by row
            weight = float(np.abs(values).max())
            permutations.append(color.permutation)
            ratios.append((values[list(color.permutation)] / weight).tolist())
            weights.append(weight)
        for _ in range(total - len(colors)):
            permutations.append(permutations[0])
            ratios.append(ratios[0])
            weights.append(0.0)
        return cls(permutations, ratios, weights, eps)

    @property
    def alpha(self) -> float:
        """Subnormalization: the sum of the largest entries of the colors."""
        return math.fsum(self.weights)

    @property
    def epsilon(self) -> float:
        """Operator-norm error of alpha <0|U|0>: rotations synthesized to `eps`; 0 where they are exact."""
        return float(self.alpha * self.eps * self.rotation_count)

    @property
    def selector_size(self) -> int:
        """Number of selector wires b."""
        return (len(self.weights) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": (len(self.permutations[0]) - 1).bit_length(),
            "ancilla": self.selector_size + 1,
        }

    @cached_property
    def _rotation(self) -> MultiplexedRy:
        flat = [ratio for row in self.ratios for ratio in row]
        angles = [turn(ratio) for ratio in flat]
        return MultiplexedRy(angles, self.eps, self.is_controlled)

    def build(self, circuit: BitCircuit) -> None:
        system = self.bits("system")
        *selector, flag = self.bits("ancilla")
        weigh = RotationTree((tuple(weight**0.5 for weight in self.weights),), self.eps)
        if selector:
            circuit.call(weigh, target=selector)
        circuit.call(self._rotation, ctrl=self.ctrl, address=[*system, *selector], target=flag)
        move = InPlaceLookup(self.permutations, self.is_controlled)
        circuit.call(move, ctrl=self.ctrl, selector=selector, target=system)
        if selector:
            circuit.call(weigh.adjoint(), target=selector)


@attrs.frozen(cache_hash=True)
class VectorPreparation(SequenceBloq):
    """|0> -> b/||b|| on the register `system`, b real with few nonzeros.

    Args:
        loader: its amplitudes on as many bits.
        is_controlled: do nothing where `ctrl` is 0.
    """

    loader: SparseAmplitudes
    is_controlled: bool = False

    @classmethod
    def of(cls, vector: npt.ArrayLike, eps: float = 0.0) -> VectorPreparation:
        """Prepare a vector of 2^m real numbers, not all zero."""
        array = np.asarray(vector, dtype=np.float64)
        return cls(SparseAmplitudes.from_vector(array, (len(array) - 1).bit_length(), eps))

    def bit_registers(self) -> dict[str, int | None]:
        return {"system": self.loader.size}

    def build(self, circuit: BitCircuit) -> None:
        loader = attrs.evolve(self.loader, is_controlled=self.is_controlled)
        circuit.call(loader, ctrl=self.ctrl, target=self.bits("system"))


def _check(entries: sparse.coo_array) -> None:
    rows, columns = entries.shape
    data = np.asarray(entries.data)
    problems = []
    if rows != columns or rows < 2 or rows & (rows - 1):
        problems.append(
            Problem(
                where="system.matrix",
                found=f"{rows} x {columns}",
                allowed="square, of a power of two of at least 2 rows",
                help="fill up with a diagonal of the size of the entries; b with zeros",
            )
        )
    if np.iscomplexobj(data) or not np.all(np.isfinite(data)) or not np.any(data):
        problems.append(
            Problem(
                where="system.matrix", found="complex, infinite or only zero entries", allowed="real numbers"
            )
        )
    if problems:
        raise InputError("the matrix cannot be encoded", problems)
