"""Classical tables loaded by address: |x>|z> -> |x>|z XOR table[x]>."""

from __future__ import annotations

from functools import cached_property

import attrs

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import integers
from carlemanc.bloqs.lookups.lookup_plan import LookupPlan, plan_lookup


@attrs.frozen(cache_hash=True)
class Lookup(BitBloq):
    """XOR table[x] into the target, x the value of the address (bit i of x is address bit i).

    Unary iteration over the address tree (one Toffoli per inner node), pruned: see `LookupPlan`. An affine table
    costs no Toffoli, one per address bit when controlled.

    Args:
        table: 2^k non-negative entries.
        target_size: bits of the target.
        is_controlled: do nothing where `ctrl` is 0.

    References:
        Babbush et al., Phys. Rev. X 8, 041015 (2018), section III.A; the pruning is derived here.
    """

    table: tuple[int, ...] = attrs.field(converter=integers)
    target_size: int
    is_controlled: bool = False

    @property
    def address_size(self) -> int:
        """Number of address bits k."""
        return (len(self.table) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.address_size, "target": self.target_size}

    @cached_property
    def _plan(self) -> LookupPlan:
        if len(self.table) != 1 << self.address_size:
            raise ValueError(f"number of table entries must be a power of two, found {len(self.table)}")
        return plan_lookup(self.table, self.is_controlled)

    @property
    def toffoli_count(self) -> int:
        """Number of AND computations."""
        return self._plan.cost

    def build(self, circuit: BitCircuit) -> None:
        self._load(circuit, self._plan, self.ctrl)

    def _load(self, circuit: BitCircuit, plan: LookupPlan, control: Bit | None) -> None:
        if plan.split is None:
            circuit.xor(plan.entry, self.bits("target"), control)
            return
        bit, (first, second) = ("address", plan.bit), plan.parts
        if plan.split == "halves":
            self._load_halves(circuit, first, second, bit, control)
            return
        self._load(circuit, first, control)
        self._load_where(circuit, second, bit, 1 if plan.split == "low" else 0, control)

    def _load_where(
        self, circuit: BitCircuit, plan: LookupPlan, bit: Bit, value: int, control: Bit | None
    ) -> None:
        with circuit.conjunction([control, bit], [1, value]) as active:
            self._load(circuit, plan, active)

    def _load_halves(
        self, circuit: BitCircuit, low: LookupPlan, high: LookupPlan, bit: Bit, control: Bit | None
    ) -> None:
        if control is None:
            self._load_where(circuit, low, bit, 0, None)
            self._load_where(circuit, high, bit, 1, None)
            return
        with circuit.conjunction([control, bit], [1, 0]) as active:
            self._load(circuit, low, active)
            circuit.cx(control, active)
            self._load(circuit, high, active)
            circuit.cx(control, active)
