"""Truncated corrections: the number of factors F a row of B applied, and the flag of those with too many."""

from __future__ import annotations

from contextlib import ExitStack

import attrs

from carlemanc.bloqs.arithmetic import at_least
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.population import population


@attrs.frozen(cache_hash=True, kw_only=True)
class FactorLimit(BitBloq):
    """Flip `surplus` where more than `most` factors F were applied: a term of order eta^(most + 1) or more.

    A slot counts where its choice bit is 1 (F instead of I) and the slot is occupied; an insertion of F_0
    counts as one factor. The count is erased again.

    Registers:
        surplus: one flag.
        choice: a bit for each slot that may apply F.
        level: the thermometer bits before F_0 is inserted.
        insert: the pattern of insertions, none where F_0 = 0.

    Args:
        owners: for each choice bit the level bit that says its slot is occupied, -1 where it always is.
        level_bits, inserts: sizes of the registers.
        most: p >= 1, below the number of bits counted.
        is_controlled: do nothing where `ctrl` is 0.

    References:
        THEORY.md section 2.2 (C^(m) has m factors); the circuit is derived here, checked on every column.
    """

    owners: tuple[int, ...]
    level_bits: int
    inserts: int
    most: int
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "surplus": None,
            "choice": len(self.owners),
            "level": self.level_bits,
            "insert": self.inserts,
        }

    def build(self, circuit: BitCircuit) -> None:
        level = self.bits("level")
        with ExitStack() as stack:
            applied: list[Bit] = []
            for choice, owner in zip(self.bits("choice"), self.owners, strict=True):
                occupied = None if owner < 0 else level[owner]
                applied.append(stack.enter_context(circuit.conjunction([choice, occupied])))
            count = stack.enter_context(population(circuit, [*applied, *self.bits("insert")]))
            too_many = stack.enter_context(at_least(circuit, count, self.most + 1))
            circuit.flip("surplus", [self.ctrl, too_many])
