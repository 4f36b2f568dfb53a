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
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.tables import numbers
from carlemanc.solvers.chebyshev_lcu import ChebyshevLCU
from carlemanc.solvers.sequence_bloq import SequenceBloq, call_query, reflect, register_size


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
        control: list[Bit] = ["ctrl"] if self.is_controlled else []
        self._query(circuit, self.encoding.adjoint(), control, system, block)
        angle = 2 * math.atan2(self.f, 1 - self.f)
        if self.is_controlled:
            circuit.cz("ctrl", c)
            circuit.call(MultiplexedRy((0.0, angle), self.eps), address=["ctrl"], target=c)
        else:
            circuit.z(c)
            circuit.call(Ry(angle, eps=self.eps), q=c)
        self._query(circuit, self.encoding, control, system, block)
        self._project(circuit, control, [*system, c, *block], outside)

    def _query(
        self, circuit: BitCircuit, query: Bloq, control: list[Bit], system: list[Bit], block: list[Bit]
    ) -> None:
        """Where c is 0."""
        c = self.bits("system")[-1]
        with circuit.conjunction([*control, c], [1] * len(control) + [0]) as here:
            call_query(circuit, query.controlled(), system, block, ctrl=here)

    def _project(self, circuit: BitCircuit, control: list[Bit], bits: list[Bit], outside: Bit) -> None:
        """Flip `outside` on |0,b> where the other ancillas are |0>: what is junk already is left alone."""
        system = self.bits("system")[:-1]
        call_query(circuit, self.prepare.adjoint(), system, [])
        with circuit.conjunction([*control, *bits], [1] * len(control) + [0] * len(bits)) as found:
            circuit.cx(found, outside)
        call_query(circuit, self.prepare, system, [])


@attrs.frozen(cache_hash=True)
class EigenstateFilter(ChebyshevLCU):
    r"""Block $\sum_k (-1)^k w_k T_{2k}$ of the singular values of G / sum of w: an LCU of pairs of walk steps.

    A pair is $U^\dagger R U R$, nothing without its reflections, so only these are controlled.

    Args: those of `ChebyshevLCU`; for l walk steps there are l/2 + 1 weights.
    """

    def build(self, circuit: BitCircuit) -> None:
        root: Bit | None = "ctrl" if self.is_controlled else None
        selector, flag = self._selector, circuit.allocate()
        circuit.call(self._prepare, target=selector)
        if root is None:
            circuit.z(selector[0])
            circuit.x(flag)
        else:
            circuit.cz(root, selector[0])
            circuit.cx(root, flag)
        self._iterate(circuit, flag, root, len(selector), 0)
        circuit.free(flag)
        circuit.call(self._prepare.adjoint(), target=selector)


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
        system, control = self.bits("system"), ({"ctrl": "ctrl"} if self.is_controlled else {})
        walked = ancilla[: register_size(self.encoding, "ancilla") + 1]
        prepare = self.prepare.controlled() if self.is_controlled else self.prepare
        call_query(circuit, prepare, system, [], **control)
        for step, f in enumerate(self.schedule):
            bloq: Bloq = self._operator(f)
            bloq = bloq.adjoint() if step % 2 else bloq
            bloq = bloq.controlled() if self.is_controlled else bloq
            call_query(circuit, bloq, [*system, c], walked, **control)
            reflect(circuit, walked, "ctrl" if self.is_controlled else None)
        self._mark(circuit, walked, strayed)
        final = self._filter.controlled() if self.is_controlled else self._filter
        call_query(circuit, final, [*system, c], ancilla, **control)
        if self.is_controlled:
            circuit.cx("ctrl", c)
        else:
            circuit.x(c)

    def _mark(self, circuit: BitCircuit, walked: list[Bit], strayed: Bit) -> None:
        """Flip the flag where the walk's ancillas are not all |0>."""
        on: list[Bit] = ["ctrl"] if self.is_controlled else []
        if on:
            circuit.cx("ctrl", strayed)
        else:
            circuit.x(strayed)
        with circuit.conjunction([*on, *walked], [1] * len(on) + [0] * len(walked)) as home:
            circuit.cx(home, strayed)
