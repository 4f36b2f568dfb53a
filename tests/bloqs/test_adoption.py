"""Bloqs of Qualtran and of users, taken in: counted = emitted in every form, and they act as their tensors do."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from qualtran import Bloq, BloqBuilder, QAny, QBit, Register, Signature
from qualtran.bloqs.basic_gates import (
    CNOT,
    CSwap,
    Discard,
    GlobalPhase,
    Hadamard,
    MeasureZ,
    OneState,
    Ry,
    Rz,
    SGate,
    Swap,
    TGate,
    Toffoli,
    XGate,
    YGate,
    ZGate,
    ZPowGate,
)
from qualtran.bloqs.block_encoding import LinearCombination, Phase, Product, TensorProduct, Unitary
from qualtran.bloqs.block_encoding.sparse_matrix import (
    SparseMatrix,
    TopLeftRowColumnOracle,
    UniformEntryOracle,
)
from qualtran.bloqs.mcmt import And, MultiControlX
from qualtran.testing import assert_valid_bloq_decomposition

from carlemanc.core.errors import InputError
from carlemanc.programs.adoption import adopted
from carlemanc.programs.emitter import emit
from tests.bloqs.checks import check_counts, unitary_of


@attrs.frozen
class Wired(Bloq):
    """Three qubits: a register comes back on other wires, and one leaves as a work wire that came in clean."""

    signature = Signature.build(system=2, ancilla=1)

    def build_composite_bloq(self, bb: BloqBuilder, system, ancilla):
        first, second = bb.split(system)
        work = bb.allocate(1, QBit())
        ancilla, work = bb.add(CNOT(), ctrl=ancilla, target=work)
        ancilla, work = bb.add(CNOT(), ctrl=work, target=ancilla)
        bb.free(work)  # a swap by two controlled flips leaves the old wire clean
        (first, second), both = bb.add(And(1, 0), ctrl=[first, second])
        both = bb.add(Rz(0.3), q=both)
        (first, second) = bb.add(And(1, 0, uncompute=True), ctrl=[first, second], target=both)
        first = bb.add(YGate(), q=first)
        return {"system": bb.join(np.array([second, first]), dtype=QAny(2)), "ancilla": ancilla}


@attrs.frozen
class Erased(Bloq):
    """An AND is undone on a register's own wire, which then leaves as a new one, and one is computed into its place."""

    signature = Signature([Register("system", QBit(), shape=(3,))])

    def build_composite_bloq(self, bb: BloqBuilder, system):
        a, b, c = (bb.add(Ry(0.1 + i), q=wire) for i, wire in enumerate(system))
        [a, b], target = bb.add(And(), ctrl=[a, b])
        for _ in range(2):
            target, c = bb.add(CNOT(), ctrl=target, target=c)
            c, target = target, c
        target, c = bb.add(CNOT(), ctrl=target, target=c)  # the contents are exchanged
        [a, b] = bb.add(And(uncompute=True), ctrl=[a, b], target=c)
        [a, b], again = bb.add(And(0, 1), ctrl=[a, b])
        again = bb.add(TGate(), q=again)
        [a, b] = bb.add(And(0, 1, uncompute=True), ctrl=[a, b], target=again)
        bb.add(GlobalPhase(exponent=0.4))
        return {"system": np.array([b, a, target])}


@attrs.frozen
class Atomic(Bloq):
    """No gates, no decomposition."""

    signature = Signature.build(system=1)

    def __str__(self):
        return "MyGate"


@attrs.frozen
class Around(Bloq):
    """Something around another bloq on one qubit."""

    inner: Bloq
    name: str = "q"
    signature = Signature.build(system=1)

    def build_composite_bloq(self, bb: BloqBuilder, system):
        system = bb.add(Hadamard(), q=system)
        return {"system": bb.add(self.inner, **{self.name: system})}


@attrs.frozen
class Uncontrollable(Bloq):
    """A gate whose author refuses controls."""

    signature = Signature.build(system=1)

    def build_composite_bloq(self, bb: BloqBuilder, system):
        return {"system": bb.add(TGate(), q=system)}

    def get_ctrl_system(self, ctrl_spec):
        raise NotImplementedError("not under a control")


def _z(gate):
    return Unitary(gate)


PAULIS = LinearCombination((_z(ZGate()), _z(XGate())), (0.75, -0.25), lambd_bits=2)
BLOQS = {
    "gate": _z(TGate()),
    "swap": Swap(1),
    "toffoli": Toffoli(),
    "controlled swap": CSwap(1),
    "phase gate": ZPowGate(exponent=0.3),
    "multi-control": MultiControlX((1, 0, 1)),
    "phase": Phase(_z(SGate()), phi=0.2, eps=0.0),
    "tensor product": TensorProduct((_z(TGate()), _z(Ry(0.3)), _z(YGate()))),
    "product": Product((_z(Rz(0.2)), _z(Hadamard()))),
    "linear combination": PAULIS,
    "product of combinations": Product((PAULIS, _z(SGate()))),
    "sparse matrix": SparseMatrix(
        TopLeftRowColumnOracle(2), TopLeftRowColumnOracle(2), UniformEntryOracle(2, 0.3), 0
    ),
    "wired": Wired(),
    "erased": Erased(),
}
EVERY = pytest.mark.parametrize("bloq", BLOQS.values(), ids=BLOQS)


def _adopted(bloq):
    names = [register.name for register in bloq.signature]
    system = [name for name in names if name == "system"] or names
    return adopted(bloq, system=system, ancilla=[n for n in names if n not in system], role="encoding")


@EVERY
def test_counted_is_emitted_in_every_form(bloq):
    check_counts(_adopted(bloq))


@EVERY
def test_the_decomposition_is_valid(bloq):
    assert_valid_bloq_decomposition(_adopted(bloq))
    assert_valid_bloq_decomposition(_adopted(bloq).controlled())


def _tensors(bloq):
    """The matrix of a bloq by Qualtran's tensors, rows by its registers, the first the most significant."""
    size = 1 << sum(register.total_bits() for register in bloq.signature)
    return bloq.tensor_contract().reshape(size, size)


SMALL = [
    name for name in BLOQS if name not in ("linear combination", "product of combinations", "sparse matrix")
]


@pytest.mark.parametrize("name", SMALL)
def test_the_action_is_that_of_the_tensors(name):
    bloq = BLOQS[name]
    found = _adopted(bloq)
    wires = ["ancilla", "system"] if found.ancilla_size else ["system"]
    # `unitary_of` numbers by its registers with the first the least significant
    expected = _tensors(bloq)
    assert np.abs(unitary_of(emit(found), wires) - expected).max() < 1e-12
    if name in (
        "wired",
        "erased",
    ):  # clean only where nothing is switched off: Qualtran's own control is wrong too
        return
    controlled = unitary_of(emit(found.controlled()), [*wires, "ctrl"])
    size = len(expected)
    assert np.abs(controlled[size:, size:] - expected).max() < 1e-12
    assert np.abs(controlled[:size, :size] - np.eye(size)).max() < 1e-12


def test_a_bloq_without_gates_is_named():
    with pytest.raises(InputError, match="MyGate"):
        _adopted(Around(Atomic(), "system"))


def test_a_measurement_is_refused():
    @attrs.frozen
    class Measured(Bloq):
        signature = Signature.build(system=1)

        def build_composite_bloq(self, bb: BloqBuilder, system):
            bb.add(Discard(), c=bb.add(MeasureZ(), q=system))
            return {"system": bb.allocate(1)}

    with pytest.raises(InputError, match="Discard"):
        _adopted(Measured())


def test_registers_that_do_not_go_through_are_refused():
    with pytest.raises(InputError, match="RIGHT"):
        _adopted(OneState())


def test_what_has_no_hash_is_refused():
    @attrs.frozen
    class Listed(Bloq):
        values: list
        signature = Signature.build(system=1)

    with pytest.raises(InputError, match="hash"):
        _adopted(Listed([1]))


def test_a_bloq_without_a_controlled_form_serves_until_one_is_asked_for():
    found = _adopted(Uncontrollable())
    assert np.abs(unitary_of(emit(found), ["system"]) - np.diag([1, np.exp(0.25j * np.pi)])).max() < 1e-12
    with pytest.raises(InputError, match="not under a control"):
        found.controlled()
