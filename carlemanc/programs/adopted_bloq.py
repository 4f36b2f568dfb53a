"""A bloq of someone else's among ours: the gates that it is emitted as, on the registers `system` and `ancilla`.

Comes in: the fragment of any bloq that decomposes into gates that the emitter knows (`adopted`). Goes out: a bit bloq,
whose decomposition, counts and circuit are these gates by construction, whatever call graph the bloq had, and which is
data alone, so that it compares, hashes and serializes. Under a control it is what the bloq's own controlled form emits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from math import pi
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt
from qualtran import AddControlledT, Bloq, CtrlSpec
from qualtran.bloqs.basic_gates import GlobalPhase, Rz, SGate, TGate, TwoBitSwap, YGate
from qualtran.bloqs.mcmt.specialized_ctrl import get_ctrl_system_1bit_cv_from_bloqs

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import integer_rows, integers, numbers
from carlemanc.bloqs.sequence_bloq import SequenceBloq
from carlemanc.core.errors import InputError, Problem
from carlemanc.programs.program import ARITY, CODE, OPS

_SINGLE: Final[Mapping[str, Bloq]] = {
    "y": YGate(),
    "s": SGate(),
    "sdg": SGate(is_adjoint=True),
    "t": TGate(),
    "tdg": TGate(is_adjoint=True),
}
_SWAP: Final = TwoBitSwap()
_AND, _AND_DG = CODE["and"], CODE["and_dg"]


@attrs.frozen(cache_hash=True)
class AdoptedBloq(SequenceBloq):
    """Primitives on the wires of `system` and `ancilla` and on clean work wires.

    Args:
        label: what it is called.
        system_size, ancilla_size: wires of the registers.
        codes, wires, angles: the primitives, as in a `Fragment` whose first wires are `ctrl` where it is controlled,
            then `system`, then `ancilla`, each most significant first; the others are work wires.
        outputs: the wire that each of these ends on, in the same order.
        is_controlled: whether these are the gates of the controlled form.
        controlled_form: that form; None on itself, and where there is none.
        refusal: why there is none.
    """

    label: str
    system_size: int
    ancilla_size: int
    codes: tuple[int, ...] = attrs.field(converter=integers)
    wires: tuple[tuple[int, ...], ...] = attrs.field(converter=integer_rows)
    angles: tuple[float, ...] = attrs.field(converter=numbers)
    outputs: tuple[int, ...] = attrs.field(converter=integers)
    is_controlled: bool = False
    controlled_form: AdoptedBloq | None = None
    refusal: str = ""

    def bit_registers(self) -> dict[str, int | None]:
        return {"system": self.system_size, "ancilla": self.ancilla_size}

    def build(self, circuit: BitCircuit) -> None:
        _Replay(self, circuit).run()

    def get_ctrl_system(self, ctrl_spec: CtrlSpec) -> tuple[Bloq, AddControlledT]:
        """See `BitBloq`. Raises InputError where the bloq has no controlled form that can be emitted."""
        form = self if self.is_controlled else self.controlled_form
        if form is None:
            problem = Problem(
                where=self.label,
                found=f"no controlled form that can be emitted: {self.refusal}",
                allowed="a bloq whose get_ctrl_system gives one, or a method that controls no query",
            )
            raise InputError("a bloq is needed under a control", [problem])
        made: tuple[Bloq, AddControlledT] = get_ctrl_system_1bit_cv_from_bloqs(
            self,
            ctrl_spec,
            current_ctrl_bit=1 if self.is_controlled else None,
            bloq_with_ctrl=form,
            ctrl_reg_name="ctrl",
        )
        return made

    def __str__(self) -> str:
        return f"C[{self.label}]" if self.is_controlled else self.label


class _Replay:
    """Writes the primitives: a work wire is a bit from the first gate on it to the last, or to the next AND into it."""

    def __init__(self, bloq: AdoptedBloq, circuit: BitCircuit) -> None:
        self._bloq = bloq
        self._circuit = circuit
        self._boundary = bloq.boundary_bits()
        self._bits: dict[int, Bit] = dict(enumerate(self._boundary))
        self._idle: list[Bit] = []

    def run(self) -> None:
        """Write all of them, and leave every bit where its register has it."""
        codes = np.asarray(self._bloq.codes, dtype=np.uint8)
        lasts = _last_touches(codes, self._bloq.wires, self._bloq.outputs, len(self._boundary))
        rows = zip(self._bloq.codes, self._bloq.wires, self._bloq.angles, lasts, strict=True)
        for code, row, angle, last in rows:
            on = row[: ARITY[code]]
            if code == _AND:
                self._compute(*on)
            elif code == _AND_DG:
                self._erase(*on)
            else:
                self._write(OPS[code], [self._bit(wire) for wire in on], angle)
            for wire in last:
                if wire in self._bits:
                    self._circuit.free(self._bits.pop(wire))
        self._settle()

    def _bit(self, wire: int) -> Bit:
        """Return the bit of a wire, a new one where it was clean."""
        if wire not in self._bits:
            self._bits[wire] = self._circuit.allocate()
        return self._bits[wire]

    def _compute(self, a: int, b: int, target: int) -> None:
        if target in self._bits:  # clean: its last content was given back
            self._idle.append(self._bits.pop(target))
        self._bits[target] = self._circuit.and_(self._bit(a), self._bit(b))

    def _erase(self, a: int, b: int, target: int) -> None:
        bit = self._bit(target)
        if bit in self._boundary:  # whose name stays, on a clean wire
            fresh = self._circuit.allocate()
            self._circuit.relabel(fresh, bit)
            self._idle.append(bit)
            bit = fresh
        self._circuit.erase_and(self._bit(a), self._bit(b), bit)
        del self._bits[target]

    def _write(self, name: str, bits: list[Bit], angle: float) -> None:
        circuit = self._circuit
        if name in _SINGLE:
            circuit.call(_SINGLE[name], q=bits[0])
        elif name == "rz":
            circuit.call(_rz(angle), q=bits[0])
        elif name == "ry":
            circuit.ry(angle, bits[0], 0.0)
        elif name == "gphase":
            circuit.call(GlobalPhase(exponent=angle / pi, eps=0.0))
        elif name == "swap":
            circuit.call(_SWAP, x=bits[0], y=bits[1])
        elif name == "cx":
            circuit.cx(*bits)
        elif name == "cz":
            circuit.cz(*bits)
        else:
            {"x": circuit.x, "z": circuit.z, "h": circuit.h}[name](bits[0])

    def _settle(self) -> None:
        """Give each bit of a register the wire that it ends on, and give back what is clean."""
        for name, wire in zip(self._boundary, self._bloq.outputs, strict=True):
            found = self._bit(wire)
            if found == name:
                continue
            self._circuit.relabel(found, name)
            self._idle = [found if bit == name else bit for bit in self._idle]
            self._bits = {w: {found: name, name: found}.get(bit, bit) for w, bit in self._bits.items()}
        for bit in {*self._idle, *self._bits.values()} - set(self._boundary):
            self._circuit.free(bit)


@cache
def _rz(angle: float) -> Rz:
    return Rz(angle, eps=0.0)


def _last_touches(
    codes: npt.NDArray[np.uint8], wires: tuple[tuple[int, ...], ...], outputs: Iterable[int], inputs: int
) -> list[list[int]]:
    """Return for each primitive the work wires that it leaves clean: none is touched again before an AND into it."""
    kept = set(outputs)
    ahead: set[int] = set()  # wires whose content is used later
    lasts: list[list[int]] = []
    for code, row in zip(codes[::-1].tolist(), wires[::-1], strict=True):
        on = row[: ARITY[code]]
        lasts.append([w for w in on if w >= inputs and w not in ahead and w not in kept])
        ahead.update(on)
        if code == _AND:
            ahead.discard(on[2])
            kept.discard(on[2])
    return lasts[::-1]
