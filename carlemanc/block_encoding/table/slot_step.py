"""One step of the map on a slot: apply sum_l G_l gamma^(l-1), erase the slots it consumes, close up."""

from __future__ import annotations

import attrs

from carlemanc.block_encoding.slot_routing import close_up, flag_underflow
from carlemanc.block_encoding.table.selector_places import DegreeBlock
from carlemanc.block_encoding.table.slot_table import SlotTable
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookups.in_place_lookup import InPlaceLookup
from carlemanc.bloqs.lookups.table_load import xor_of
from carlemanc.bloqs.rotations.rotation_tree import RotationTree


@attrs.frozen(cache_hash=True, kw_only=True)
class SlotStep(BitBloq):
    r"""Block-encode $\sum_l G_l\gamma^{l-1}$ on the first of the given slots, subnormalization `table.alpha`.

    Input slots c_1 c_2 ... ; a degree-l term maps (c_1..c_l) to the row r in the first slot, erases slots
    2..l by lookup of (c_2..c_l) from the color and the row (a mismatch leaves them nonzero, which the junk
    check of the history matrix flags), moves the later slots l - 1 places forward and takes l - 1 off the
    thermometer level.

    Registers:
        selector: b bits, the block is their |0>.
        underflow: one flag, present where a degree >= 2 is; the block is its |0>. Set where a term needs more
            slots than the level has.
        batch: beta bits, the number of the map in force; present where the table has more than one.
        slots: `slots` * m bits, slot by slot, least significant first.
        level: the thermometer bits above this slot's own.

    Args:
        table: the tables (see `SlotTable`).
        slots: number of slots from this one to the last.
        level_bits: number of thermometer bits above this slot's own.
        stride: degrees per thermometer bit: 1 for levels 1, 2, 3..; 2 for odd levels only.
        loading: memory and qubits that lookups and angles may use; None: plain lookups, exact rotations.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    References:
        The trimmed full-tuple form of CONSTRUCTION.md with row-dependent UNPREP (derived here, checked
        numerically).
    """

    table: SlotTable
    slots: int
    level_bits: int
    stride: int
    loading: Loading | None = None
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def _contracting(self) -> list[DegreeBlock]:
        return [block for block in self.table.blocks if block.degree > 1]

    @property
    def alpha(self) -> float:
        """Subnormalization."""
        return self.table.alpha

    @property
    def degree_weights(self) -> dict[int, float]:
        """alpha split by degree, in proportion to the selector weights."""
        found = {}
        for block in self.table.blocks:
            start = block.prefix << block.shift
            left = self.table.left[start : start + block.colors]
            found[block.degree] = self.table.alpha * sum(value**2 for value in left)
        return found

    @property
    def batch_bits(self) -> int:
        """Bits of the number of the map in force."""
        return self.table.batch_bits

    @property
    def has_underflow(self) -> bool:
        """Whether the step has the underflow flag."""
        return bool(self._contracting)

    def bit_registers(self) -> dict[str, int | None]:
        registers: dict[str, int | None] = {"selector": self.table.selector_bits}
        if self.has_underflow:
            registers["underflow"] = None
        registers["batch"] = self.table.batch_bits
        registers["slots"] = self.slots * self.table.slot_bits
        if self.has_underflow:
            registers["level"] = self.level_bits
        return registers

    def _slot(self, number: int) -> list[Bit]:
        m = self.table.slot_bits
        return self.bits("slots")[number * m : (number + 1) * m]

    def build(self, circuit: BitCircuit) -> None:
        table, selector = self.table, self.bits("selector")
        if selector:
            circuit.call(RotationTree((table.left,), self.eps, loading=self.loading), target=selector)
        if table.slot_bits:
            permute = InPlaceLookup(table.permutations, self.is_controlled, self.loading)
            chooser = [*selector, *self.bits("batch")]
            circuit.call(permute, ctrl=self.ctrl, selector=chooser, target=self._slot(0))
        self._erase_consumed(circuit)
        for block in self._contracting:
            self._contract(circuit, block)
        if selector:
            self._unprepare(circuit)

    def _erase_consumed(self, circuit: BitCircuit) -> None:
        m = self.table.slot_bits
        consumed = (self.table.largest_degree - 1) * m
        if consumed <= 0:
            return
        target = self.bits("slots")[m : m + consumed]
        load = xor_of(self.table.rest, consumed, self.loading, self.is_controlled)
        address = [*self._slot(0), *self.bits("selector"), *self.bits("batch")]
        circuit.call(load, ctrl=self.ctrl, address=address, target=target)

    def _contract(self, circuit: BitCircuit, block: DegreeBlock) -> None:
        """Where the selector says `block`: check the level, move the later slots forward, lower the level."""
        prefix_bits = self.bits("selector")[block.shift :]
        values = [block.prefix >> i & 1 for i in range(len(prefix_bits))]
        drop, level = (block.degree - 1) // self.stride, self.bits("level")
        with circuit.conjunction([self.ctrl, *prefix_bits], [1, *values]) as chosen:
            flag_underflow(circuit, "underflow", chosen, level, drop)
            close_up(circuit, chosen, [self._slot(k) for k in range(self.slots)], block.degree, level, drop)

    def _unprepare(self, circuit: BitCircuit) -> None:
        """Project the selector on the row's state; where it is not applied, on the state it was put in."""
        when_off = self.table.left if self.is_controlled else None
        tree = RotationTree(self.table.right, self.eps, self.is_controlled, when_off, self.loading)
        address = [*self._slot(0), *self.bits("batch")]
        circuit.call(tree.adjoint(), ctrl=self.ctrl, address=address, target=self.bits("selector"))
