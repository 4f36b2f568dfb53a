"""Classical tables loaded by address: |x>|z> -> |x>|z XOR table[x]>."""

from __future__ import annotations

from functools import cached_property, lru_cache

import attrs

from carlemanc.bloqs.bit_circuit import Bit, BitBloq, BitCircuit
from carlemanc.bloqs.tables import integers

_SEARCHED_SIZE = 64
"""Tables up to this size try the linear (Davio) splits too; larger ones only the binary one."""


@lru_cache(maxsize=100_000)
def _cheapest_split(table: tuple[int, ...], root: bool) -> tuple[int, str]:
    """Return (Toffoli count, split) of loading `table` under one control bit (none at the root).

    Splits on the highest address bit: "both" loads the two halves under the two values of the bit; "low"
    loads the low half for either value and the difference under bit 1; "high" likewise from the high half.
    """
    if all(entry == table[0] for entry in table):
        return 0, "constant"
    half = len(table) // 2
    low, high = table[:half], table[half:]
    difference = tuple(a ^ b for a, b in zip(low, high, strict=True))
    own = 0 if root else 1
    if len(table) > _SEARCHED_SIZE:
        under = _cheapest_split(low, False)[0] + _cheapest_split(high, False)[0]
        return own + under, "both"
    options = [
        (_load_cost(low, root) + own + _cheapest_split(difference, False)[0], "low"),
        (_load_cost(high, root) + own + _cheapest_split(difference, False)[0], "high"),
        (own + _cheapest_split(low, False)[0] + _cheapest_split(high, False)[0], "both"),
    ]
    return min(options, key=lambda option: option[0])


def _load_cost(table: tuple[int, ...], root: bool) -> int:
    return _cheapest_split(table, root)[0]


@attrs.frozen(cache_hash=True)
class Lookup(BitBloq):
    """XOR table[x] into the target, x the value of the address (bit i of x is address bit i).

    Unary iteration over the address tree (one Toffoli per inner node), pruned: equal subtrees are loaded once
    above the node, and small tables also try the linear splits f = f_low + bit (f_low + f_high), so any
    affine table costs no Toffoli at all.

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
    def toffoli_count(self) -> int:
        """Number of AND computations."""
        return _cheapest_split(self.table, not self.is_controlled)[0]

    def build(self, circuit: BitCircuit) -> None:
        if len(self.table) != 1 << self.address_size:
            raise ValueError(f"number of table entries must be a power of two, found {len(self.table)}")
        self._load(circuit, self.table, "ctrl" if self.is_controlled else None)

    def _load(self, circuit: BitCircuit, table: tuple[int, ...], control: Bit | None) -> None:
        split = _cheapest_split(table, control is None)[1]
        if split == "constant":
            self._write(circuit, table[0], control)
            return
        half = len(table) // 2
        low, high = table[:half], table[half:]
        bit = ("address", half.bit_length() - 1)
        if split == "both":
            self._load_both(circuit, low, high, bit, control)
            return
        difference = tuple(a ^ b for a, b in zip(low, high, strict=True))
        self._load(circuit, low if split == "low" else high, control)
        self._load_where(circuit, difference, bit, 1 if split == "low" else 0, control)

    def _load_where(
        self, circuit: BitCircuit, table: tuple[int, ...], bit: Bit, value: int, control: Bit | None
    ) -> None:
        bits = [bit] if control is None else [control, bit]
        with circuit.conjunction(bits, [value] if control is None else [1, value]) as active:
            self._load(circuit, table, active)

    def _load_both(
        self, circuit: BitCircuit, low: tuple[int, ...], high: tuple[int, ...], bit: Bit, control: Bit | None
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

    def _write(self, circuit: BitCircuit, entry: int, control: Bit | None) -> None:
        for i, bit in enumerate(self.bits("target")):
            if entry >> i & 1:
                if control is None:
                    circuit.x(bit)
                else:
                    circuit.cx(control, bit)
