r"""A tensor that is a sum over samples of outer products: $F = \sum_a w_a\, v_a (x) v_a^{(x) l}$.

The losses of linear and ridge regression, and of any function of one inner product with the sample, have this
form. The LCU runs over samples: alpha = sum_a |w_a| ||v_a||^(l+1), and the tables hold A n amplitudes whatever l.
"""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np

from carlemanc.bloqs.amplitudes.amplitude_tree import AmplitudeTree, amplitude_tree
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.lookup_data import LookupTable
from carlemanc.bloqs.lookups.table_load import loaded
from carlemanc.core.arrays import FloatArray


@attrs.frozen(cache_hash=True, kw_only=True)
class SampleTable:
    """Everything a `SampleLeaf` loads.

    Args:
        degree: l >= 1.
        slot_bits: m; sample_bits: ceil(log2 A).
        alpha: sum_a |w_a| ||v_a||^(l+1).
        weights: the tree of sqrt(|w_a| ||v_a||^(l+1) / alpha) over samples.
        vectors: the tree of v_a / ||v_a||, addressed by the sample.
        signs: 1 where w_a < 0.
    """

    degree: int
    slot_bits: int
    sample_bits: int
    alpha: float
    weights: AmplitudeTree
    vectors: AmplitudeTree
    signs: LookupTable


@attrs.frozen(cache_hash=True, kw_only=True)
class SampleLeaf(BitBloq):
    """Map (c_1..c_l) to (r, 0, ..) with amplitude F_rc / alpha where sample register and flag are |0>.

    Slots 2..l that do not overlap with the sample's vector are left nonzero, for the caller to check; slot 1 is
    flagged.

    Registers:
        sample: the block is its |0>; flag: a real Toffoli's target, the block is its |0>.
        slots: l m bits, slot by slot, least significant first.

    Args:
        table: the tables.
        loading: memory and qubits that lookups may use.
        is_controlled: do nothing where `ctrl` is 0.

    Cost: l + 1 vector loads addressed by the sample, two preparations of the weights, m Toffoli.

    References:
        Childs and Wiebe, arXiv:1202.5822 (sums of unitaries); the circuit is derived here, checked against the
        tensor.
    """

    table: SampleTable
    loading: Loading = DEFAULT_LOADING
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        table = self.table
        return {"sample": table.sample_bits, "flag": None, "slots": table.degree * table.slot_bits}

    @cached_property
    def _slots(self) -> list[list[Bit]]:
        bits, m = self.bits("slots"), self.table.slot_bits
        return [bits[i * m : (i + 1) * m] for i in range(self.table.degree)]

    def build(self, circuit: BitCircuit) -> None:
        spare = circuit.allocate()  # every vector has norm 1: the trees never turn their flag
        sample = self.bits("sample")
        self._weigh(circuit, self.table.weights, sample, spare, adjoint=False)
        for slot in self._slots:
            self._load(circuit, slot, spare, adjoint=True)
        if self._slots[0]:
            circuit.flip_unless_zero("flag", self._slots[0], self.ctrl)
        self._load(circuit, self._slots[0], spare, adjoint=False)
        with loaded(
            circuit, self.table.signs, 1, sample, control=self.ctrl, loading=self.loading
        ) as negative:
            circuit.z(negative[0])
        self._weigh(circuit, self.table.weights, sample, spare, adjoint=True)
        circuit.free(spare)

    @staticmethod
    def _weigh(
        circuit: BitCircuit, tree: AmplitudeTree, sample: list[Bit], spare: Bit, *, adjoint: bool
    ) -> None:
        """Off, the preparation and its inverse cancel: no control."""
        if sample:
            circuit.call(tree.adjoint() if adjoint else tree, target=sample, flag=spare)

    def _load(self, circuit: BitCircuit, slot: list[Bit], spare: Bit, *, adjoint: bool) -> None:
        tree = attrs.evolve(self.table.vectors, is_controlled=self.is_controlled)
        form = tree.adjoint() if adjoint else tree
        circuit.call(form, ctrl=self.ctrl, address=self.bits("sample"), target=slot, flag=spare)


def sample_table(
    weights: FloatArray,
    vectors: FloatArray,
    degree: int,
    slot_bits: int,
    loading: Loading = DEFAULT_LOADING,
    eps: float = 0.0,
) -> SampleTable:
    """Build the tables of sum_a weights[a] vectors[a] (x) vectors[a]^(x) degree.

    Args:
        weights: (A,), not zero; vectors: (A, n), no zero row.
        degree: l >= 1.
        slot_bits: m >= 1, 2^m >= n.
        loading: prices loads against rotations.
        eps: synthesis precision of each rotation.
    """
    count, n = vectors.shape
    bits = (count - 1).bit_length()
    norms = np.linalg.norm(vectors, axis=1)
    shares = np.abs(weights) * norms ** (degree + 1)
    alpha = float(shares.sum())
    padded = np.zeros((1 << bits, 1 << slot_bits))
    padded[:count, :n] = vectors / norms[:, None]
    padded[count:, 0] = 1.0
    row = np.zeros((1, 1 << bits))
    row[0, :count] = np.sqrt(shares / alpha)
    unused = np.arange(1 << bits) >= count
    return SampleTable(
        degree=degree,
        slot_bits=slot_bits,
        sample_bits=bits,
        alpha=alpha,
        weights=amplitude_tree(row, loading, eps),
        vectors=amplitude_tree(padded, loading, eps),
        signs=LookupTable(np.pad((weights < 0).astype(np.int64), (0, len(unused) - count)), unused),
    )
