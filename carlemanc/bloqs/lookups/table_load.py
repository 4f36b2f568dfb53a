"""Tables read by address: unary iteration, or SelectSwap where its clean qubits save Toffoli gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import attrs

from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.loading import DEFAULT_LOADING, Loading
from carlemanc.bloqs.lookup_data import LookupData, LookupTable
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.bloqs.lookups.qram import QRAMQuery
from carlemanc.bloqs.lookups.unary_iteration import UnaryIteration

_SEARCHED_SIZE = 1 << 13
"""Tables of up to so many bits, entries times target, are searched for linear structure (see `Lookup`)."""


def lookup_of(data: LookupData, size: int, is_controlled: bool) -> Lookup | UnaryIteration:
    """Return the lookup by unary iteration."""
    if isinstance(data, LookupTable) and len(data.entries) * size <= _SEARCHED_SIZE:
        return Lookup(data.entries.tolist(), size, is_controlled)
    return UnaryIteration(data, size, is_controlled)


@lru_cache(maxsize=4096)
def swap_bits(data: LookupData, size: int, loading: Loading, is_controlled: bool, is_copied: bool) -> int:
    """Return s: 2^s entries are loaded at once and the wanted one is brought to the front by swaps.

    One load takes ceil(L / 2^s) - 1 Toffoli and size (2^s - 1) more to swap; s = 0 is plain unary iteration.
    Chosen is the s of the fewest Toffoli whose extra clean qubits, size (2^s - 1), or size 2^s where the entry
    is copied out of them, are within the budget.

    Args:
        is_copied: the entry is wanted as an XOR, so that SelectSwap loads, copies and unloads.

    References:
        Low, Kliuchnikov, Schaeffer, arXiv:1812.00954, section 2 (clean qubits); Berry et al., Quantum 3, 208
        (2019), theorem 1.
    """
    best, cost = 0, lookup_of(data, size, is_controlled).toffoli_count
    for bits in range(1, data.address_size + 1):
        extra = size << bits if is_copied else (size << bits) - size
        if extra > loading.ancilla_budget:
            break
        select = max(0, data.used_blocks(bits) - (1 if is_controlled else 2))
        found = (select + size * ((1 << bits) - 1)) * (2 if is_copied else 1)
        if found < cost:
            best, cost = bits, found
    return best


@contextmanager
def loaded(
    circuit: BitCircuit,
    data: LookupData,
    size: int,
    address: Sequence[Bit],
    *,
    control: Bit | None = None,
    loading: Loading = DEFAULT_LOADING,
    swapped: int | None = None,
) -> Iterator[list[Bit]]:
    """Yield `size` bits that hold data[address] (0 where `control` is 0), and take them back.

    Unloading runs the load backward: undoing it by measurement needs a lookup chosen by the outcomes, which is
    no fixed circuit and which the primitives (feed-forward inside `and_dg` only) do not hold.
    """
    if not size or data.is_empty:
        with circuit.work(size) as blank:
            yield blank
        return
    bits = swapped
    if bits is None:
        plain = loading.memory == "lookup"
        bits = swap_bits(data, size, loading, control is not None, False) if plain else 0
    low, high = list(address[:bits]), list(address[bits:])
    rows = data.blocks(bits, size) if bits else data
    lookup: BitBloq
    if loading.memory == "qram":
        lookup = QRAMQuery(rows.address_size, size, control is not None)
    else:
        lookup = lookup_of(rows, size << bits, control is not None)
    with circuit.work(size << bits) as work:
        circuit.call(lookup, ctrl=control, address=high, target=work)
        swaps = [
            (low[level], work[i * size + b], work[(i + (1 << level)) * size + b])
            for level in reversed(range(bits))
            for i in range(1 << level)
            for b in range(size)
        ]
        for swap in swaps:
            circuit.cswap(*swap)
        yield work[:size]
        for swap in reversed(swaps):
            circuit.cswap(*swap)
        circuit.call(lookup, ctrl=control, address=high, target=work)


@attrs.frozen(cache_hash=True)
class TableXor(BitBloq):
    """XOR data[x] into the target, by unary iteration or by a SelectSwap load that is copied out.

    Args:
        data: the table; a `LookupShape` is counted and cannot be emitted.
        target_size: bits of the target.
        loading: memory and qubits that may be used.
        is_controlled: do nothing where `ctrl` is 0.
    """

    data: LookupData
    target_size: int
    loading: Loading = DEFAULT_LOADING
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.data.address_size, "target": self.target_size}

    def build(self, circuit: BitCircuit) -> None:
        if not self.target_size or self.data.is_empty:
            return
        address, target = self.bits("address"), self.bits("target")
        if self.loading.memory == "qram":
            query = QRAMQuery(len(address), self.target_size, self.is_controlled)
            circuit.call(query, ctrl=self.ctrl, address=address, target=target)
            return
        swapped = swap_bits(self.data, self.target_size, self.loading, self.is_controlled, True)
        if not swapped:
            lookup = lookup_of(self.data, self.target_size, self.is_controlled)
            circuit.call(lookup, ctrl=self.ctrl, address=address, target=target)
            return
        with loaded(
            circuit,
            self.data,
            self.target_size,
            address,
            control=self.ctrl,
            loading=self.loading,
            swapped=swapped,
        ) as entry:
            for source, bit in zip(entry, target, strict=True):
                circuit.cx(source, bit)


def xor_of(
    entries: tuple[int, ...], target_size: int, loading: Loading | None, is_controlled: bool
) -> Lookup | TableXor:
    """Return the XOR of a table of tuples: plain without `loading`, else as `TableXor` reads it."""
    if loading is None:
        return Lookup(entries, target_size, is_controlled)
    return TableXor(LookupTable(entries), target_size, loading, is_controlled)
