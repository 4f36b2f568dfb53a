"""The flat circuit: a list of primitives on numbered wires, held as arrays.

Comes in: nothing but numbers. Goes out: every circuit format, the simulator and every tally. A `Program` knows
no Python classes, so its JSON form can be read anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray

OPS: Final = (
    "x", "y", "z", "h", "s", "sdg", "t", "tdg", "rz", "ry", "cx", "cz", "swap", "and", "and_dg", "gphase", "measure",
)  # fmt: skip
"""The primitives. `and` (a, b, target): target enters as |0> and leaves as a AND b; `and_dg` is its inverse and
leaves the target |0>. `rz`, `ry` take an angle: rz = diag(e^{-i angle/2}, e^{i angle/2}), ry = exp(-i angle Y/2).
`gphase` takes an angle and no wire. `measure` reads a wire in the computational basis."""

CODE: Final = MappingProxyType({name: code for code, name in enumerate(OPS)})
ARITY: Final = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 0, 1)
INVERSE: Final = tuple(
    CODE[{"s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t", "and": "and_dg", "and_dg": "and"}.get(name, name)]
    for name in OPS
)
FORMAT: Final = "carlemanc.program/1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Program:
    """A circuit on `width` wires; op number i is `OPS[codes[i]]` on `wires[i]` with `angles[i]`.

    Args:
        width: number of wires; all start in |0> except those of a register the caller prepares.
        registers: name -> wires, least significant first. Wires in no register are clean work wires that start
            and end in |0>.
        codes: (ops,) uint8, index into `OPS`.
        wires: (ops, 3) int32, unused places -1.
        angles: (ops,) float64, radians; 0 where the primitive takes none.
    """

    width: int
    registers: Mapping[str, tuple[int, ...]]
    codes: npt.NDArray[np.uint8]
    wires: npt.NDArray[np.int32]
    angles: FloatArray
    metadata: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not len(self.codes) == len(self.wires) == len(self.angles):
            raise ValueError("codes, wires and angles differ in length")
        for array in (self.codes, self.wires, self.angles):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of_width(cls, width: int) -> Program:
        """Return the circuit without gates on `width` wires."""
        return cls(
            width=width,
            registers={},
            codes=np.zeros(0, dtype=np.uint8),
            wires=np.zeros((0, 3), dtype=np.int32),
            angles=np.zeros(0),
        )

    def adjoint(self) -> Program:
        """Return the inverse circuit: reversed order, inverse primitives, negated angles."""
        if np.any(self.codes == CODE["measure"]):
            raise ValueError("a program with measurements has no adjoint")
        return Program(
            width=self.width,
            registers=self.registers,
            codes=np.asarray(INVERSE, dtype=np.uint8)[self.codes[::-1]],
            wires=self.wires[::-1].copy(),
            angles=-self.angles[::-1],
            metadata=self.metadata,
        )

    def to_json(self) -> str:
        """Return the JSON text; floats round-trip exactly."""
        ops: list[list[object]] = []
        for code, wires, angle in zip(
            self.codes.tolist(), self.wires.tolist(), self.angles.tolist(), strict=True
        ):
            name = OPS[code]
            entry: list[object] = [name, wires[: ARITY[code]]]
            if name in ("rz", "ry", "gphase"):
                entry.append(angle)
            ops.append(entry)
        document = {
            "format": FORMAT,
            "width": self.width,
            "registers": {name: list(wires) for name, wires in self.registers.items()},
            "metadata": dict(self.metadata),
            "ops": ops,
        }
        return json.dumps(document, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Program:
        """Read what `to_json` wrote. Raises ValueError on another format or an unknown primitive."""
        document = json.loads(text)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError(f"not a program: expected format {FORMAT!r}")
        ops = document["ops"]
        codes = np.zeros(len(ops), dtype=np.uint8)
        wires = np.full((len(ops), 3), -1, dtype=np.int32)
        angles = np.zeros(len(ops))
        for i, (name, on, *angle) in enumerate(ops):
            if name not in CODE or len(on) != ARITY[CODE[name]]:
                raise ValueError(f"op {i}: unknown primitive or wrong number of wires: {name!r} on {on}")
            codes[i] = CODE[name]
            wires[i, : len(on)] = on
            if angle:
                angles[i] = angle[0]
        return cls(
            width=int(document["width"]),
            registers={name: tuple(on) for name, on in document["registers"].items()},
            codes=codes,
            wires=wires,
            angles=angles,
            metadata=document["metadata"],
        )
