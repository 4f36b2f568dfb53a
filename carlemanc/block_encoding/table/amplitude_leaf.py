r"""A sparse tensor by amplitudes sqrt|F_rc| on its entries: alpha = sqrt(||F||_1 ||F||_inf) whatever its pattern.

The entries are numbered twice: j by column tuple, j' by row. From the tuple c the amplitudes
sqrt(|F_rc| / ||F||_1) are put on the entries of column c; each entry turns c into its row r and j into j'; the
row's amplitudes sign(F_rc) sqrt(|F_rc| / ||F||_inf) are projected on. What a column or a row lacks in norm is
put on a flag of its own, so that the product is F_rc / alpha exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from carlemanc.block_encoding.table.amplitude_table import AmplitudeTable
from carlemanc.bloqs.amplitudes.amplitude_tree import AmplitudeTree
from carlemanc.bloqs.arithmetic import Add
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.lookup_data import LookupData
from carlemanc.bloqs.lookups.table_load import TableXor, loaded


@attrs.frozen(cache_hash=True, kw_only=True)
class AmplitudeLeaf(BitBloq):
    """Map (c_1..c_l) to (r, 0, ..) with amplitude F_rc / alpha where entry and flags are |0>.

    A tuple that is no column leaves a slot or the entry register nonzero: slots 2..l are for the caller to check,
    slot 1 alone cannot differ (the entry would belong to another row than the one whose amplitudes are
    projected on).

    Registers:
        entry: e bits; column_flag, row_flag: the block is |0> on all three.
        slots: l m bits, slot by slot, least significant first.

    Args:
        table: the tables.
        loading: memory and qubits that lookups may use.
        is_controlled: do nothing where `ctrl` is 0.

    Cost for nnz entries and C tuples without extra qubits: about 2 nnz Toffoli to exchange the numbers, at most
    4 nnz for the two trees, 3 C for tuple numbers and starts; every lookup falls to about 2 sqrt(entries * bits)
    per load with them.

    References:
        Gilyén, Su, Low, Wiebe, arXiv:1806.01838, lemma 47 (overlap of row and column states); amplitudes in
        place of uniform states as in Chakraborty, Gilyén, Jeffery, arXiv:1804.01973, lemma 25 with p = 1/2; the
        circuit is derived here, checked against the tensor.
    """

    table: AmplitudeTable
    loading: Loading = DEFAULT_LOADING
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        table = self.table
        return {
            "entry": table.entry_bits,
            "column_flag": None,
            "row_flag": None,
            "slots": table.degree * table.slot_bits,
        }

    def build(self, circuit: BitCircuit) -> None:
        table, m = self.table, self.table.slot_bits
        entry, slots = self.bits("entry"), self.bits("slots")
        by_slot = [slots[i * m : (i + 1) * m] for i in range(table.degree)]
        with table.index.computed(circuit, by_slot, self.loading) as number:
            self._prepare(circuit, table.column, number, "column_flag", adjoint=False)
            self._shift(circuit, table.column_start, number, adjoint=False)
        self._exchange(circuit, entry, slots)
        self._shift(circuit, table.row_start, by_slot[0], adjoint=True)
        self._prepare(circuit, table.row, by_slot[0], "row_flag", adjoint=True)

    def _prepare(
        self, circuit: BitCircuit, tree: AmplitudeTree, address: Sequence[Bit], flag: Bit, *, adjoint: bool
    ) -> None:
        tree = attrs.evolve(tree, is_controlled=self.is_controlled)
        target = self.bits("entry")[: len(tree.layers) - 1]
        form = tree.adjoint() if adjoint else tree
        circuit.call(form, ctrl=self.ctrl, address=list(address), target=target, flag=flag)

    def _shift(
        self, circuit: BitCircuit, start: LookupData, address: Sequence[Bit], *, adjoint: bool
    ) -> None:
        """Add the number of the first entry: local number to global; the adjoint takes it off."""
        size = self.table.entry_bits
        if not size or start.is_empty:
            return
        with loaded(circuit, start, size, address, control=self.ctrl, loading=self.loading) as first:
            add = Add(size)
            circuit.call(add.adjoint() if adjoint else add, addend=first, target=self.bits("entry"))

    def _exchange(self, circuit: BitCircuit, entry: list[Bit], slots: list[Bit]) -> None:
        """j to j' in place, and the column tuple to the row, by one lookup each way."""
        table = self.table
        forward = TableXor(table.forward, len(entry) + len(slots), self.loading, self.is_controlled)
        backward = TableXor(table.backward, len(entry), self.loading, self.is_controlled)
        image = [circuit.allocate() for _ in entry]
        if image or slots:
            circuit.call(forward, ctrl=self.ctrl, address=entry, target=[*image, *slots])
        for old, new in zip(entry, image, strict=True):
            circuit.flip(new, [self.ctrl, old])
        if image:
            circuit.call(backward, ctrl=self.ctrl, address=image, target=entry)
        for new, old in zip(entry, image, strict=True):  # on: both are j'; off: old is 0
            if self.is_controlled:
                circuit.erase_and("ctrl", new, old)
            else:
                circuit.cx(new, old)
                circuit.free(old)
