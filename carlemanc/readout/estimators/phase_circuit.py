r"""The circuit of phase estimation of an event's amplitude: a window, controlled Grover iterates, a Fourier transform.

The iterate is $G = -U S_0 U^\dagger S_E$, $S_E$ and $S_0$ the sign flips on the event and on the start |0...0>; U|0>
is the sum of two of its eigenvectors, of phases +-2 theta. **Only $S_0$ is controlled** (derived here): without it a
power w of the iterate is $(U U^\dagger S_E)^w$, which is 1 for every even w; of an odd w one $S_E$ is controlled too.
The sign $(-1)^k$ is one Z on the lowest bit of k.

K need not be a power of two, and no iterate is wasted: with 2^r < K <= 2^(r+1) the bits of k stand for 1, 2, ...,
2^(r-1) and K - 2^r iterates, K - 1 in all. Where the top bit is 1 the others then hold k - (K - 2^r), which is its
lower bits plus the constant 2^(r+1) - K: one controlled addition, undone after the iterates.
"""

from __future__ import annotations

import attrs
from qualtran import Bloq

from carlemanc.bloqs.arithmetic import Add
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import numbers
from carlemanc.bloqs.fourier import fourier
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, reflect, register_size


@attrs.frozen(cache_hash=True)
class PhaseCircuit(SequenceBloq):
    """From |0...0>: the phase register ends in the Fourier transform of sum_k w_k e^(+-2 i k theta) |k>.

    Args:
        event: U, registers `system` and `ancilla`; theta = asin of its amplitude with all ancillas |0>.
        window: amplitudes w of the steps of k (normalized here).
        halvings: g: a step stands for 2^g values of k, K = len(window) 2^g.
        phase_size: qubits of the phase register, at least those that number k.
        eps: synthesis precision of each rotation of its own.
        loading: how the window's angles may be loaded; None: multiplexed rotations.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        phase: enters as |0>; measured at the end: y stands for the phase 2 pi y/2^phase_size.
        system, ancilla: those of `event`.

    Cost: 2 K - 1 uses of `event` or its adjoint, none controlled (one where the whole is); 2 (K - 1) reflections;
    fewer than 2^ceil(log2 len(window)) rotations for the window, and phase_size^2 for the Fourier
    transform.

    References:
        [brassard2002] section 4 (the iterate and its phases); window, partial control and sizes derived here, the
        distribution of outcomes checked on the circuit.
    """

    event: Bloq
    window: tuple[float, ...] = attrs.field(converter=numbers)
    halvings: int
    phase_size: int
    eps: float = 0.0
    loading: Loading | None = None
    is_controlled: bool = False

    @property
    def iterates(self) -> int:
        """K: the register numbers the powers 0..K-1."""
        return len(self.window) << self.halvings

    @property
    def power_size(self) -> int:
        """Number of bits of k."""
        return (self.iterates - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "phase": self.phase_size,
            "system": register_size(self.event, "system"),
            "ancilla": register_size(self.event, "ancilla"),
        }

    def build(self, circuit: BitCircuit) -> None:
        phase = self.bits("phase")[
            ::-1
        ]  # the Fourier transform leaves the lowest bit of y on the highest of k
        powers = phase[: self.power_size]
        self._load(circuit, powers)
        self._use(circuit, self.event, self.ctrl)
        if powers:
            circuit.cz(self.ctrl, powers[0])
            self._iterate(circuit, powers)
        fourier(circuit, phase, -1, self.eps, self.ctrl)

    def _load(self, circuit: BitCircuit, powers: list[Bit]) -> None:
        """The window on the upper bits of k, an even superposition on the others."""
        steps = powers[self.halvings :]
        if steps:
            padded = (*self.window, *[0.0] * ((1 << len(steps)) - len(self.window)))
            tree = RotationTree((padded,), self.eps, self.is_controlled, loading=self.loading)
            circuit.call(tree, ctrl=self.ctrl, target=steps)
        for bit in powers[: self.halvings]:
            fourier(circuit, [bit], -1, self.eps, self.ctrl)

    def _iterate(self, circuit: BitCircuit, powers: list[Bit]) -> None:
        """G^k but for its sign: the top bit of k stands for what is left to K - 1."""
        *others, top = powers
        last = self.iterates - (1 << len(others))
        self._shift(circuit, others, top, undo=False)
        for place, bit in enumerate(others):
            self._power(circuit, bit, 1 << place)
        self._power(circuit, top, last)
        self._shift(circuit, others, top, undo=True)

    def _shift(self, circuit: BitCircuit, others: list[Bit], top: Bit, *, undo: bool) -> None:
        """Add 2^(r+1) - K to the other bits, modulo 2^r, where the top bit is 1."""
        constant = (2 << len(others)) - self.iterates
        if not constant:
            return
        start = (constant & -constant).bit_length() - 1
        target = others[start:]
        adder = Add(len(target))
        with circuit.work(len(target)) as addend:
            circuit.xor(constant >> start, addend, top)
            circuit.call(adder.adjoint() if undo else adder, addend=addend, target=target)
            circuit.xor(constant >> start, addend, top)

    def _power(self, circuit: BitCircuit, bit: Bit, times: int) -> None:
        """(-G)^times where the bit is 1 (and `ctrl`)."""
        with circuit.conjunction([self.ctrl, bit]) as control:

            def iterate(on_event: Bit | None) -> None:
                reflect(circuit, self.bits("ancilla"), on_event)
                self._use(circuit, self.event.adjoint(), None)
                reflect(circuit, [*self.bits("ancilla"), *self.bits("system")], control)
                self._use(circuit, self.event, None)

            if times % 2:
                iterate(control)
            circuit.each([None], iterate, times - times % 2)

    def _use(self, circuit: BitCircuit, event: Bloq, control: Bit | None) -> None:
        call_query(circuit, event, self.bits("system"), self.bits("ancilla"), control)
