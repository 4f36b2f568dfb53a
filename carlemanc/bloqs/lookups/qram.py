"""One query of a bucket-brigade memory: priced, marked, and never emitted."""

from __future__ import annotations

from functools import cached_property

import attrs
from qualtran import Bloq
from qualtran.bloqs.mcmt import And

from carlemanc.bloqs.bit_bloq import BitBloq, CallCounter
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.call_total import CallTotal
from carlemanc.bloqs.lookups.unary_iteration import counted_only


@attrs.frozen(cache_hash=True)
class QRAMQuery(BitBloq):
    """XOR the addressed cell of a bucket-brigade memory into the target; counted only.

    Price: one controlled swap for each router on the way in and on the way out, summed over the tree, 2 (2^k - 1),
    plus one per level and target bit to bring the word out (k t), each a Toffoli; 2^k - 1 routers of one qubit
    each. It saves depth (k levels), not gates.

    Args:
        address_size: k; the memory has 2^k cells.
        target_size: t, bits of a cell.
        is_controlled: do nothing where `ctrl` is 0 (one more Toffoli a target bit).

    References:
        Giovannetti, Lloyd, Maccone, Phys. Rev. Lett. 100, 160501 (2008); the count is derived here.
    """

    address_size: int
    target_size: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"address": self.address_size, "target": self.target_size}

    @cached_property
    def _counted(self) -> CallCounter:
        counter = CallCounter(len(self.boundary_bits()))
        routers = (1 << self.address_size) - 1
        swaps = 2 * routers + (self.address_size + self.is_controlled) * self.target_size
        if swaps:
            counter.calls.update({And(): swaps, And(uncompute=True): swaps})
        counter.peak += routers + 1
        return counter

    def build(self, circuit: BitCircuit) -> None:
        raise counted_only('compile.memory = "qram"', 'set compile.memory = "lookup" to get a circuit')


def qram_queries(bloq: Bloq) -> int:
    """Return the number of bucket-brigade queries inside `bloq`."""
    return int(_QUERIES.of(bloq))


_QUERIES = CallTotal(lambda bloq: 1 if isinstance(bloq, QRAMQuery) else None)
