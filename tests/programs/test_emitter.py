"""Emission against Qualtran itself: counts, widths, unitaries and classical action of library bloqs."""

import numpy as np
import pytest
import qualtran
from attrs import frozen
from qualtran import BloqBuilder, CtrlSpec, QAny, QBit, QUInt, Register, Side, Signature
from qualtran.bloqs.arithmetic import Add, AddK, CAdd, LessThanConstant, LessThanEqual, XorK
from qualtran.bloqs.basic_gates import (
    CNOT,
    CSwap,
    CZPowGate,
    GlobalPhase,
    Hadamard,
    OnEach,
    Rx,
    Ry,
    Rz,
    SGate,
    Swap,
    TGate,
    Toffoli,
    TwoBitCSwap,
    TwoBitSwap,
    XGate,
    XPowGate,
    YGate,
    YPowGate,
    ZGate,
    ZPowGate,
)
from qualtran.bloqs.block_encoding import LinearCombination, Product, Unitary
from qualtran.bloqs.bookkeeping import Always, AutoPartition
from qualtran.bloqs.data_loading.qrom import QROM
from qualtran.bloqs.data_loading.select_swap_qrom import SelectSwapQROM
from qualtran.bloqs.mcmt import And, MultiAnd, MultiControlX, MultiControlZ, MultiTargetCNOT
from qualtran.bloqs.reflections.reflection_using_prepare import ReflectionUsingPrepare
from qualtran.bloqs.state_preparation import PrepareUniformSuperposition
from qualtran.bloqs.state_preparation.black_box_prepare import BlackBoxPrepare
from qualtran.bloqs.state_preparation.prepare_base import PrepareOracle
from qualtran.resource_counting import QECGatesCost, QubitCount, get_cost_value

from carlemanc.core.errors import InternalError
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import rotation_angles, tally
from carlemanc.programs.emitter import Emitter, emit
from carlemanc.programs.program import CODE
from carlemanc.programs.sparse_state import basis_index, simulate
from tests.reference import evaluate


@frozen(cache_hash=True)
class RyPrepare(PrepareOracle):
    """cos|0> + sin|1>: a PREP without junk."""

    theta: float

    @property
    def selection_registers(self):
        return (Register("selection", qualtran.BQUInt(1, 2)),)

    @property
    def l1_norm_of_coeffs(self):
        return 1.0

    def build_composite_bloq(self, bb, selection):
        bit = bb.split(selection)[0]
        bit = bb.add(Ry(self.theta), q=bit)
        return {"selection": bb.join(np.array([bit]), dtype=qualtran.BQUInt(1, 2))}

    def build_call_graph(self, ssa):
        return {Ry(self.theta): 1}


def combination(second=Hadamard()):  # noqa: B008
    prepare = BlackBoxPrepare(RyPrepare(2 * np.arctan2(0.5**0.5, 1)))
    return LinearCombination((Unitary(ZGate()), Unitary(second)), (1.0, -0.5), lambd_bits=1, prepare=prepare)


DATA = np.array([3, 1, 0, 2, 7, 5, 6])
LIBRARY = {
    "and": And(),
    "and01": And(0, 1),
    "multi_and": MultiAnd((1, 0, 1, 1)),
    "mcx": MultiControlX((1, 0, 0, 1)),
    "mcz": MultiControlZ((0, 1, 1)),
    "fan_out": MultiTargetCNOT(3),
    "add": Add(QUInt(3)),
    "add_k": AddK(QUInt(4), 5),
    "c_add": CAdd(QUInt(3)),
    "xor_k": XorK(QUInt(3), 5),
    "less_than": LessThanConstant(3, 5),
    "less_equal": LessThanEqual(2, 2),
    "qrom": QROM.build_from_data(DATA),
    "select_swap": SelectSwapQROM.build_from_data(DATA, log_block_sizes=(1,)),
    "uniform": PrepareUniformSuperposition(5),
    "reflection": ReflectionUsingPrepare.reflection_around_zero((3,), global_phase=-1),
    "combination": combination(),
    "product": Product((combination(), combination())),
    "swap": Swap(3),
    "toffoli": Toffoli(),
    "two_bit_swap": TwoBitSwap(),
    "fredkin": TwoBitCSwap(),
    "cz_power": CZPowGate(0.3),
    "on_each": OnEach(3, Hadamard()),
    "rotation": Ry(0.3),
}


def variants():
    for name, bloq in LIBRARY.items():
        yield pytest.param(bloq, id=name)
        yield pytest.param(bloq.adjoint(), id=f"{name}-adjoint")
        if name == "select_swap":  # its call graph names Cliffords that the decomposition does not have
            continue
        yield pytest.param(bloq.controlled(), id=f"{name}-controlled")
        yield pytest.param(bloq.adjoint().controlled(), id=f"{name}-adjoint-controlled")


@pytest.mark.parametrize("bloq", variants())
@pytest.mark.parametrize("uncompute", ["measure", "unitary"])
def test_counted_is_emitted(bloq, uncompute):
    program = emit(bloq)
    counted, emitted = count(bloq, uncompute), tally(program, uncompute)
    for name in ("t", "toffoli", "t_in_file", "measurements", "qubits", "and_computed", "and_uncomputed"):
        assert getattr(counted, name) == getattr(emitted, name), name
    assert dict(counted.rotations) == pytest.approx(dict(rotation_angles(program)))
    assert counted.rotation_count == emitted.rotations


@pytest.mark.parametrize(
    "bloq",
    [
        *(
            pytest.param(bloq, id=name)
            for name, bloq in LIBRARY.items()
            if name not in ("combination", "product")
        ),
        pytest.param(combination(XGate()), id="combination of X"),
        pytest.param(Product((combination(XGate()), combination(XGate()))), id="product of X"),
        pytest.param(combination(XGate()).controlled(), id="combination of X, controlled"),
        pytest.param(AddK(QUInt(4), 5).controlled(), id="add_k, controlled"),
    ],
)
def test_qualtran_counts_the_same(bloq):
    """Its own table, where it prices a gate as we do (a swap or Toffoli is one AND)."""
    stock = get_cost_value(bloq, QECGatesCost())
    ours = count(bloq)
    assert stock.and_bloq + stock.toffoli + stock.cswap == ours.toffoli
    assert stock.t == ours.t
    assert stock.rotation == ours.rotation_count
    hidden = stock.toffoli > 0 or stock.cswap > 0
    assert hidden or get_cost_value(bloq, QubitCount()) == ours.qubits


SMALL = {
    "add_k": AddK(QUInt(2), 3),
    "add_k_controlled": AddK(QUInt(2), 1).controlled(),
    "mcx": MultiControlX((1, 0)),
    "swap": Swap(2),
    "c_swap": CSwap(1),
    "combination": combination(),
    "combination_adjoint": combination().adjoint(),
    "combination_controlled": combination().controlled(),
    "cz_power": CZPowGate(0.3),
    "xor_k": XorK(QUInt(3), 5),
    **{
        f"{k} {gate}": gate
        for k, gate in enumerate((
            XGate(), YGate(), ZGate(), Hadamard(), SGate(), SGate(True), TGate(), TGate(True), CNOT(),
            Rx(0.4), Ry(0.4), Rz(0.4), Rz(3 * np.pi / 4), Rx(np.pi / 2), XPowGate(0.3, 0.2), YPowGate(0.7,
            -0.1), ZPowGate(0.75), GlobalPhase(exponent=0.3), Rz(0.3).controlled(), Hadamard().controlled(),
            GlobalPhase(exponent=0.3).controlled(), Ry(0.3).controlled(), ZPowGate(0.3).controlled(),
            XGate().controlled(CtrlSpec(cvs=[0, 1])), TGate().controlled(), SGate().controlled(),
            Hadamard().controlled(CtrlSpec(qdtypes=QUInt(2), cvs=1)), YGate().controlled(),
            XPowGate(0.3).controlled(),
        ))
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SMALL)
def test_unitaries(name):
    """Against Qualtran's tensor contraction, global phase included, work wires clean."""
    bloq = SMALL[name]
    program = emit(bloq)
    wires = [w for r in bloq.signature for w in reversed(program.registers[r.name])]
    size = 1 << len(wires)
    place = [sum(((i >> (len(wires) - 1 - k)) & 1) << w for k, w in enumerate(wires)) for i in range(size)]
    got = evaluate(program, np.eye(1 << program.width)[:, place])
    expected = np.asarray(bloq.tensor_contract()).reshape(size, size)
    assert np.allclose(got[place], expected, atol=1e-12)
    assert np.allclose(np.linalg.norm(got, axis=0), np.linalg.norm(got[place], axis=0), atol=1e-12)


def classical(program, **values):
    state = simulate(program, {basis_index(program, values): 1.0})
    assert len(state) == 1
    return {name: int(state.values(wires)[0]) for name, wires in program.registers.items()}


@pytest.mark.parametrize("a", [0, 9, 15])
@pytest.mark.parametrize("b", [0, 3, 13])
def test_arithmetic_on_basis_states(a, b):
    assert classical(emit(Add(QUInt(4))), a=a, b=b) == {"a": a, "b": (a + b) % 16}
    assert classical(emit(AddK(QUInt(4), b)), x=a) == {"x": (a + b) % 16}
    assert classical(emit(AddK(QUInt(4), b).adjoint()), x=a) == {"x": (a - b) % 16}
    assert classical(emit(LessThanConstant(4, b)), x=a, target=0) == {"x": a, "target": int(a < b)}


@pytest.mark.parametrize(
    "bloq", [LIBRARY["qrom"], QROM.build_from_data(DATA, num_controls=1), LIBRARY["select_swap"]]
)
@pytest.mark.parametrize("index", [0, 4, 6])
def test_table_lookup(bloq, index):
    program = emit(bloq)
    control = {"control": 1} if "control" in program.registers else {}
    out = classical(program, **control, selection=index)
    (target,) = (value for name, value in out.items() if name.startswith("target"))
    assert target == DATA[index]


@pytest.mark.parametrize("on", [0, 1])
@pytest.mark.parametrize("name", ["qrom", "select_swap", "add_k", "multi_and", "and01", "less_equal"])
def test_controlled_bloqs_act_only_where_told(name, on):
    """Qualtran refuses most of these (`C[And]: And is atomic`)."""
    random = np.random.default_rng(5)
    bloq = LIBRARY[name]
    plain, controlled = emit(bloq), emit(bloq.controlled())
    for _ in range(5):
        values = {}
        for register in bloq.signature.lefts():
            free = 1 << len(plain.registers[register.name])
            values[register.name] = int(
                random.integers(len(DATA) if name in ("qrom", "select_swap") else free)
            )
        if name in ("qrom", "select_swap"):
            values = {"selection": values["selection"]}
        (control,) = set(controlled.registers).difference(plain.registers)
        got = classical(controlled, **{control: on}, **values)
        expected = classical(plain, **values) if on else {r: values.get(r, 0) for r in plain.registers}
        assert {r: got[r] for r in expected} == expected


@pytest.mark.parametrize("name", ["qrom", "combination", "multi_and", "select_swap", "product"])
def test_adjoint_undoes(name):
    bloq = LIBRARY[name]
    forward, emitter = emit(bloq), Emitter()
    there, back = emitter.fragment(bloq), emitter.fragment(bloq.adjoint())
    assert back.width == there.width
    assert len(back) == len(there)
    state = simulate(forward, {basis_index(forward, {next(iter(forward.registers)): 1}): 1.0})
    backward = emit(bloq.adjoint())
    initial = {}
    for column, amplitude in enumerate(state.amplitudes.tolist()):
        values = {r: int(state.values(w)[column]) for r, w in forward.registers.items()}
        initial[basis_index(backward, {r: v for r, v in values.items() if r in backward.registers})] = (
            amplitude
        )
    end = simulate(backward, initial)
    assert len(end) == 1
    assert end.amplitudes[0] == pytest.approx(1)
    assert [wire for wire, row in end.rows.items() if row.any()] == [
        backward.registers[next(iter(forward.registers))][0]
    ]


def test_registers_are_least_significant_first():
    program = emit(AddK(QUInt(4), 1))
    assert program.registers == {"x": (3, 2, 1, 0)}
    assert emit(AddK(QUInt(4), 1), registers={"x": "system"}).registers == {"system": (3, 2, 1, 0)}


@frozen
class Rotate(qualtran.Bloq):
    """Relabel three wires cyclically, without a gate."""

    @property
    def signature(self):
        return Signature([Register("x", QAny(3))])

    def build_composite_bloq(self, bb, x):
        bits = bb.split(x)
        return {"x": bb.join(np.roll(bits, 1))}


def test_a_relabeling_becomes_swaps_only_at_the_end():
    twice = emit(Rotate())
    assert set(twice.codes.tolist()) == {CODE["swap"]}
    for value, expected in [(0b001, 0b100), (0b110, 0b011), (0b101, 0b110)]:
        assert classical(twice, x=value) == {"x": expected}
    builder, x = BloqBuilder.from_signature(Signature([Register("x", QAny(3))]), add_registers_allowed=False)
    for _ in range(3):
        x["x"] = builder.add(Rotate(), x=x["x"])
    assert len(emit(builder.finalize(**x))) == 0


def test_wires_are_reused_and_composite_bloqs_emitted():
    builder, soquets = BloqBuilder.from_signature(Signature([Register("x", QBit(), shape=(4,))]))
    x = soquets["x"]
    for _ in range(5):
        x = builder.add(MultiControlX((1, 1, 1)), controls=x[:3], target=x[3])
        x = np.append(*x) if isinstance(x, tuple) else x
    program = emit(builder.finalize(x=x))
    assert program.width == 6
    assert tally(program).toffoli == 10


def test_always_and_partition_are_transparent():
    register = Register("y", QUInt(3))
    bloq = AutoPartition(AddK(QUInt(3), 1), [(register, ["x"])], left_only=False)
    assert classical(emit(bloq), y=3) == {"y": 4}
    builder, soquets = BloqBuilder.from_signature(Signature([Register("x", QUInt(3))]))
    x = builder.add(AddK(QUInt(3), 2), x=builder.add(Always(AddK(QUInt(3), 1)), x=soquets["x"]))
    controlled = emit(builder.finalize(x=x).controlled())
    assert classical(controlled, ctrl=0, x=3) == {"ctrl": 0, "x": 4}
    assert classical(controlled, ctrl=1, x=3) == {"ctrl": 1, "x": 6}


@frozen
class Opaque(qualtran.Bloq):
    @property
    def signature(self):
        return Signature([Register("q", QBit()), Register("out", QBit(), side=Side.RIGHT)])

    def __str__(self):
        return "MysteryGate"


@pytest.mark.parametrize("work", [emit, count])
@pytest.mark.parametrize("bloq", [Opaque(), Opaque().adjoint(), Opaque().controlled()])
def test_atomic_bloqs_without_gates_are_named(work, bloq):
    with pytest.raises(InternalError, match="MysteryGate"):
        work(bloq)


def test_each_distinct_bloq_is_compiled_once(monkeypatch):
    compiled = []
    original = Emitter._compile
    monkeypatch.setattr(Emitter, "_compile", lambda self, bloq: compiled.append(bloq) or original(self, bloq))
    builder, soquets = BloqBuilder.from_signature(Signature([Register("x", QUInt(4))]))
    x = soquets["x"]
    for _ in range(50):
        x = builder.add(AddK(QUInt(4), 3), x=x)
    emit(builder.finalize(x=x))
    assert len(compiled) == len(set(compiled))
    assert sum(isinstance(bloq, AddK) for bloq in compiled) == 1
