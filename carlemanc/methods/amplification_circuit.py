"""Amplitude amplification of an event circuit: reflections about its event and about its start, phases free."""

from __future__ import annotations

import math

import attrs
from qualtran import Bloq
from qualtran.bloqs.basic_gates import GlobalPhase, Ry, ZPowGate

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import numbers
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size


@attrs.frozen(cache_hash=True)
class AmplitudeAmplification(SequenceBloq):
    r"""V, then for each round phase e^(i beta) on success, $V^\dagger$, phase e^(-i alpha) on |0...0>, V.

    Success is all ancillas |0>. With all phases pi and r rounds a success amplitude sin(theta) becomes sin((2r+1)
    theta) (the sign of each round is in `phase`). Only the first V and the phases are controlled: without phases a
    round is $V V^\dagger = 1$.

    Args:
        circuit: V, registers `system` and `ancilla`, from |0>.
        betas, alphas: the phases of each round, radians, on success and on the start.
        dilution: angle of an Ry on one more ancilla, which lowers the amplitude of V by cos(dilution/2); 0: none.
        phase: of the whole, radians.
        eps: synthesis precision of each rotation of its own.
        repeats: how often the rounds of these phases are repeated.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: that of V.
        ancilla: that of V, then the dilution wire (most significant) where there is one.

    References:
        [brassard2002] Brassard, Hoyer, Mosca, Tapp, arXiv:quant-ph/0005055, section 2; phases: [long2001] Phys. Rev. A
        64, 022307, and [yoder2014] arXiv:1409.3305 (from memory; amplitudes checked on the circuit).
    """

    circuit: Bloq
    betas: tuple[float, ...] = attrs.field(converter=numbers)
    alphas: tuple[float, ...] = attrs.field(converter=numbers)
    dilution: float = 0.0
    phase: float = 0.0
    eps: float = 0.0
    repeats: int = 1
    is_controlled: bool = False

    @property
    def rounds(self) -> int:
        """Number of rounds r; the circuit uses V or its adjoint 2r + 1 times."""
        return len(self.betas) * self.repeats

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": register_size(self.circuit, "system"),
            "ancilla": register_size(self.circuit, "ancilla") + bool(self.dilution),
        }

    def build(self, circuit: BitCircuit) -> None:
        self._turn(circuit)
        self._prepare(circuit, self.circuit, self.is_controlled)
        if self.dilution:
            self._dilute(circuit, self.dilution, self.is_controlled)
        ancilla, everything = self.bits("ancilla"), [*self.bits("ancilla"), *self.bits("system")]

        def turn(phases: tuple[float, float]) -> None:
            beta, alpha = phases
            self._phase_on_zero(circuit, ancilla, beta)
            if self.dilution:
                self._dilute(circuit, -self.dilution, False)
            self._prepare(circuit, self.circuit.adjoint(), False)
            self._phase_on_zero(circuit, everything, -alpha)
            self._prepare(circuit, self.circuit, False)
            if self.dilution:
                self._dilute(circuit, self.dilution, False)

        circuit.each(tuple(zip(self.betas, self.alphas, strict=True)), turn, self.repeats)

    def _prepare(self, circuit: BitCircuit, bloq: Bloq, is_controlled: bool) -> None:
        system = self.bits("system")
        ancilla = self.bits("ancilla")[: register_size(self.circuit, "ancilla")]
        call_query(circuit, bloq, system, ancilla, self.ctrl if is_controlled else None)

    def _dilute(self, circuit: BitCircuit, angle: float, is_controlled: bool) -> None:
        wire = self.bits("ancilla")[-1]
        if not is_controlled:
            circuit.call(Ry(angle, eps=self.eps), q=wire)
            return
        circuit.call(Ry(angle / 2, eps=self.eps), q=wire)
        circuit.cx("ctrl", wire)
        circuit.call(Ry(-angle / 2, eps=self.eps), q=wire)
        circuit.cx("ctrl", wire)

    def _phase_on_zero(self, circuit: BitCircuit, bits: list[Bit], angle: float) -> None:
        """Phase e^(i angle) where all bits are 0 (and `ctrl` is 1)."""
        with circuit.conjunction([self.ctrl, *bits], [1] + [0] * len(bits)) as empty:
            if math.isclose(abs(angle), math.pi):
                circuit.z(empty)
            else:
                circuit.call(ZPowGate(exponent=angle / math.pi, eps=self.eps), q=empty)

    def _turn(self, circuit: BitCircuit) -> None:
        """The phase of the whole."""
        if not self.phase:
            return
        if self.is_controlled:
            circuit.call(ZPowGate(exponent=self.phase / math.pi, eps=self.eps), q="ctrl")
        else:
            circuit.call(GlobalPhase(exponent=self.phase / math.pi, eps=self.eps))


def grover_rounds(event: Bloq, uses: int) -> Bloq:
    """Return the circuit that shows an event with probability sin^2(uses theta), `uses` odd."""
    turns = (math.pi,)
    return AmplitudeAmplification(event, turns, turns, repeats=(uses - 1) // 2) if uses > 1 else event
