"""The sparse-state simulator against a dense state vector, and its promises on many wires."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.core.progress import reporting
from carlemanc.programs.multiplexer import Op, _planar_table, product_table
from carlemanc.programs.sparse_state import basis_index, simulate, simulate_columns
from tests.reference import evaluate, program_of

WIDTH = 6
angle = st.floats(-7, 7)
wires3 = st.permutations(range(WIDTH)).map(lambda p: p[:3])
gate = st.one_of(
    st.tuples(st.sampled_from(["x", "y", "z", "h", "s", "sdg", "t", "tdg"]), wires3).map(
        lambda o: [(o[0], o[1][0])]
    ),
    st.tuples(st.sampled_from(["cx", "cz", "swap"]), wires3).map(lambda o: [(o[0], *o[1][:2])]),
    st.tuples(st.sampled_from(["rz", "ry"]), wires3, angle).map(lambda o: [(o[0], o[1][0], o[2])]),
    angle.map(lambda a: [("gphase", a)]),
)
inner = st.lists(gate, max_size=4)


def clean_target(ops, work):
    """Compute an AND into wire `work`, let it act, and undo it."""
    a, b, c = ops
    return [("and", a, b, work), ("cx", work, c), ("cz", work, b), ("ry", c, 0.4), ("and_dg", a, b, work)]


program_ops = st.lists(st.one_of(gate, wires3.map(lambda w: clean_target(w, WIDTH))), max_size=30).map(
    lambda groups: [op for group in groups for op in group]
)


def vector(state, width):
    indices = state.values(range(width))
    result = np.zeros(1 << width, dtype=complex)
    result[indices] = state.amplitudes
    return result


@given(ops=program_ops)
@settings(deadline=None, max_examples=200)
def test_random_circuits(ops):
    program = program_of(WIDTH + 1, ops)
    state = simulate(program)
    assert np.allclose(vector(state, WIDTH + 1), evaluate(program), atol=1e-13)
    assert len(np.unique(state.values(range(WIDTH + 1)))) == len(state)


@given(ops=program_ops, seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=60)
def test_superposed_inputs(ops, seed):
    random = np.random.default_rng(seed)
    program = program_of(WIDTH + 1, ops)
    chosen = random.choice(1 << WIDTH, size=9, replace=False)
    amplitudes = random.normal(size=9) + 1j * random.normal(size=9) * (seed % 2)
    state = simulate(program, dict(zip(chosen.tolist(), amplitudes, strict=True)))
    initial = np.zeros(2 << WIDTH, dtype=complex)
    initial[chosen] = amplitudes
    assert np.allclose(vector(state, WIDTH + 1), evaluate(program, initial), atol=1e-12)


@pytest.mark.parametrize("depth", [1, 3, 12])
def test_deep_multiplexed_rotations(depth):
    """More controls on one target than one table holds."""
    random = np.random.default_rng(depth)
    ops = [("ry", w, random.normal()) for w in range(12)]
    for _ in range(depth):
        for control in random.permutation(12):
            ops += [("ry", 12, random.normal()), ("cx", int(control), 12), ("rz", 12, 0.1)]
    program = program_of(13, ops)
    assert np.allclose(vector(simulate(program), 13), evaluate(program), atol=1e-12)


def test_hundreds_of_wires():
    """GHZ over 300 wires with random phases, a few branches, then back."""
    random = np.random.default_rng(1)
    order = random.permutation(300).tolist()
    ops = [("h", order[0])] + [("cx", a, b) for a, b in itertools.pairwise(order)]
    ops += [("ry", w, 0.3 * k) for k, w in enumerate(order[::40])]
    program = program_of(300, ops)
    state = simulate(program)
    assert state.peak == len(state) == 2 ** len(order[::40])
    assert state.norm() == pytest.approx(1)
    again = simulate(
        program.adjoint(), dict(zip(state.values(range(300)).tolist(), state.amplitudes, strict=True))
    )
    assert len(again) == 1
    assert not any(row.any() for row in again.rows.values())
    assert again.amplitudes[0] == pytest.approx(1)


def test_many_words_and_many_columns():
    """A dense state of 13 wires copied over 150 others: keys of three words, thousands of columns, collisions."""
    random = np.random.default_rng(3)
    small = [("ry", w, random.normal()) for w in range(13)]
    for _ in range(20):
        a, b = random.choice(13, size=2, replace=False).tolist()
        small += [("cx", a, b), ("ry", b, random.normal()), ("rz", a, random.normal())]
    spread = [("cx", w % 13, w) for w in range(13, 163)]
    acting = [("cx", 20, 0), ("ry", 0, 0.3), ("h", 5), ("cx", 20, 0)]
    program = program_of(163, small + spread + spread[::-1] + acting[1:3])
    state = simulate(program)
    assert np.allclose(vector(state, 13), evaluate(program_of(13, small + acting[1:3])), atol=1e-12)
    wide = program_of(163, small + spread + acting + acting[::-1])
    kept = [(op[0], *op[1:-1], -op[-1]) if op[0] == "ry" else op for op in acting]
    back = simulate(program_of(163, small + spread + acting + kept[::-1] + spread[::-1]))
    assert simulate(wide).norm() == pytest.approx(1)
    assert np.allclose(vector(back, 13), evaluate(program_of(13, small)), atol=1e-12)


def test_returning_to_a_basis_state_leaves_one_amplitude():
    random = np.random.default_rng(0)
    ops = []
    for _ in range(200):
        a, b = random.choice(8, size=2, replace=False).tolist()
        ops += [("ry", a, random.normal()), ("cx", a, b), ("rz", b, random.normal()), ("h", b)]
    program = program_of(8, ops)
    forward = simulate(program)
    assert len(forward) == 256
    both = program_of(8, ops + undo(ops))
    state = simulate(both)
    assert len(state) == 1
    assert state.amplitudes[0] == pytest.approx(1, abs=1e-12)
    assert state.discarded < 1e-24


def undo(ops):
    return [(op[0], *op[1:-1], -op[-1]) if op[0] in ("ry", "rz") else op for op in reversed(ops)]


def test_an_and_undone_that_was_none_is_an_internal_error():
    for spoil in ([("x", 2)], [("x", 0)], [("h", 0)], [("cx", 3, 1)]):
        program = program_of(4, [("h", 0), ("h", 1), ("h", 3), ("and", 0, 1, 2), *spoil, ("and_dg", 0, 1, 2)])
        with pytest.raises(InternalError, match="undone as the AND"):
            simulate(program)


def test_an_and_into_a_dirty_wire_is_an_internal_error():
    for dirty in ([("x", 2)], [("cx", 0, 2)]):
        with pytest.raises(InternalError, match="not \\|0>"):
            simulate(program_of(3, [("h", 0), *dirty, ("and", 0, 1, 2)]))


def test_a_wire_that_returned_to_zero_may_hold_an_and():
    simulate(program_of(3, [("h", 0), ("cx", 0, 2), ("cx", 0, 2), ("and", 0, 1, 2), ("and_dg", 0, 1, 2)]))


def test_gates_after_a_measurement_are_refused():
    state = simulate(program_of(2, [("h", 0), ("measure", 0), ("x", 1)]))
    assert sorted(state.values([0, 1]).tolist()) == [2, 3]
    with pytest.raises(InternalError, match="measured"):
        simulate(program_of(2, [("measure", 0), ("cx", 0, 1)]))


def test_too_many_amplitudes():
    with pytest.raises(TooLarge, match="1000 amplitudes"):
        simulate(program_of(30, [("h", w) for w in range(30)]), max_amplitudes=1000)


def test_progress_covers_every_gate():
    class Recorder:
        total = done = 0

        def start(self, label, total):
            self.total = total

        def advance(self, amount=1):
            self.done += amount

        def finish(self):
            pass

    recorder = Recorder()
    with reporting(recorder):
        simulate(
            program_of(3, [("h", 0), ("swap", 0, 1), ("gphase", 0.1), ("cx", 1, 2), ("ry", 0, 0.2)] * 10)
        )
    assert recorder.done == recorder.total == 50


def test_registers_and_projection():
    ops = [("h", 0), ("cx", 0, 3), ("ry", 1, 0.4), ("cx", 1, 2), ("x", 4)]
    program = program_of(5, ops, low=(0, 1), high=(3, 2), flag=(4,))
    state = simulate(program)
    indices, amplitudes = state.register_amplitudes("low", ancilla_zero=[3, 2])
    assert indices.tolist() == [0]
    assert amplitudes[0] == pytest.approx(np.cos(0.2) * 0.5**0.5)
    assert state.register_amplitudes("low")[0].size == 0
    assert state.project([0]).values((3, 2)).tolist() == state.project([0]).values((0, 1)).tolist()
    with pytest.raises(ValueError, match="entangled"):
        state.register_amplitudes("flag", ancilla_zero=[])


def test_basis_index_places_registers():
    program = program_of(5, [], low=(1, 0), high=(4, 2))
    assert basis_index(program, {"low": 1, "high": 2}) == 0b00110
    with pytest.raises(ValueError, match="cannot hold"):
        basis_index(program, {"low": 4})


@given(ops=program_ops)
@settings(deadline=None, max_examples=30)
def test_columns_of_a_block(ops):
    program = program_of(WIDTH + 1, ops, system=(2, 0, 5), ancilla=(1, 3, 4))
    rows, cols, values = simulate_columns(program, "system", range(8))
    block = np.zeros((8, 8), dtype=complex)
    block[rows, cols] = values
    places = [(i & 1) << 2 | (i >> 1 & 1) << 0 | (i >> 2 & 1) << 5 for i in range(8)]
    full = evaluate(program, np.eye(2 << WIDTH)[:, places])
    assert np.allclose(block, full[places], atol=1e-13)


@given(ops=program_ops, zero=st.sets(st.integers(0, WIDTH - 1), max_size=WIDTH), start=st.integers(0, 63))
@settings(deadline=None, max_examples=100)
def test_projecting_early_is_projecting_late(ops, zero, start):
    program = program_of(WIDTH + 1, ops)
    late = simulate(program, {start: 1.0}).project(sorted(zero))
    early = simulate(program, {start: 1.0}, projected=sorted(zero)).project(sorted(zero))
    assert np.allclose(vector(early, WIDTH + 1), vector(late, WIDTH + 1), atol=1e-13)


def test_projecting_early_keeps_the_state_small():
    """Ten coins thrown and thrown back, one after the other: 2 amplitudes a column, not 2^10."""
    throws = [
        op
        for k in range(10)
        for op in (("ry", 2 + k, 1.0), ("cz", 2 + k, 0), ("swap", 2 + k, 1), ("ry", 1, -1.0))
    ]  # the coin is left on wire 1, and wire 1's old value where the coin was
    program = program_of(12, throws, system=[0], ancilla=range(1, 12))
    late = simulate(program, {1: 1.0})
    early = simulate(program, {1: 1.0}, projected=range(1, 12))
    assert (late.peak, early.peak <= 8) == (1024, True)
    rows, cols, values = simulate_columns(program, "system", [0, 1], project_early=True)
    assert rows.tolist() == cols.tolist() == [0, 1]
    assert values == pytest.approx([1.0, np.cos(1.0) ** 10])


def test_columns_of_a_register_wider_than_a_word():
    program = program_of(90, [("cx", k, k + 1) for k in range(88)], system=range(89), ancilla=[89])
    rows, _, _ = simulate_columns(program, "system", [1 << 88, 1], project_early=True)
    assert sorted(rows.tolist()) == [1 << 88, (1 << 89) - 1]


planar = st.one_of(
    st.tuples(st.just("ry"), st.just((9,)), st.one_of(angle, st.just(np.pi))),
    st.tuples(st.sampled_from(["x", "z"]), st.just((9,)), st.just(0.0)),
    st.tuples(st.sampled_from(["cx", "cz"]), st.integers(0, 3).map(lambda w: (w, 9)), st.just(0.0)),
)


@given(ops=st.lists(planar, max_size=40))
@settings(deadline=None, max_examples=50)
def test_long_runs_by_angles_equal_products_of_matrices(ops):
    made = [Op(kind, wires, value, 1 << 9, 0) for kind, wires, value in ops]
    expected = product_table(made[:31], 9, (0, 1, 2, 3))  # below the length from which angles are used
    for start in range(31, len(made), 31):
        expected = product_table(made[start : start + 31], 9, (0, 1, 2, 3)) @ expected
    np.testing.assert_allclose(_planar_table(made, 9, (0, 1, 2, 3)), expected, atol=1e-14)
