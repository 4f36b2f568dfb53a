"""File order of wires: system, ancilla, others, work; names that both OpenQASM versions accept."""

from __future__ import annotations

import numpy as np
import pytest
import qiskit.qasm2
import qiskit.qasm3

from carlemanc.backends import canonical_wires, to_qasm2, to_qasm3
from carlemanc.core.errors import InternalError
from carlemanc.programs.program import Program
from tests.backends.programs import random_program
from tests.reference import program_of, unitary


def test_canonical_wires_are_system_ancilla_others_work() -> None:
    program = program_of(
        6, [("cx", 4, 0), ("and", 2, 1, 3), ("gphase", 1.0)], control=(1,), ancilla=(4,), system=(2, 0)
    )
    canonical = canonical_wires(program)
    assert canonical.registers == {"control": (3,), "ancilla": (2,), "system": (0, 1)}
    assert canonical.wires.tolist() == [[2, 1, -1], [0, 3, 4], [-1, -1, -1]]
    assert canonical_wires(canonical) is canonical


@pytest.mark.parametrize("seed", range(3))
def test_canonical_wires_permute_the_unitary(seed: int) -> None:
    program = random_program(seed)
    order = [*program.registers["system"], *program.registers["ancilla"]]
    order += sorted(set(range(5)) - set(order))
    index = np.arange(32)
    image = sum(((index >> wire) & 1) << place for place, wire in enumerate(order))
    permutation = np.eye(32)[:, image]
    np.testing.assert_allclose(
        unitary(canonical_wires(program)),
        permutation @ unitary(program) @ permutation.T,
        atol=1e-13,
    )


def test_overlapping_registers_are_our_bug() -> None:
    program = program_of(2, [], system=(0,), ancilla=(0,))
    with pytest.raises(InternalError, match="overlap"):
        canonical_wires(program)


def test_a_wire_measured_twice_is_refused() -> None:
    program = program_of(1, [("measure", 0), ("measure", 0)], system=(0,))
    with pytest.raises(InternalError, match="measured twice"):
        to_qasm3(program)


@pytest.mark.parametrize("name", ["t", "U", "in", "Ctrl", "a b", "0", "work", "and_outcome", "_x", "ψ", "pi"])
def test_any_register_name_gives_a_readable_file(name: str) -> None:
    program: Program = program_of(
        3, [("x", 0), ("and", 0, 1, 2), ("and_dg", 0, 1, 2), ("measure", 0)], **{name: (0,), "system": (1,)}
    )
    for circuit in (
        qiskit.qasm3.loads(to_qasm3(program)),
        qiskit.qasm2.loads(to_qasm2(program, uncompute="measure")),
    ):
        assert [register.size for register in circuit.qregs] == [1, 1, 1]
        assert circuit.qregs[0].name == "q0_system"
        assert circuit.num_clbits == 2
