r"""A sign by a reference of known size: an event circuit where a flag in |+> is 1, a rotation where it is 0.

On |0...0> of all other ancillas the flag, after its second Hadamard, is 0 with amplitude (r + f) / 2, f the amplitude
of the event and r that of the reference: large where their signs agree, small where they do not. The event has to have
all its wires among its ancillas, as an overlap in a run without a time register has (derived here, checked).
"""

from __future__ import annotations

import math

import attrs

from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query
from carlemanc.core.errors import InternalError
from carlemanc.observables.event_circuit import EventCircuit


@attrs.frozen(cache_hash=True, kw_only=True)
class ReferenceCircuit(SequenceBloq):
    """(r + f) / 2 on |0...0> of all ancillas.

    Args:
        event: the circuit of f, which reads every wire of its run.
        reference: r, at most 1 in size.
        eps: synthesis precision of the rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        ancilla: those of `event`, the bit that the reference turns, the flag.
    """

    event: EventCircuit
    reference: float
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        if self.event.system_bitsize:
            raise InternalError("a reference meets an event that leaves wires unread")
        return {"ancilla": self.event.ancilla_bitsize + 2}

    def build(self, circuit: BitCircuit) -> None:
        *own, turned, flag = self.bits("ancilla")
        angle = 2 * math.acos(max(-1.0, min(1.0, self.reference)))
        circuit.h(flag)
        with circuit.conjunction([self.ctrl, flag]) as here:
            call_query(circuit, self.event, [], own, here)
        with circuit.conjunction([self.ctrl, flag], [1, 0]) as here:
            turn = MultiplexedRy((angle,), self.eps, is_controlled=True)
            circuit.call(turn, ctrl=here, target=turned)
        circuit.h(flag)
