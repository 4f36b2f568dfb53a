"""The number of the map in force, looked up by the time reached and erased again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.lookups.lookup import Lookup


@contextmanager
def batch_number(
    circuit: BitCircuit, schedule: Sequence[int], time: list[Bit], size: int
) -> Iterator[list[Bit]]:
    """Yield `size` bits that hold the number of the map that leads to the time in the register."""
    if not size:
        yield []
        return
    load = Lookup(batch_table(schedule, len(time)), size)
    with circuit.work(size) as number:
        circuit.call(load, address=time, target=number)
        yield number
        circuit.call(load, address=time, target=number)


def batch_table(schedule: Sequence[int], time_bits: int) -> tuple[int, ...]:
    """Map number by time reached (1..T), as a lookup table; other times continue the schedule's period."""
    period = next(
        p
        for p in range(1, len(schedule) + 1)
        if all(a == b for a, b in zip(schedule, schedule[p:], strict=False))
    )
    return tuple(schedule[(time - 1) % period] for time in range(1 << time_bits))
