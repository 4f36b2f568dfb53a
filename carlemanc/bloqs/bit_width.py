"""The third reading of a gate description: how many bits are alive at once."""

from __future__ import annotations

from collections.abc import Sequence

from qualtran import Adjoint, Bloq
from qualtran.resource_counting import QubitCount, get_cost_value

from carlemanc.bloqs.bit_circuit import Bit, BitBloq, BitCircuit


class WidthCounter(BitCircuit):
    """Follows the number of live bits; `peak` is the width of the circuit in the order it is written."""

    def __init__(self, live: int) -> None:
        super().__init__()
        self._live = live
        self.peak = live

    def _grow(self, bits: int) -> None:
        self._live += bits
        self.peak = max(self.peak, self._live)

    def call(self, bloq: Bloq, **bits: Bit | Sequence[Bit]) -> None:
        own = sum(len(on) if isinstance(on, list) else 1 for on in bits.values())
        self.peak = max(self.peak, self._live - own + width_of(bloq, own))

    def _compute_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        self._grow(1)

    def _erase_and(self, a: Bit, b: Bit, values: tuple[int, int], target: Bit) -> None:
        self._live -= 1

    def allocate(self) -> Bit:
        self._grow(1)
        return self._new_name()

    def free(self, bit: Bit) -> None:
        self._live -= 1

    def relabel(self, a: Bit, b: Bit) -> None:
        pass


def width_of(bloq: Bloq, own: int) -> int:
    """Return the peak number of live bits of a bloq on `own` bits."""
    if isinstance(bloq, Adjoint):
        return width_of(bloq.subbloq, own)
    if isinstance(bloq, BitBloq):
        return bloq.width
    return own if own <= 2 else int(get_cost_value(bloq, QubitCount()))
