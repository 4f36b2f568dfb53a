"""How a circuit runs on a device: where its qubits go, how it is transpiled, and what suppresses errors.

Layout, level and the correction of readout errors are for any device; dynamical decoupling and twirling are the
runtime's, so a real device alone has them: a fake one is simulated with the recorded errors of its gates, none of which
they change.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal, get_args

from carlemanc.backends.devices import is_device
from carlemanc.core.errors import InputError, Problem

Level = Literal[0, 1, 2, 3]
Decoupling = Literal["XX", "XpXm", "XY4"]
Twirling = Literal["gates", "measure", "both"]

_WORDS: Final = {
    "layout": "--layout",
    "optimization_level": "--optimization-level",
    "decoupling": "--decoupling",
    "twirling": "--twirling",
    "mitigation": "--mitigation",
}
_OF_THE_RUNTIME: Final = ("decoupling", "twirling")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceOptions:
    """Options of a device; None and False leave everything as it is.

    Args:
        layout: the device's qubit for each qubit of the circuit, in the order of the manifest; None: the transpiler's
            choice.
        optimization_level: of Qiskit's preset pass manager; None: 3.
        decoupling: pulses on idle qubits, by their sequence.
        twirling: random Paulis around two-qubit gates, before measurements, or both.
        mitigation: readout errors are measured beside the circuit and taken out of its counts.
    """

    layout: tuple[int, ...] | None = None
    optimization_level: Level | None = None
    decoupling: Decoupling | None = None
    twirling: Twirling | None = None
    mitigation: bool = False

    @property
    def level(self) -> int:
        """The level that the transpiler runs at."""
        return 3 if self.optimization_level is None else self.optimization_level

    def check(self, backend: str | None) -> None:
        """Raise InputError, before any work, where a value is none, or the back end has no such option."""
        problems = [*self._values(), *self._unknown(backend)]
        if problems:
            raise InputError("bad option" if len(problems) == 1 else "bad options", problems)

    def check_layout(self, width: int, qubits: int) -> None:
        """Raise InputError where the layout does not place `width` qubits on a device of `qubits`."""
        if self.layout is None or (len(self.layout) == width and max(self.layout) < qubits):
            return
        allowed = (
            f"{width} qubits of the device, each from 0 to {qubits - 1}: one for each qubit of the circuits"
        )
        found = ",".join(map(str, self.layout))
        raise InputError("bad option", [Problem(where="--layout", found=found, allowed=allowed)])

    def _values(self) -> list[Problem]:
        layout, problems = self.layout, []
        if layout is not None and (not layout or min(layout) < 0 or len(set(layout)) < len(layout)):
            found, allowed = ",".join(map(str, layout)), "qubits of the device, from 0 on, none of them twice"
            problems.append(Problem(where="--layout", found=found, allowed=allowed))
        choices = (
            ("optimization_level", self.optimization_level, get_args(Level)),
            ("decoupling", self.decoupling, get_args(Decoupling)),
            ("twirling", self.twirling, get_args(Twirling)),
        )
        return problems + [
            Problem(where=_WORDS[name], found=str(value), allowed=", ".join(map(str, known)))
            for name, value, known in choices
            if value is not None and value not in known
        ]

    def _unknown(self, backend: str | None) -> list[Problem]:
        given = [field.name for field in fields(self) if getattr(self, field.name) != field.default]
        if backend is None or not is_device(backend):
            unknown, allowed = (
                given,
                "a device, --backend fake:NAME or ibm:NAME: simulators have no such option",
            )
        elif backend.startswith("fake:"):
            unknown = [name for name in given if name in _OF_THE_RUNTIME]
            allowed = (
                "a real device, --backend ibm:NAME: a fake one is simulated with recorded errors of its gates"
            )
        else:
            return []
        return [
            Problem(where=_WORDS[name], found=f"with --backend {backend or 'left out'}", allowed=allowed)
            for name in unknown
        ]


AS_IT_IS: Final = DeviceOptions()
