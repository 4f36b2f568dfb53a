"""The Fourier transform of a register, in place."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qualtran.bloqs.basic_gates import Rz

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


def fourier(
    circuit: BitCircuit, bits: Sequence[Bit], sign: int, eps: float, control: Bit | None = None
) -> None:
    """Fourier transform with kernel exp(sign 2 pi i t y / 2^m) up to a global phase, where `control` is 1.

    Sign -1 takes t (least significant bit first) to y with its bits reversed, sign +1 takes that back: the two
    are inverse to each other, phase included. A controlled phase of angle a is a z rotation by -a/2 on the parity
    and by a/2 on each of the two, which are collected bit by bit.

    Cost: at most m^2 - 1 rotations of m bits; a control doubles them and adds two for each bit.
    """
    size = len(bits)
    stages = range(size - 1, -1, -1)
    for high in stages if sign < 0 else reversed(stages):
        if sign < 0:
            _hadamard(circuit, bits[high], eps, control)
        total = 0.0
        for low in range(high):
            angle = sign * math.pi / (1 << (high - low))
            total += angle / 2
            circuit.cx(bits[low], bits[high])
            _rz(circuit, -angle / 2, bits[high], eps, control)
            circuit.cx(bits[low], bits[high])
            _rz(circuit, angle / 2, bits[low], eps, control)
        if high:
            _rz(circuit, total, bits[high], eps, control)
        if sign > 0:
            _hadamard(circuit, bits[high], eps, control)


def _rz(circuit: BitCircuit, angle: float, bit: Bit, eps: float, control: Bit | None) -> None:
    if control is None:
        circuit.call(Rz(angle, eps=eps), q=bit)
        return
    circuit.call(Rz(angle / 2, eps=eps), q=bit)
    circuit.cx(control, bit)
    circuit.call(Rz(-angle / 2, eps=eps), q=bit)
    circuit.cx(control, bit)


def _hadamard(circuit: BitCircuit, bit: Bit, eps: float, control: Bit | None) -> None:
    """H, which is Ry(pi/4) Z Ry(-pi/4)."""
    if control is None:
        circuit.h(bit)
        return
    circuit.ry(-math.pi / 4, bit, eps)
    circuit.cz(control, bit)
    circuit.ry(math.pi / 4, bit, eps)
