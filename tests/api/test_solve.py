"""`carlemanc.solve`: systems of a user's own Qualtran circuits, their simulated solutions beside numpy's."""

from __future__ import annotations

import subprocess
import sys
from functools import reduce
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import qiskit.qasm2
import qiskit.qasm3
import sympy
from bartiq import compile_routine
from qiskit.quantum_info import Statevector
from qualtran import Bloq, BloqBuilder, QAny, Signature
from qualtran.bloqs.basic_gates import CNOT, Hadamard, OnEach, OneState, Ry, SGate, TGate, XGate
from qualtran.bloqs.block_encoding import (
    BlockEncoding,
    Product,
    TensorProduct,
    Unitary,
)
from qualtran.bloqs.block_encoding.sparse_matrix import (
    ExplicitEntryOracle,
    SparseMatrix,
    TopLeftRowColumnOracle,
)
from qualtran.bloqs.reflections.prepare_identity import PrepareIdentity
from qualtran.bloqs.state_preparation.black_box_prepare import BlackBoxPrepare
from qualtran.drawing import GraphvizCallGraph, get_musical_score_data
from qualtran.qref_interop import bloq_to_qref
from qualtran.serialization.bloq import bloqs_to_proto
from qualtran.testing import assert_valid_bloq_decomposition

import carlemanc
from carlemanc.backends.qualtran_proto import read_bloqs
from carlemanc.block_encoding.sparse_matrix import SparseMatrixEncoding, VectorPreparation
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.methods.kernel import KernelInversion
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from tests.bloqs.checks import check_counts

METHODS = ["qsvt", "lcu", "kernel", "hhl", "adiabatic"]
TEN_LINES = """
import numpy as np
from qualtran.bloqs.basic_gates import Hadamard, OnEach, TGate, XGate, ZGate
from qualtran.bloqs.block_encoding import LinearCombination, TensorProduct, Unitary
import carlemanc
t, x, z = (Unitary(gate) for gate in (TGate(), XGate(), ZGate()))
terms = (TensorProduct((t, z)), TensorProduct((z, x)), TensorProduct((x, t)))
encoding = LinearCombination(terms, (0.625, -0.25, 0.125), lambd_bits=3)
found = carlemanc.solve(encoding=encoding, preparation=OnEach(2, Hadamard()), inverse_norm=4, epsilon=1e-3)
solution: np.ndarray[tuple[int], np.dtype[np.complex128]] = found.simulate().x
"""


@attrs.frozen
class Mine(BlockEncoding):
    """Rotations, T and S of two qubits, and an ancilla that cuts one of them short: neither real nor normal."""

    cut: float
    turn: float
    size: float = 2.0
    signature = Signature.build(system=2, ancilla=1)
    alpha = property(lambda self: self.size)
    epsilon = property(lambda self: 0.0)
    system_bitsize = property(lambda self: 2)
    ancilla_bitsize = property(lambda self: 1)
    resource_bitsize = property(lambda self: 0)
    signal_state = property(lambda self: BlackBoxPrepare(PrepareIdentity.from_bitsizes([1])))

    def build_composite_bloq(self, bb: BloqBuilder, system: Any, ancilla: Any) -> dict[str, Any]:
        high, low = bb.split(system)
        high = bb.add(Ry(self.turn), q=high)
        ancilla = bb.add(Ry(self.cut), q=ancilla)
        high, ancilla = bb.add(CNOT(), ctrl=high, target=ancilla)
        ancilla = bb.add(Ry(-self.cut), q=ancilla)
        high, low = bb.add(TGate(), q=high), bb.add(SGate(), q=low)
        low = bb.add(Ry(self.turn), q=low)
        return {"system": bb.join(np.array([high, low]), dtype=QAny(2)), "ancilla": ancilla}

    def matrix(self) -> Any:
        """alpha times the block, from 2 x 2 matrices."""
        turned, t, s = _ry(self.turn), np.diag([1, np.exp(0.25j * np.pi)]), np.diag([1, 1j])
        cut = np.diag([1.0, (_ry(-self.cut) @ np.array([[0, 1], [1, 0]]) @ _ry(self.cut))[0, 0]])
        return self.size * np.kron(t @ cut @ turned, turned @ s)


def _ry(angle: float) -> Any:
    half = angle / 2
    return np.array([[np.cos(half), -np.sin(half)], [np.sin(half), np.cos(half)]])


@attrs.frozen
class Prepared(Bloq):
    """|0> -> a state of two qubits with a phase."""

    signature = Signature.build(register=2)

    def build_composite_bloq(self, bb: BloqBuilder, register: Any) -> dict[str, Any]:
        high, low = bb.split(register)
        high, low = bb.add(Ry(0.9), q=high), bb.add(Hadamard(), q=low)
        high, low = bb.add(CNOT(), ctrl=high, target=low)
        return {"register": bb.join(np.array([bb.add(TGate(), q=high), low]), dtype=QAny(2))}


MINE, PREPARED = Mine(2.5, 0.6), Prepared()
MATRIX = MINE.matrix()
RHS = PREPARED.tensor_contract()[:, 0]
INVERSE = float(1 / np.linalg.svd(MATRIX)[1].min())
TOLD: dict[str, Any] = {"encoding": MINE, "preparation": PREPARED, "inverse_norm": INVERSE}


def _error(found: Any, expected: Any) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def test_the_matrix_is_the_block_by_tensors() -> None:
    block = MINE.tensor_contract().reshape(4, 2, 4, 2)[:, 0, :, 0]
    assert np.abs(2 * block - MATRIX).max() < 1e-12
    assert np.linalg.norm(MATRIX @ MATRIX.conj().T - MATRIX.conj().T @ MATRIX) > 0.1
    assert 1.2 < np.linalg.norm(MATRIX, 2) * INVERSE < 5


@pytest.mark.parametrize("method", METHODS)
def test_every_method_solves_it(method: str) -> None:
    epsilon = 1e-2 if method == "hhl" else 1e-3
    found = carlemanc.solve(**TOLD, method=method, epsilon=epsilon, rhs_norm=3.0)
    state = found.simulate()
    x = np.linalg.solve(MATRIX, 3 * RHS)
    assert state.has_norm == found.keeps_norm == (method not in ("kernel", "adiabatic"))
    expected = x if state.has_norm else x / np.linalg.norm(x)
    assert _error(state.x, expected) <= found.error_bound <= epsilon
    assert found.success_is_bound
    assert state.success_probability >= found.success_probability * (1 - 2 * epsilon)
    assert found.kappa == pytest.approx(2 * INVERSE)


@pytest.mark.parametrize("method", ["qsvt", "kernel"])
def test_a_known_norm_makes_the_success_exact(method: str) -> None:
    x = np.linalg.solve(MATRIX, RHS)
    norm = float(np.linalg.norm(x))
    found = carlemanc.solve(**TOLD, method=method, solution_norm=norm)
    state = found.simulate()
    assert not found.success_is_bound
    assert state.success_probability == pytest.approx(found.success_probability, rel=3e-3)
    assert state.has_norm
    assert _error(state.x, x) <= 1e-3
    unknown = carlemanc.solve(**TOLD, method=method)
    assert unknown.success_probability < found.success_probability


def test_amplification_raises_a_known_success() -> None:
    x = np.linalg.solve(MATRIX, RHS)
    told: dict[str, Any] = {
        **TOLD,
        "method": "lcu",
        "epsilon": 1e-2,
        "solution_norm": float(np.linalg.norm(x)),
    }
    plain, found = carlemanc.solve(**told), carlemanc.solve(**told, amplification=True)
    state = found.simulate()
    assert found.amplification["rounds"] == 2
    assert found.queries == 5 * plain.queries
    angle = np.arcsin(plain.success_probability**0.5)
    assert found.success_probability == pytest.approx(np.sin(5 * angle) ** 2)
    assert 0.9 < found.success_probability < 0.92
    assert state.success_probability == pytest.approx(found.success_probability, rel=1e-3)
    assert _error(state.x, x) <= found.error_bound <= 1e-2
    assert "2 rounds of amplification" in found.to_text()
    assert carlemanc.solve(**told | {"method": "kernel"}, amplification=True).amplification["rounds"] == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
def test_counted_is_emitted(method: str, uncompute: Any) -> None:
    found = carlemanc.solve(**TOLD, method=method, epsilon=0.1, uncompute=uncompute)
    counts = tally(found.program, uncompute)
    assert (found.t_count, found.toffoli_count) == (counts.t, counts.toffoli)
    assert (found.rotation_count, found.logical_qubits) == (counts.rotations, counts.qubits)
    assert found.t_of_a_run >= counts.t_in_file + found.rotation_count


def test_the_bloq_is_ours_in_every_form() -> None:
    found = carlemanc.solve(**TOLD, epsilon=0.1)
    check_counts(found.bloq)
    assert_valid_bloq_decomposition(found.bloq)
    again = read_bloqs(bloqs_to_proto(found.bloq, max_depth=9))[0]
    assert again == found.bloq
    assert np.array_equal(emit(again).codes, found.program.codes)


def test_qref_and_bartiq_count_what_we_count_and_qualtran_draws_it() -> None:
    found = carlemanc.solve(**TOLD, epsilon=0.1)
    resources = compile_routine(bloq_to_qref(found.bloq)).routine.resources
    assert resources["rotations"].value == found.rotation_count > 0
    assert resources["t"].value == found.counts.t_in_file > 0
    assert get_musical_score_data(found.bloq.decompose_bloq()).max_x > 0
    assert "Mine" in GraphvizCallGraph(found.bloq.call_graph()[0]).get_graph().to_string()


@pytest.mark.parametrize("backend", ["aer", "cirq"])
def test_other_simulators_agree(backend: str) -> None:
    found = carlemanc.solve(**TOLD, epsilon=0.1)
    assert _error(found.simulate(backend).x, found.simulate().x) < 1e-9


@pytest.mark.parametrize("version", [2, 3])
def test_qiskit_reads_the_solution_from_the_file(version: Any) -> None:
    found = carlemanc.solve(**TOLD, uncompute="unitary")
    read = {2: qiskit.qasm2.loads, 3: qiskit.qasm3.loads}[version](found.qasm(version=version))
    assert read.num_qubits == found.logical_qubits
    vector = np.asarray(Statevector(read)).reshape((2,) * read.num_qubits)
    (system,) = (register for register in read.qregs if register.name.endswith("system"))
    wires = [read.find_bit(qubit).index for qubit in system]
    places: list[Any] = [0] * read.num_qubits
    for wire in wires:
        places[read.num_qubits - 1 - wire] = slice(None)
    assert wires == sorted(wires)
    x = vector[tuple(places)].reshape(-1) / found.plan.amplitude_scale
    assert _error(x, np.linalg.solve(MATRIX, RHS)) <= 1e-3


def test_qiskit_and_cirq_have_the_circuit() -> None:
    found = carlemanc.solve(**TOLD, epsilon=0.1)
    assert found.to_qiskit().num_qubits == found.logical_qubits
    assert len(found.to_cirq().all_qubits()) == found.logical_qubits


def test_a_resource_register_is_one_more_ancilla() -> None:
    scope: dict[str, Any] = {}
    exec(TEN_LINES, scope)
    assert len(TEN_LINES.strip().splitlines()) <= 10
    gates = {"t": np.diag([1, np.exp(0.25j * np.pi)]), "x": np.array([[0, 1], [1, 0]]), "z": np.diag([1, -1])}
    matrix = sum(
        weight * reduce(np.kron, (gates[name] for name in names))
        for weight, names in ((0.625, "tz"), (-0.25, "zx"), (0.125, "xt"))
    )
    assert scope["encoding"].resource_bitsize > 0
    assert np.linalg.norm(np.linalg.inv(matrix), 2) <= 4
    assert _error(scope["solution"], np.linalg.solve(matrix, np.full(4, 0.5))) <= 1e-3


@pytest.mark.slow
def test_mypy_is_strict_about_it(tmp_path: Path) -> None:
    script, config = tmp_path / "user.py", tmp_path / "mypy.ini"
    script.write_text(f"{TEN_LINES}reveal_type(found)\n", encoding="utf-8")
    config.write_text(
        "[mypy]\nstrict = true\n[mypy-qualtran.*]\nignore_missing_imports = true\nfollow_imports = skip\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(config), "--follow-imports=silent", str(script)],
        cwd=Path(carlemanc.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert 'Revealed type is "carlemanc.commands.solution.Solution"' in done.stdout
    assert "error" not in done.stdout


def test_our_own_encoding_of_a_matrix_is_one_of_these() -> None:
    matrix = np.array([[2.0, 0.5], [-0.3, 1.5]])
    found = carlemanc.solve(
        encoding=SparseMatrixEncoding.of(matrix),
        preparation=VectorPreparation.of([0.6, 0.8]),
        inverse_norm=float(np.linalg.norm(np.linalg.inv(matrix), 2)),
    )
    assert _error(found.simulate().x, np.linalg.solve(matrix, [0.6, 0.8])) <= 1e-3


def test_encodings_of_qualtran_are_taken_in() -> None:
    """A tensor product and a product of unitary parts: kappa is 1."""
    product = Product(
        (TensorProduct((Unitary(TGate()), Unitary(Ry(0.4)))), TensorProduct((Unitary(XGate()),) * 2))
    )
    found = carlemanc.solve(encoding=product, preparation=OnEach(2, Hadamard()), inverse_norm=1.0)
    flip = np.array([[0, 1], [1, 0]])
    matrix = np.kron(np.diag([1, np.exp(0.25j * np.pi)]), _ry(0.4)) @ np.kron(flip, flip)
    assert _error(found.simulate().x, np.linalg.solve(matrix, np.full(4, 0.5))) <= 1e-3


def test_a_sparse_matrix_of_qualtran_is_solved_within_the_error_that_it_says() -> None:
    matrix, bits = np.array([[0.75, 0.25], [0.125, 0.5]]), 8
    oracle = TopLeftRowColumnOracle(1)
    entries = ExplicitEntryOracle(1, data=matrix, entry_bitsize=bits)
    found = carlemanc.solve(
        encoding=SparseMatrix(oracle, oracle, entries, eps=4 * 2.0**-bits),
        preparation=Hadamard(),
        inverse_norm=float(np.linalg.norm(np.linalg.inv(matrix), 2)),
        epsilon=0.15,
    )
    x = np.linalg.solve(matrix, np.full(2, 0.5**0.5))
    assert _error(found.simulate().x, x) <= found.error_bound <= 0.15


def test_the_error_of_an_encoding_is_paid_from_epsilon() -> None:
    @attrs.frozen
    class Rough(Mine):
        epsilon = property(lambda self: 1e-4)

    rough = Rough(2.5, 0.6)
    found = carlemanc.solve(encoding=rough, preparation=PREPARED, inverse_norm=INVERSE, epsilon=1e-3)
    harm = 1e-4 * INVERSE / (1 - 1e-4 * INVERSE)
    assert harm < found.error_bound <= 1e-3
    assert found.queries >= carlemanc.solve(**TOLD, epsilon=1e-3).queries
    with pytest.raises(InputError, match="the encoding alone moves x"):
        carlemanc.solve(encoding=rough, preparation=PREPARED, inverse_norm=INVERSE, epsilon=5e-5)


def test_it_is_shown_in_few_words() -> None:
    found = carlemanc.solve(**TOLD, epsilon=0.1)
    assert len(repr(found)) < 400
    told = found.to_text()
    assert f"{found.queries:,} of the encoding" in told
    assert "success probability   at least" in told
    assert found.simulate().to_text().count("\nx_") == 4
    assert found.to_json()["queries"] == {"L": found.queries, "b": 1}


@pytest.mark.parametrize("told", [{}, {"solution_norm": float(np.linalg.norm(np.linalg.solve(MATRIX, RHS)))}])
def test_auto_takes_the_certified_method_of_the_fewest_t_a_success(told: dict[str, Any]) -> None:
    every = [carlemanc.solve(**TOLD, **told, method=method, epsilon=1e-2) for method in METHODS]
    found = carlemanc.solve(**TOLD, **told, method="auto", epsilon=1e-2)
    certified = {one.method: one.expected_t for one in every if one.plan.is_certified}
    assert set(certified) == {*METHODS} - {"adiabatic"}
    assert found.method == min(certified, key=certified.__getitem__)
    assert found.expected_t == pytest.approx(found.t_of_a_run / found.success_probability, rel=1e-3)


def test_auto_says_why_no_method_serves() -> None:
    with pytest.raises(InputError, match="solution_norm"):
        carlemanc.solve(**TOLD, method="auto", amplification=True)
    with pytest.raises(TooLarge, match="degree"):
        carlemanc.solve(**TOLD | {"inverse_norm": 1e7}, method="auto")


def test_a_method_of_the_users_own_options() -> None:
    x = np.linalg.solve(MATRIX, RHS)
    found = carlemanc.solve(**TOLD, method=KernelInversion(norm="unknown", guess=1.5))
    assert _error(found.simulate().x, x / np.linalg.norm(x)) <= 1e-3


class _NoSignal(Mine):
    @property
    def signal_state(self) -> Any:
        raise NotImplementedError("no state")


class _Symbolic(Mine):
    alpha = property(lambda self: sympy.Symbol("alpha"))


@attrs.frozen
class _Gateless(Bloq):
    signature = Signature.build(register=2)

    def __str__(self) -> str:
        return "Magic"


REFUSED = {
    "no encoding": ({"encoding": np.eye(4)}, "a ndarray"),
    "a bloq that is none": ({"encoding": Hadamard()}, "BlockEncoding"),
    "no preparation": ({"preparation": [1.0, 0, 0, 0]}, "VectorPreparation"),
    "a smaller preparation": ({"preparation": Hadamard()}, "q of 1 qubits"),
    "a preparation without gates": ({"preparation": _Gateless()}, "Magic"),
    "a state": ({"preparation": OneState()}, "q of 1 qubits"),
    "signal state": ({"encoding": _NoSignal(2.5, 0.6)}, "no state"),
    "symbols": ({"encoding": _Symbolic(2.5, 0.6)}, r"encoding\.alpha"),
    "no inverse norm": ({"inverse_norm": None}, "inverse_norm"),
    "small inverse norm": ({"inverse_norm": 0.4}, "1/alpha = 0.5"),
    "epsilon": ({"epsilon": 1.5}, "between 0 and 1"),
    "norm of x": ({"solution_norm": 100.0}, "solution_norm"),
    "norm of b": ({"rhs_norm": -1.0}, "rhs_norm"),
    "unknown turn": ({"amplification": True}, "solution_norm"),
    "march": ({"method": "march"}, "inverts"),
    "no method": ({"method": "gauss"}, "gauss"),
}


@pytest.mark.parametrize(("changed", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_served_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        carlemanc.solve(**TOLD | changed)


def test_registers_of_other_names_are_refused() -> None:
    from qualtran.bloqs.chemistry.hubbard_model.qubitization import get_walk_operator_for_hubbard_model

    walk = get_walk_operator_for_hubbard_model(2, 2, 1, 4)
    with pytest.raises(InputError, match="registers system"):
        carlemanc.solve(encoding=walk.block_encoding, preparation=PREPARED, inverse_norm=1.0)


def test_too_rough_an_encoding_is_refused() -> None:
    class Rough(Mine):
        epsilon = property(lambda self: 1.5)

    with pytest.raises(InputError, match="may be singular"):
        carlemanc.solve(encoding=Rough(2.5, 0.6), preparation=PREPARED, inverse_norm=INVERSE)
