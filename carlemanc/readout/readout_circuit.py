"""A circuit of a readout, and how often it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qualtran import Bloq


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadoutCircuit:
    """Some runs of a circuit.

    Args:
        name: what it is for.
        bloq: registers `system` and `ancilla` (and, where there is one, a phase register), from |0>.
        times: how often it runs, expected where its rounds are drawn.
        uses: of the event circuit in it.
        waits: why it cannot be written before others were read; empty where it can.
        beyond: what it is counted beyond, where that is counted already: a round is what one adds to an event circuit.
    """

    name: str
    bloq: Bloq
    times: Fraction
    uses: int = 1
    waits: str = ""
    beyond: Bloq | None = None

    @property
    def counted(self) -> Iterator[tuple[Bloq, Fraction]]:
        """The bloqs whose counts make up its own, each with how often it is counted."""
        yield self.bloq, self.times
        if self.beyond is not None:
            yield self.beyond, -self.times
