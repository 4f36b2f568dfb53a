r"""The probe of an overlap <w, y_1>: the loader of w / ||w|| undone on slot 1, which is |0> where the event happens.

For a sign the same amplitude is made to meet a known one. What a history holds at a known time t_0 is known (x(0) = b,
x(1) = F_0): undoing a superposition of t_0 and of the times from T on adds it. Derived here, checked on every column.
"""

from __future__ import annotations

import math

import attrs

from carlemanc.bloqs.amplitudes.point_loader import Loader, in_place_loader
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.observables.event_circuit import Probe
from carlemanc.observables.row_probe import RowProbe


@attrs.frozen(cache_hash=True, kw_only=True)
class OverlapProbe(Probe):
    """<w, y_1> / ||w||, or <w, R y> / (||w|| alpha), on slots that are all |0>.

    Args:
        loader: of w / ||w||, on the bits of a slot.
        row: R, its branch "alone"; None: the identity on level 1.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        flags, level: those of R.
        slots: the first, all with R.
    """

    loader: Loader
    row: RowProbe | None = None
    is_controlled: bool = False

    @property
    def clears(self) -> int | None:
        """The first slot, and with it the others, which are |0> by themselves or by what R does."""
        return 0

    def bit_registers(self) -> dict[str, int | None]:
        return {"slots": self.loader.size} if self.row is None else self.row.bit_registers()

    def build(self, circuit: BitCircuit) -> None:
        if self.row is not None:
            row = self.row if self.ctrl is None else attrs.evolve(self.row, is_controlled=True)
            on = {name: self.bits(name) for name in self.row.bit_registers()}
            circuit.call(row, ctrl=self.ctrl, **on)
        loader = self.loader if self.ctrl is None else attrs.evolve(self.loader, is_controlled=True)
        circuit.call(loader.adjoint(), ctrl=self.ctrl, target=self.bits("slots")[: self.loader.size])


@attrs.frozen(cache_hash=True, kw_only=True)
class HistorySignProbe(Probe):
    r"""cos(turn) a + sin(turn) b / sqrt(p + 1), b what a known time has at one site, a what `overlap` reads from T on.

    Args:
        overlap: what is read.
        site: where the known amplitude stands at the known time, on level 1.
        known: that time, before T.
        time_size: bits of the time register.
        steps, padding: T and p.
        turn: the angle, negative where the known amplitude is.
        eps: synthesis precision of each rotation.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        flags, level, slots: those of `overlap`.
        time: |0> where the event happens.
    """

    overlap: OverlapProbe
    site: int
    known: int
    time_size: int
    steps: int
    padding: int
    turn: float
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def clears(self) -> int | None:
        """All slots, as for the overlap."""
        return 0

    def bit_registers(self) -> dict[str, int | None]:
        return {**self.overlap.bit_registers(), "time": self.time_size}

    def build(self, circuit: BitCircuit) -> None:
        time = self.bits("time")
        values = [self.known >> position & 1 for position in range(len(time))]
        with circuit.conjunction(list(time), values) as known:
            with circuit.conjunction([self.ctrl, known]) as here:
                circuit.xor(self.site, self.bits("slots")[: self.overlap.loader.size], here)
            with circuit.conjunction([self.ctrl, known], [1, 0]) as here:
                self._read(circuit, here)
        support = [self.known, *range(self.steps, self.steps + self.padding + 1)]
        later = math.cos(self.turn) / math.sqrt(self.padding + 1)
        amplitudes = [math.sin(self.turn), *[later] * (self.padding + 1)]
        loader = in_place_loader(self.time_size, support, amplitudes, eps=self.eps)
        form = loader if self.ctrl is None else attrs.evolve(loader, is_controlled=True)
        circuit.call(form.adjoint(), ctrl=self.ctrl, target=time)

    def _read(self, circuit: BitCircuit, here: Bit) -> None:
        on = {name: self.bits(name) for name in self.overlap.bit_registers()}
        circuit.call(attrs.evolve(self.overlap, is_controlled=True), ctrl=here, **on)
