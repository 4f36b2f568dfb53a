"""The time register's part of L: one step forward, the last row flagged."""

from __future__ import annotations

import attrs

from carlemanc.bloqs.arithmetic import Increment, at_least
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


@attrs.frozen(cache_hash=True)
class TimeShift(BitBloq):
    """Flip `last` where time >= `final`, then add one to time (mod 2^bits).

    Where `final` is all ones, `last` takes the carry and costs one Toffoli.

    Args:
        size: number of time bits.
        final: the last time in use, below 2^bits.
        is_controlled: do nothing where `ctrl` is 0.
    """

    size: int
    final: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {"last": None, "time": self.size}

    def build(self, circuit: BitCircuit) -> None:
        time = self.bits("time")
        if self.final == (1 << self.size) - 1:
            self._increment(circuit, [*time, "last"])
            return
        with at_least(circuit, time, self.final) as late:
            circuit.flip("last", [self.ctrl, late])
        self._increment(circuit, time)

    def _increment(self, circuit: BitCircuit, target: list[Bit]) -> None:
        shift = Increment(len(target), self.is_controlled)
        circuit.call(shift, ctrl=self.ctrl, target=target)
