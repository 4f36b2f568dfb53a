r"""The discrete adiabatic walk as bloqs: block encodings G(f), the walk along the schedule, the final filter.

$A(f) = [[(1-f), f A], [f A^\dagger, -(1-f)]] / \sqrt{(1-f)^2 + f^2}$ on a qubit c and the system, $G(f) = (1 -
|0,b\rangle\langle 0,b|) A(f)$: its kernel goes from |0,b> at f = 0 to $|1, A^{-1} b\rangle$ at f = 1. With K = U
where c is 0, the unitary $K (\cos a\, Z + \sin a\, X) K^\dagger$, tan a = f/(1-f), holds A(f) on the |0> of the
ancillas of U: no selector, and a gap that is larger by the root than with an LCU of the two terms (derived here).
The published walk qubitizes the dilation $[[0, G^\dagger], [G, 0]]$; every step of it flips the dilation's qubit, so
that qubit is the parity of the step and is left out: odd steps use the encoding of G, even ones its adjoint (derived
here, tested).

References: [costa2022] PRX Quantum 3, 040303 (second-hand: QLSS 1.5; this A(f) from memory).
"""

from __future__ import annotations

import math

import attrs
from qualtran import Bloq
from qualtran.bloqs.basic_gates import Ry

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import numbers
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, reflect, register_size
from carlemanc.methods.chebyshev_lcu import ChebyshevLCU


@attrs.frozen(cache_hash=True)
class WalkOperator(SequenceBloq):
    """Block encoding of G(f), subnormalization 1: one controlled query, one controlled adjoint, two uses of b.

    Args:
        prepare: |0> -> b/||b||, one register `system`.
        encoding: block encoding of A, registers `system` and (unless it needs none) `ancilla`.
        f: the place on the schedule, in [0, 1].
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: the block encoding's, then c (most significant).
        ancilla: the block encoding's, then the flag of the projector (most significant).
    """

    prepare: Bloq
    encoding: Bloq
    f: float
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": register_size(self.encoding, "system") + 1,
            "ancilla": register_size(self.encoding, "ancilla") + 1,
        }

    def build(self, circuit: BitCircuit) -> None:
        *system, c = self.bits("system")
        *block, outside = self.bits("ancilla")
        self._query(circuit, self.encoding.adjoint(), system, block)
        angle = 2 * math.atan2(self.f, 1 - self.f)
        circuit.cz(self.ctrl, c)
        if self.is_controlled:
            circuit.call(MultiplexedRy((0.0, angle), self.eps), address=["ctrl"], target=c)
        else:
            circuit.call(Ry(angle, eps=self.eps), q=c)
        self._query(circuit, self.encoding, system, block)
        self._project(circuit, [*system, c, *block], outside)

    def _query(self, circuit: BitCircuit, query: Bloq, system: list[Bit], block: list[Bit]) -> None:
        """Where c is 0."""
        with circuit.conjunction([self.ctrl, self.bits("system")[-1]], [1, 0]) as here:
            call_query(circuit, query, system, block, here)

    def _project(self, circuit: BitCircuit, bits: list[Bit], outside: Bit) -> None:
        """Flip `outside` on |0,b> where the other ancillas are |0>: what is junk already is left alone."""
        system = self.bits("system")[:-1]
        call_query(circuit, self.prepare.adjoint(), system, [])
        circuit.flip(outside, [self.ctrl, *bits], [1] + [0] * len(bits))
        call_query(circuit, self.prepare, system, [])


@attrs.frozen(cache_hash=True)
class EigenstateFilter(ChebyshevLCU):
    r"""Block $\sum_k (-1)^k w_k T_{2k}$ of the singular values of G / sum of w: an LCU of pairs of walk steps.

    A pair is $U^\dagger R U R$, nothing without its reflections, so only these are controlled.

    Args: those of `ChebyshevLCU`; for l walk steps there are l/2 + 1 weights.
    """

    def _begin(self, circuit: BitCircuit) -> None:
        """Nothing: the steps are all there is."""


@attrs.frozen(cache_hash=True)
class AdiabaticCircuit(SequenceBloq):
    """Start in |0,b>, walk along the schedule, filter at f = 1, ask for c = 1.

    The filter is the polynomial it should be on the |0> of the walk's ancillas alone: a flag marks where the walk
    ends elsewhere.

    Args:
        prepare: |0> -> b/||b||, one register `system`.
        encoding: block encoding of A.
        schedule: f of each walk step; an even number of them.
        weights: of the filter.
        eps: synthesis precision of each rotation of its own.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: the block encoding's.
        ancilla: those of `WalkOperator`, the filter's selector, the flag, then c, flipped (most significant).
    """

    prepare: Bloq
    encoding: Bloq
    schedule: tuple[float, ...] = attrs.field(converter=numbers)
    weights: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def _filter(self) -> EigenstateFilter:
        return EigenstateFilter(self._operator(1.0), self.weights, self.eps)

    def _operator(self, f: float) -> WalkOperator:
        return WalkOperator(self.prepare, self.encoding, f, self.eps)

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": register_size(self.encoding, "system"),
            "ancilla": register_size(self._filter, "ancilla") + 2,
        }

    def build(self, circuit: BitCircuit) -> None:
        *ancilla, strayed, c = self.bits("ancilla")
        system = self.bits("system")
        walked = ancilla[: register_size(self.encoding, "ancilla") + 1]
        call_query(circuit, self.prepare, system, [], self.ctrl)
        for step, f in enumerate(self.schedule):
            bloq = self._operator(f)
            form = bloq.adjoint() if step % 2 else bloq
            call_query(circuit, form, [*system, c], walked, self.ctrl)
            reflect(circuit, walked, self.ctrl)
        circuit.flip_unless_zero(strayed, walked, self.ctrl)
        call_query(circuit, self._filter, [*system, c], ancilla, self.ctrl)
        circuit.cx(self.ctrl, c)
