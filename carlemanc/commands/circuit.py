"""`circuit`: the circuit of a stage as an object, what `compile` writes into files.

Comes in: a spec. Goes out: a `Circuit`, from which Qualtran's bloq, the flat program, circuits of Qiskit and Cirq,
OpenQASM and the manifest are made when they are asked for, gate for gate those of the files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from carlemanc.backends.registry import default_dialect, default_uncompute
from carlemanc.commands.circuit_forms import CircuitForms
from carlemanc.commands.circuit_manifest import circuit_manifest
from carlemanc.commands.gate_set import GateSet, Stage, build_program, check_rotation_epsilon
from carlemanc.commands.opening import SOLVED, Opened, open_spec, stage_bloq, warn_idle
from carlemanc.core.shown import Shown
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import Program
from carlemanc.sources.source import SpecLike


@dataclass(frozen=True, kw_only=True, eq=False)
class Circuit(CircuitForms, Shown):
    """The circuit of a stage; each form is made when it is first asked for.

    Args:
        found: the spec it is of.
        stage: what it does.
        gate_set: whether rotations are kept or synthesized.
        uncompute: how ANDs are undone; None: as each form does unless told.
        rotation_epsilon: operator-norm precision of each synthesized rotation; None: from the error budget.
    """

    found: Opened
    stage: Stage
    gate_set: GateSet
    uncompute: Uncompute | None
    rotation_epsilon: float | None

    BRIEF = "name stage gate_set uncompute"

    @property
    def name(self) -> str:
        """Name of the spec."""
        return self.found.spec.name

    @property
    def choices(self) -> dict[str, dict[str, Any]]:
        """Each key that can be searched with its value, and whether the spec or the search chose it."""
        return self.found.choices

    @property
    def is_emitted(self) -> bool:
        """Whether the program was made already."""
        return "_built" in self.__dict__

    @cached_property
    def bloq(self) -> Any:
        """The circuit as a Qualtran `Bloq`, its rotations kept, without final measurements: to count and to draw."""
        return stage_bloq(self.found, self.stage)

    @property
    def program(self) -> Program:
        """The flat circuit in its gate set. Raises TooLarge where it cannot be emitted."""
        return self._built[0]

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What `compile` writes beside the OpenQASM 3 file, without L.npz, b.npy and circuits of a readout."""
        program, epsilon = self._built
        return circuit_manifest(
            self.found,
            self.stage,
            program,
            format="qasm3",
            uncompute=self.uncompute or default_uncompute("qasm3"),
            dialect=default_dialect("qasm3"),
            gate_set=self.gate_set,
            epsilon=epsilon,
        )

    @cached_property
    def _built(self) -> tuple[Program, float | None]:
        return build_program(self.found, self.stage, self.gate_set, self.rotation_epsilon)


def circuit(
    spec: SpecLike,
    *,
    overrides: Iterable[str] = (),
    stage: Stage = "full",
    uncompute: Uncompute | None = None,
    gate_set: GateSet = "clifford+rz",
    rotation_epsilon: float | None = None,
) -> Circuit:
    """Return the circuit of a spec, gate for gate that which `compile` writes; no file is written.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.
        stage: what the circuit does.
        uncompute: how ANDs are undone; by default unitary in OpenQASM 2, else by measurement.
        gate_set: whether rotations are synthesized.
        rotation_epsilon: operator-norm precision of each synthesized rotation; by default from the error budget.

    Raises InputError, TooLarge.

    >>> found = circuit("logistic-map-scalar", stage="state-preparation")
    >>> found.to_qiskit().num_qubits == found.manifest["qubits"] == found.program.width
    True
    """
    check_rotation_epsilon(rotation_epsilon)
    return Circuit(
        found=open_circuit(spec, overrides, stage=stage, gate_set=gate_set),
        stage=stage,
        gate_set=gate_set,
        uncompute=uncompute,
        rotation_epsilon=rotation_epsilon,
    )


def open_circuit(spec: SpecLike, overrides: Iterable[str], *, stage: Stage, gate_set: GateSet) -> Opened:
    """Open a spec for a circuit with gates, with the warnings it deserves. Raises InputError, TooLarge."""
    found = open_spec(
        spec,
        overrides,
        synthesized=gate_set == "clifford+t",
        command="compile",
        searched=stage in SOLVED,
        emits=True,
    )
    found.warn()
    if stage in SOLVED:
        warn_idle(found.design)
    return found
