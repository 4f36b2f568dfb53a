"""A circuit whose event lies within that of another: what is left with all ancillas |0> is tested for more.

An event circuit has registers `system` and `ancilla`, starts from |0...0>, and its event is that all ancillas end in
|0>. `flagged` gives that of a run together with the answer: ancillas |0>, t >= T, level 1.
"""

from __future__ import annotations

import attrs
from qualtran import Bloq

from carlemanc.access.access import Answer
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size


@attrs.frozen(cache_hash=True)
class Flagged(SequenceBloq):
    """`run`, then `flag` on the same system and ancillas of its own: the event is that of both.

    Args:
        run: registers `system` and, unless it needs none, `ancilla`; from |0>.
        flag: registers `system`, as wide, and `ancilla`, as `RegisterFlag` has them.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: that of the run.
        ancilla: that of the run, then that of the flag (most significant).
    """

    run: Bloq
    flag: Bloq
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": register_size(self.run, "system"),
            "ancilla": register_size(self.run, "ancilla") + register_size(self.flag, "ancilla"),
        }

    def build(self, circuit: BitCircuit) -> None:
        system, ancilla = self.bits("system"), self.bits("ancilla")
        own = register_size(self.run, "ancilla")
        call_query(circuit, self.run, system, ancilla[:own], self.ctrl)
        call_query(circuit, self.flag, system, ancilla[own:], self.ctrl)


def flagged(run: Bloq, answer: Answer) -> Bloq:
    """Return the event circuit of the answer; the run itself where its final state holds nothing else."""
    return run if answer.flag is None else Flagged(run, answer.flag)
