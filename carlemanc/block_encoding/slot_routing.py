"""After a term of degree l: the level goes down by l - 1, the slots behind it move forward."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


def flag_underflow(
    circuit: BitCircuit,
    flag: Bit,
    chosen: Bit | None,
    level: Sequence[Bit],
    drop: int,
    *,
    is_shared: bool = False,
) -> None:
    """Flip the flag where the term is chosen and not all of its `drop` level bits are 1.

    With `is_shared` (drop = 1, the lowest level bit of all) only where the next level bit is 1: a thermometer
    code without the first bit becomes 0..01, which the check of vacant slots finds, unless it is 1 alone.
    """
    if is_shared:
        low = level[:2]
        circuit.flip(flag, [chosen, *low], [1, 0, 1][: 1 + len(low)])
        return
    circuit.cx(chosen, flag)
    circuit.flip(flag, [chosen, *level[:drop]])


def close_up(
    circuit: BitCircuit,
    chosen: Bit | None,
    slots: Sequence[Sequence[Bit]],
    degree: int,
    level: Sequence[Bit],
    drop: int,
) -> None:
    """Move slots degree.. to places 1.., and the level bits down, where `chosen` is 1 (None: always)."""
    for number in range(degree, len(slots)):
        for a, b in zip(slots[number - degree + 1], slots[number], strict=True):
            _exchange(circuit, chosen, a, b)
    for position in range(drop, len(level)):
        _exchange(circuit, chosen, level[position - drop], level[position])
    for bit in level[len(level) - drop :]:
        circuit.cx(chosen, bit)


def _exchange(circuit: BitCircuit, control: Bit | None, a: Bit, b: Bit) -> None:
    if control is None:
        circuit.relabel(a, b)
    else:
        circuit.cswap(control, a, b)
