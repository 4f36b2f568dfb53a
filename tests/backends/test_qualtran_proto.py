"""Encodings as Qualtran and its neighbors take them: interface, serialization, drawings, QREF and bartiq."""

from __future__ import annotations

import numpy as np
import pytest
from bartiq import compile_routine
from qualtran.bloqs.block_encoding import BlockEncoding, LinearCombination
from qualtran.bloqs.reflections.prepare_identity import PrepareIdentity
from qualtran.drawing import GraphvizCallGraph, PrettyGraphDrawer, get_musical_score_data
from qualtran.protos.bloq_pb2 import BloqLibrary
from qualtran.qref_interop import bloq_to_qref
from qualtran.serialization.bloq import bloqs_to_proto
from qualtran.testing import assert_valid_bloq_decomposition

from carlemanc.backends.qualtran_proto import read_bloqs
from carlemanc.block_encoding.sparse_matrix import SparseMatrixEncoding, VectorPreparation
from carlemanc.core.errors import InputError
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit

MATRIX = np.array([[2.0, 0.5, 0.0, 0.3], [0.0, 1.5, -0.7, 0.0], [0.2, 0.0, 1.9, 0.0], [0.0, 0.1, 0.0, 1.1]])
ENCODING = SparseMatrixEncoding.of(MATRIX)
TEN_LINES = """
import numpy as np
from bartiq import compile_routine
from qualtran.qref_interop import bloq_to_qref
from qualtran.serialization.bloq import bloqs_to_proto
from qualtran.testing import assert_valid_bloq_decomposition
from carlemanc.backends.qualtran_proto import read_bloqs
from carlemanc.block_encoding.sparse_matrix import SparseMatrixEncoding
encoding = SparseMatrixEncoding.of(np.array([[2.0, 0.5], [0.0, 1.5]]))
assert_valid_bloq_decomposition(encoding)
same, routine = read_bloqs(bloqs_to_proto(encoding))[0], compile_routine(bloq_to_qref(encoding)).routine
"""
BLOQS = pytest.mark.parametrize(
    "bloq",
    [
        ENCODING,
        ENCODING.adjoint(),
        ENCODING.controlled(),
        ENCODING.controlled().adjoint(),
        VectorPreparation.of([0.3, 0.0, -0.5, 1.0]),
    ],
    ids=["plain", "adjoint", "controlled", "controlled adjoint", "preparation"],
)


def test_it_is_a_block_encoding_of_qualtran():
    assert isinstance(ENCODING, BlockEncoding)
    assert (ENCODING.system_bitsize, ENCODING.ancilla_bitsize, ENCODING.resource_bitsize) == (2, 3, 0)
    assert {register.name: register.bitsize for register in ENCODING.signature} == {"system": 2, "ancilla": 3}
    assert isinstance(ENCODING.signal_state.prepare, PrepareIdentity)
    assert ENCODING.signal_state.selection_bitsize == ENCODING.ancilla_bitsize
    assert ENCODING.epsilon == 0


def test_ten_lines_serialize_and_export_it():
    scope = {}
    exec(TEN_LINES, scope)
    assert len(TEN_LINES.strip().splitlines()) == 10
    assert scope["same"] == scope["encoding"]
    assert scope["routine"].resources["rotations"].value == count(scope["encoding"]).rotation_count


def test_epsilon_is_what_synthesized_rotations_do():
    rough = SparseMatrixEncoding.of(MATRIX, eps=1e-5)
    assert rough.epsilon == pytest.approx(rough.alpha * 1e-5 * rough.rotation_count)
    assert rough.rotation_count >= count(rough).rotation_count > 0


def test_qualtran_combines_it_with_its_own():
    other = SparseMatrixEncoding.of(np.diag([1.0, 0.5, 2.0, 1.5]))
    both = LinearCombination((ENCODING, other), (0.5, -0.5), lambd_bits=1)
    size = both.system_bitsize, both.ancilla_bitsize
    assert size == (2, max(ENCODING.ancilla_bitsize, other.ancilla_bitsize) + 1)
    assert_valid_bloq_decomposition(both)


@BLOQS
def test_decompositions_are_valid(bloq):
    assert_valid_bloq_decomposition(bloq)


@BLOQS
@pytest.mark.parametrize("depth", [0, 1, 9])
def test_serialized_bloqs_come_back(bloq, depth):
    text = bloqs_to_proto(bloq, max_depth=depth).SerializeToString()
    found = read_bloqs(BloqLibrary.FromString(text))[0]
    assert found == bloq
    program, again = emit(bloq), emit(found)
    assert np.array_equal(program.codes, again.codes)
    assert np.array_equal(program.wires, again.wires)
    assert np.array_equal(program.angles, again.angles)


def test_a_name_that_is_no_bloq_is_refused():
    library = bloqs_to_proto(ENCODING, max_depth=0)
    library.table[0].bloq.name = "carlemanc.block_encoding.sparse_matrix.ALPHA"
    with pytest.raises(InputError, match=r"sparse_matrix\.ALPHA"):
        read_bloqs(library)


@BLOQS
def test_drawings_are_made(bloq):
    score = get_musical_score_data(bloq.decompose_bloq())
    assert score.max_x > 0
    assert score.max_y + 1 >= sum(register.total_bits() for register in bloq.signature)
    assert str(bloq) in GraphvizCallGraph(bloq.call_graph()[0]).get_graph().to_string()
    assert PrettyGraphDrawer(bloq.decompose_bloq()).get_graph().get_nodes()


@BLOQS
def test_qref_and_bartiq_count_the_rotations_of_the_circuit(bloq):
    routine = compile_routine(bloq_to_qref(bloq)).routine
    found = {name: resource.value for name, resource in routine.resources.items()}
    assert found["rotations"] == count(bloq).rotation_count > 0
    assert found["t"] == 4 * count(bloq).and_computed + count(bloq).t
