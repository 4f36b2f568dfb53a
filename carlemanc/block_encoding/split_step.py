"""One step of the map on a slot as a sum over degrees, each loaded in the way that costs least."""

from __future__ import annotations

import math

import attrs

from carlemanc.block_encoding.sample_leaf import SampleLeaf, SampleTable
from carlemanc.block_encoding.slot_routing import close_up, flag_underflow
from carlemanc.block_encoding.table.amplitude_leaf import AmplitudeLeaf
from carlemanc.block_encoding.table.amplitude_table import AmplitudeTable
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.block_encoding.table.slot_table import SlotTable
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.rotations.rotation_tree import RotationTree

LeafTable = SlotTable | AmplitudeTable | SampleTable


def degrees_of(part: LeafTable) -> list[int]:
    """Return the degrees a part holds."""
    if isinstance(part, SlotTable):
        return [block.degree for block in part.blocks]
    return [part.degree]


def _ancilla_bits(part: LeafTable) -> int:
    """Return the number of bits whose |0> is the block of a part."""
    if isinstance(part, SlotTable):
        return part.selector_bits
    return part.sample_bits + 1 if isinstance(part, SampleTable) else part.entry_bits + 2


@attrs.frozen(cache_hash=True, kw_only=True)
class SplitStep(BitBloq):
    r"""Block-encode sum_l G_l gamma^(l-1) on the first of the given slots as an LCU over `parts`.

    The action on slots and level is that of `SlotStep`; alpha is the sum over the parts. Parts share their
    ancillas: a branch of the LCU runs one of them and leaves the others alone.

    Registers:
        selector: the ancillas of the largest part, then the choice among parts; the block is their |0>.
        underflow: one flag, present where a degree >= 2 is.
        slots: `slots` * m bits; level: the thermometer bits above this slot's own, present with the flag.

    Args:
        parts: colored tables (several degrees), amplitude and sample tables (one degree each). A degree may be
            in two parts, which add up.
        slots, level_bits, stride: as in `SlotStep`.
        loading: memory and qubits that lookups may use.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.
    """

    parts: tuple[LeafTable, ...]
    slots: int
    level_bits: int
    stride: int
    loading: Loading = DEFAULT_LOADING
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def alpha(self) -> float:
        """Subnormalization: the sum over the parts."""
        return sum(part.alpha for part in self.parts)

    @property
    def degree_weights(self) -> dict[int, float]:
        """alpha split by degree."""
        found: dict[int, float] = {}
        for part in self.parts:
            added = (
                self._colored(part, False).degree_weights
                if isinstance(part, SlotTable)
                else {part.degree: part.alpha}
            )
            for degree, alpha in added.items():
                found[degree] = found.get(degree, 0.0) + alpha
        return found

    @property
    def batch_bits(self) -> int:
        """One map only."""
        return 0

    @property
    def slot_bits(self) -> int:
        """Bits of a slot m."""
        return self.parts[0].slot_bits

    @property
    def has_underflow(self) -> bool:
        """Whether the step has the underflow flag."""
        return any(degree > 1 for part in self.parts for degree in degrees_of(part))

    @property
    def _choice_bits(self) -> int:
        return (len(self.parts) - 1).bit_length()

    @property
    def _shared_bits(self) -> int:
        return max(_ancilla_bits(part) for part in self.parts)

    def bit_registers(self) -> dict[str, int | None]:
        registers: dict[str, int | None] = {"selector": self._shared_bits + self._choice_bits}
        if self.has_underflow:
            registers["underflow"] = None
        registers["slots"] = self.slots * self.slot_bits
        if self.has_underflow:
            registers["level"] = self.level_bits
        return registers

    def _colored(self, table: SlotTable, is_controlled: bool) -> SlotStep:
        return SlotStep(
            table=table,
            slots=self.slots,
            level_bits=self.level_bits,
            stride=self.stride,
            loading=self.loading,
            eps=self.eps,
            is_controlled=is_controlled,
        )

    def build(self, circuit: BitCircuit) -> None:
        choice = self.bits("selector")[self._shared_bits :]
        weights = [math.sqrt(part.alpha / self.alpha) for part in self.parts]
        tree = RotationTree(([*weights, *[0.0] * ((1 << len(choice)) - len(weights))],), self.eps)
        if choice:
            circuit.call(tree, target=choice)
        for number, part in enumerate(self.parts):
            values = [number >> i & 1 for i in range(len(choice))]
            with circuit.conjunction([self.ctrl, *choice], [1, *values]) as chosen:
                self._apply(circuit, part, chosen)
        if choice:
            circuit.call(tree.adjoint(), target=choice)

    def _apply(self, circuit: BitCircuit, part: LeafTable, chosen: Bit | None) -> None:
        if not isinstance(part, SlotTable):
            self._apply_leaf(circuit, part, chosen)
            return
        step = self._colored(part, chosen is not None)
        sizes = step.bit_registers().items()
        on = {name: name if size is None else self.bits(name)[:size] for name, size in sizes if size != 0}
        circuit.call(step, ctrl=chosen, **on)

    def _apply_leaf(
        self, circuit: BitCircuit, part: AmplitudeTable | SampleTable, chosen: Bit | None
    ) -> None:
        is_controlled = chosen is not None
        ancillas, slots = self.bits("selector"), self.bits("slots")
        own = slots[: part.degree * self.slot_bits]
        if isinstance(part, SampleTable):
            sampled = SampleLeaf(table=part, loading=self.loading, is_controlled=is_controlled)
            sample = ancillas[1 : 1 + part.sample_bits]
            circuit.call(sampled, ctrl=chosen, flag=ancillas[0], sample=sample, slots=own)
        else:
            leaf = AmplitudeLeaf(table=part, loading=self.loading, is_controlled=is_controlled)
            flags, entry = ancillas[:2], ancillas[2 : 2 + part.entry_bits]
            circuit.call(leaf, ctrl=chosen, column_flag=flags[0], row_flag=flags[1], entry=entry, slots=own)
        if part.degree == 1:
            return
        m, level, drop = self.slot_bits, self.bits("level"), (part.degree - 1) // self.stride
        flag_underflow(circuit, "underflow", chosen, level, drop)
        by_slot = [slots[k * m : (k + 1) * m] for k in range(self.slots)]
        close_up(circuit, chosen, by_slot, part.degree, level, drop)
