r"""Eigenvalue inversion by phase estimation: walk, Fourier transform, multiplexed rotation, and all of it back.

The Hermitian dilation of A = L/alpha is H = [[0, A], [A^dagger, 0]] on one more qubit d, its block encoding
U_H = |1><0| (x) U^dagger + |0><1| (x) U is self-inverse, and the walk W = (1 - 2 Pi) U_H has the eigenphases phi with
-cos phi the eigenvalues of H. Every U_H flips d, so along a run d is known and no query has to be selected by it:
even powers are steps of two queries that only their reflections control, and the one odd power, clock bit 0, is
one controlled U^dagger. The way back is written for d = 1 alone, the side that holds A^-1 b; what it does to the
other side ends in d = 0, which is discarded (derived here).

On success the clock is back in its window state, so the run applies sum_y g_y |alpha_y(phi)|^2 exactly, a Chebyshev
polynomial of H of degree 2^m - 1 (module hhl).

References: [hhl2009] Harrow, Hassidim, Lloyd, arXiv:0811.3171; this circuit derived here.
"""

from __future__ import annotations

from functools import cached_property
from itertools import repeat

import attrs
from qualtran import Bloq

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import numbers
from carlemanc.bloqs.fourier import fourier
from carlemanc.bloqs.nearly import turn
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, reflect, register_size
from carlemanc.methods.chebyshev_lcu import WalkStep


@attrs.frozen(cache_hash=True)
class EigenvalueInversion(SequenceBloq):
    """Block (all ancillas |0>): the odd part of sum_y g_y |alpha_y|^2 as a polynomial of A^dagger.

    Args:
        encoding: block encoding of A, registers `system` and (unless it needs none) `ancilla`.
        window: 2^m real amplitudes of the clock.
        table: g_y in [-1, 1], 2^m of them, odd under y -> y + 2^(m-1).
        eps: synthesis precision of each rotation of its own.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: the block encoding's.
        ancilla: the block encoding's, then d, the rotated flag, and the m clock wires (most significant).

    Cost: 2 (2^m - 1) queries, two of them controlled; 2 (2^m - 1) reflections; window, its inverse and the
    multiplexed rotation of at most 2^m rotations each, and two Fourier transforms of m(m + 3)/2.
    """

    encoding: Bloq
    window: tuple[float, ...] = attrs.field(converter=numbers)
    table: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def clock_size(self) -> int:
        """Number of clock wires m."""
        return (len(self.window) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        block = register_size(self.encoding, "ancilla")
        return {
            "system": register_size(self.encoding, "system"),
            "ancilla": block + 2 + self.clock_size,
        }

    @cached_property
    def _rotation(self) -> MultiplexedRy:
        angles = [turn(value) for value in self.table]
        return MultiplexedRy(angles, self.eps, self.is_controlled)

    def build(self, circuit: BitCircuit) -> None:
        size = register_size(self.encoding, "ancilla")
        block, (d, flag), clock = (
            self.bits("ancilla")[:size],
            self.bits("ancilla")[size : size + 2],
            self.bits("ancilla")[size + 2 :],
        )
        window = RotationTree((self.window,), self.eps)
        circuit.call(window, target=clock)
        forward = WalkStep(self.encoding.adjoint()).adjoint()
        for k in range(self.clock_size - 1, 0, -1):
            self._power(circuit, forward, block, clock[k], 1 << (k - 1))
        with circuit.conjunction([self.ctrl, clock[0]]) as odd:
            self._odd_query(circuit, block, odd, d)
            reflect(circuit, block, odd)
        fourier(circuit, clock, -1, self.eps)
        circuit.call(self._rotation, ctrl=self.ctrl, address=clock[::-1], target=flag)
        fourier(circuit, clock, 1, self.eps)
        with circuit.conjunction([self.ctrl, clock[0]]) as odd:
            reflect(circuit, block, odd)
            self._odd_query(circuit, block, odd, d)
        backward = WalkStep(self.encoding)
        for k in range(1, self.clock_size):
            self._power(circuit, backward, block, clock[k], 1 << (k - 1))
        circuit.call(window.adjoint(), target=clock)
        circuit.cx(self.ctrl, d)

    def _power(self, circuit: BitCircuit, step: Bloq, block: list[Bit], bit: Bit, times: int) -> None:
        with circuit.conjunction([self.ctrl, bit]) as control:

            def walk(step: Bloq) -> None:
                call_query(circuit, step, self.bits("system"), block, control)

            circuit.each(repeat(step, times), walk)

    def _odd_query(self, circuit: BitCircuit, block: list[Bit], control: Bit, d: Bit) -> None:
        """U_H on d = 0 where `control` is 1."""
        call_query(circuit, self.encoding.adjoint(), self.bits("system"), block, control)
        circuit.cx(control, d)
