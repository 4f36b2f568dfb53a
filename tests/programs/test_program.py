"""The flat circuit: JSON round trip, adjoint, refusals."""

import numpy as np
import pytest

from carlemanc.programs.program import Program
from tests.reference import evaluate, program_of

OPS = [
    ("h", 0),
    ("ry", 1, 0.1 + 0.2),
    ("and", 0, 1, 2),
    ("cx", 2, 3),
    ("t", 3),
    ("and_dg", 0, 1, 2),
    ("gphase", 0.7),
]


def test_json_round_trip_is_exact():
    program = program_of(4, OPS, system=(0, 1), ancilla=(2,))
    again = Program.from_json(program.to_json())
    assert again.to_json() == program.to_json()
    assert again.angles[1] == 0.1 + 0.2
    assert again.registers == {"system": (0, 1), "ancilla": (2,)}


def test_adjoint_undoes_the_program():
    program = program_of(4, OPS)
    assert np.allclose(evaluate(program.adjoint(), evaluate(program)), np.eye(16)[0], atol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"format": "other"}',
        '{"format":"carlemanc.program/1","width":1,"registers":{},"metadata":{},"ops":[["q",[0]]]}',
    ],
)
def test_other_documents_are_refused(text):
    with pytest.raises(ValueError):
        Program.from_json(text)


def test_measurements_have_no_adjoint():
    with pytest.raises(ValueError, match="adjoint"):
        program_of(1, [("measure", 0)]).adjoint()
