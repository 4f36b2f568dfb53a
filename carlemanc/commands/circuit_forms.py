"""A circuit in the forms of other tools, each made from its flat program when it is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

from carlemanc.backends.registry import default_uncompute, text

if TYPE_CHECKING:
    import cirq
    from qiskit import QuantumCircuit

    from carlemanc.programs.lowering import Uncompute
    from carlemanc.programs.program import Program


class CircuitForms(ABC):
    """What has a flat circuit: each form is gate for gate the file that `compile` writes of such a circuit."""

    uncompute: Uncompute | None
    """How ANDs are undone; None: as each form does unless told."""

    @property
    @abstractmethod
    def program(self) -> Program:
        """The flat circuit in its gate set. Raises TooLarge where it cannot be emitted."""

    def qasm(self, *, version: Literal[2, 3] = 3, dialect: str | None = None) -> str:
        """Return the circuit as OpenQASM, the text of the file that `compile` writes.

        Args:
            version: of OpenQASM; 2 undoes ANDs unitarily and 3 by measurement, unless `uncompute` says.
            dialect: who reads version 3: "qiskit" (default), "braket" or "pennylane"; these two undo ANDs unitarily.

        Raises InputError on an unknown dialect.
        """
        return text(self.program, f"qasm{version}", uncompute=self.uncompute, dialect=dialect)

    def to_qiskit(self) -> QuantumCircuit:
        """Return the circuit as Qiskit has it, qubits numbered as in the files; ANDs undone as in OpenQASM 3."""
        from carlemanc.backends import to_qiskit

        return to_qiskit(self.program, uncompute=self.uncompute or default_uncompute("qpy"))

    def to_cirq(self) -> cirq.Circuit:
        """Return the circuit as Cirq has it, qubit i being `LineQubit(i)`; ANDs undone as in OpenQASM 3."""
        from carlemanc.backends import to_cirq

        return to_cirq(self.program, uncompute=self.uncompute or default_uncompute("cirq-json"))
