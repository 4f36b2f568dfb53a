"""Every bloq on bits: its action against an explicit matrix in all variants, its counts against the emitted circuit."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.bloqs.amplitudes.affine_frame import affine_frame
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.arithmetic import Add, Increment, at_least
from carlemanc.bloqs.bit_bloq import BitBloq
from carlemanc.bloqs.lookups.in_place_lookup import InPlaceLookup
from carlemanc.bloqs.lookups.lookup import Lookup
from carlemanc.bloqs.population import population
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy, walsh_hadamard
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.counts import tally
from carlemanc.programs.emitter import emit
from tests.bloqs.checks import action, check_action, check_counts, permutation_matrix
from tests.bloqs.interpreter import Interpreter, act


def lookup_matrix(table, target_size):
    k = (len(table) - 1).bit_length()
    image = [x | (z ^ table[x]) << k for z in range(1 << target_size) for x in range(len(table))]
    return permutation_matrix(image)


TABLES = {
    "constant": ([2, 2, 2, 2], 2),
    "one entry": ([3], 2),
    "affine": ([5, 4, 7, 6, 1, 0, 3, 2], 3),
    "one set": ([0, 0, 0, 0, 0, 1, 0, 0], 1),
    "random": ([3, 1, 0, 2, 2, 1, 3, 3], 2),
    "random 16": ([9, 14, 3, 3, 0, 7, 12, 1, 5, 5, 5, 2, 8, 11, 6, 10], 4),
}


@pytest.mark.parametrize("name", TABLES)
def test_lookup(name):
    table, size = TABLES[name]
    bloq = Lookup(table, size)
    registers = ["address", "target"] if len(table) > 1 else ["target"]
    check_counts(bloq)
    check_action(bloq, lookup_matrix(table, size), registers)
    assert count(bloq).toffoli == bloq.toffoli_count


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_any_lookup(data):
    k, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    entries = st.lists(st.integers(0, (1 << m) - 1), min_size=1 << k, max_size=1 << k)
    table = data.draw(entries)
    bloq = Lookup(table, m)
    assert np.array_equal(action(bloq, ["address", "target"]), lookup_matrix(table, m))
    assert count(bloq).toffoli <= max(0, (1 << k) - 2)
    assert count(bloq.controlled()).toffoli <= (1 << k) - 1


def test_affine_lookups_need_no_toffoli():
    masks = np.random.default_rng(0).integers(0, 256, 6)
    table = [
        int(np.bitwise_xor.reduce(masks[[i for i in range(6) if x >> i & 1]], initial=77)) for x in range(64)
    ]
    assert Lookup(table, 8).toffoli_count == 0


@pytest.mark.parametrize("m", [3, 5])
def test_lookup_finds_structure_at_any_size(m):
    """r where the selector says so, else 0: one AND per selector bit and row bit, not one per entry."""
    table = [row * (selector == 5) for selector in range(8) for row in range(1 << m)]
    bloq = Lookup(table, m, True)
    assert bloq.toffoli_count == 3 + m
    columns = [x | z << (m + 3) | 1 << (2 * m + 3) for x in range(0, 1 << (m + 3), 7) for z in (0, 3)]
    found = action(bloq, ["address", "target", "ctrl"], columns)
    wanted = [c ^ table[c & (8 << m) - 1] << (m + 3) for c in columns]
    assert np.argmax(found, axis=0).tolist() == wanted


def test_address_bits_without_influence_cost_no_toffoli():
    assert Lookup([1, 2, 3, 0] * 16, 2, True).toffoli_count == Lookup([1, 2, 3, 0], 2, True).toffoli_count
    assert Lookup([1, 2, 3, 0] * 64, 2, True).toffoli_count == Lookup([1, 2, 3, 0], 2, True).toffoli_count


def test_lookup_of_entries_beyond_64_bits():
    table = [1 << 70, 3, 0, 1 << 70 | 3]
    bloq = Lookup(table * 32, 71)
    assert bloq.toffoli_count == Lookup(table, 71).toffoli_count


def test_large_lookup_loads_every_entry():
    table = np.random.default_rng(1).integers(0, 32, 256).tolist()
    found = action(Lookup(table, 5), columns=[x | z << 8 for x in range(256) for z in (0, 21)])
    rows = np.argmax(found, axis=0)
    assert rows.tolist() == [x | (z ^ table[x]) << 8 for x in range(256) for z in (0, 21)]


PERMUTATIONS = {
    "one": [[2, 0, 3, 1]],
    "masks": [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 3, 0, 1]],
    "two": [[1, 0, 2, 3], [3, 0, 1, 2]],
    "shifts": [[0, 1, 2, 3], [1, 2, 3, 0], [3, 0, 1, 2], [2, 3, 0, 1]],
    "one shift": [[1, 2, 3, 0]],
    "masks and shifts": [[1, 2, 3, 0], [1, 0, 3, 2]],
    "four": [[0, 1, 2, 3], [1, 2, 3, 0], [3, 2, 1, 0], [0, 2, 1, 3]],
}


@pytest.mark.parametrize("name", PERMUTATIONS)
def test_in_place_lookup(name):
    rows = PERMUTATIONS[name]
    bloq = InPlaceLookup(rows)
    selector = ["selector"] if len(rows) > 1 else []
    k = (len(rows) - 1).bit_length()
    image = [x | rows[x][s] << k for s in range(4) for x in range(len(rows))]
    check_counts(bloq)
    check_action(bloq, permutation_matrix(image), [*selector, "target"])


def test_shifts_cost_the_logarithm_of_the_size():
    rows = [[(s + d) % 256 for s in range(256)] for d in (0, 1, 255, 7)]
    assert count(InPlaceLookup(rows, True)).toffoli <= 7 + 2 * 3


@pytest.mark.parametrize("size", range(1, 9))
def test_population(size):
    for value in range(1 << size):
        ones = [("bit", i) for i in range(size) if value >> i & 1]
        circuit = Interpreter({frozenset(ones): 1.0})
        with population(circuit, [("bit", i) for i in range(size)]) as counted:
            for i, bit in enumerate(counted):
                circuit.cx(bit, ("answer", i))
        answer = [("answer", i) for i in range(4) if len(ones) >> i & 1]
        assert circuit.state == {frozenset([*ones, *answer]): 1.0}


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_add(size):
    bloq = Add(size)
    top = (1 << size) - 1
    image = [a | (t + a & top) << size for t in range(1 << size) for a in range(1 << size)]
    check_counts(bloq)
    check_action(bloq, permutation_matrix(image), ["addend", "target"])
    assert count(bloq).toffoli == size - 1
    assert count(bloq.controlled()).toffoli == 2 * size - 1


def test_in_place_lookup_refuses_what_is_no_permutation():
    with pytest.raises(ValueError, match="row 1 is not a permutation"):
        action(InPlaceLookup([[1, 0, 2, 3], [0, 0, 1, 2]]))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_increment(size):
    bloq = Increment(size)
    check_counts(bloq)
    check_action(bloq, permutation_matrix([(t + 1) % (1 << size) for t in range(1 << size)]), ["target"])
    assert count(bloq).toffoli == max(0, size - 2)
    assert count(bloq.controlled()).toffoli == size - 1


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_comparison_with_every_constant(size):
    for constant in range(1 << size):
        for value in range(1 << size):
            ones = [("bit", i) for i in range(size) if value >> i & 1]
            circuit = Interpreter({frozenset(ones): 1.0})
            with at_least(circuit, [("bit", i) for i in range(size)], constant) as flag:
                if flag is None:
                    assert constant == 0
                else:
                    circuit.cx(flag, "answer")
            expected = value >= constant and constant > 0
            assert circuit.state == {frozenset([*ones, *(["answer"] if expected else [])]): 1.0}


def test_comparison_refuses_a_constant_that_does_not_fit():
    with (
        pytest.raises(ValueError, match="4 does not fit in 2 bits"),
        at_least(Interpreter({frozenset(): 1.0}), ["a", "b"], 4),
    ):
        pass


def ry_matrix(angles):
    """Address least significant, then the target."""
    c, s = np.cos(np.array(angles) / 2), np.sin(np.array(angles) / 2)
    return np.block([[np.diag(c), -np.diag(s)], [np.diag(s), np.diag(c)]])


ANGLES = {
    "one": [0.7],
    "two": [0.3, -1.2],
    "equal": [0.4] * 4,
    "controlled on both": [0, 0, 0, 1.1],
    "quarter turns": [0, math.pi / 2, math.pi, -math.pi / 2],
    "random": np.random.default_rng(3).normal(size=8).tolist(),
}


@pytest.mark.parametrize("name", ANGLES)
def test_multiplexed_ry(name):
    angles = ANGLES[name]
    bloq = MultiplexedRy(angles)
    check_counts(bloq)
    check_action(bloq, ry_matrix(angles), [*(["address"] if len(angles) > 1 else []), "target"])
    assert count(bloq).toffoli == 0
    assert count(bloq).rotation_count <= len(angles)


def test_equal_angles_cost_one_rotation():
    assert count(MultiplexedRy([0.4] * 16)).rotation_count == 1


def test_walsh_hadamard_against_the_matrix():
    from scipy.linalg import hadamard

    values = np.random.default_rng(0).normal(size=16)
    assert np.allclose(walsh_hadamard(values), hadamard(16) @ values)


def row_state(row):
    return np.array(row) / np.linalg.norm(row)


@pytest.mark.parametrize(("address", "target"), [(0, 1), (0, 3), (1, 2), (2, 2)])
def test_rotation_tree_prepares_signed_rows(address, target):
    rng = np.random.default_rng(address + 4 * target)
    rows = rng.normal(size=(1 << address, 1 << target))
    rows[0, :-1] = 0  # empty subtrees
    bloq = RotationTree(rows)
    check_counts(bloq)
    names = ["address", "target"] if address else ["target"]
    columns = list(range(1 << address))
    found = action(bloq, names, columns)
    expected = np.zeros_like(found)
    for a in columns:
        expected[a :: 1 << address, a] = row_state(rows[a])
    assert np.abs(found - expected).max() < 1e-14
    controlled = action(bloq.controlled(), [*names, "ctrl"], columns)
    assert np.allclose(controlled, np.eye(len(controlled))[:, : len(columns)], atol=1e-14)
    back = action(bloq.adjoint(), names)[: 1 << address]
    assert np.abs(back - expected.T).max() < 1e-14


@pytest.mark.parametrize(("address", "target"), [(0, 2), (1, 1), (1, 2), (2, 1), (3, 2)])
def test_controlled_tree_rests_in_a_row_of_its_own(address, target):
    rng = np.random.default_rng(address + 4 * target)
    rows, when_off = rng.normal(size=(1 << address, 1 << target)), rng.normal(size=1 << target)
    bloq = RotationTree(rows, 0.0, True, when_off)
    names = [r.name for r in bloq.signature if r.name != "ctrl"]
    half = 1 << address + target
    matrix = action(bloq, [*names, "ctrl"])
    at_rest = np.kron(action(RotationTree([when_off]), ["target"]), np.eye(1 << address))
    assert np.abs(matrix[:half, :half] - at_rest).max() < 1e-14
    assert np.abs(matrix[half:, half:] - action(RotationTree(rows), names)).max() < 1e-14
    assert not matrix[half:, :half].any()
    check_tree_counts(bloq)
    assert count(bloq).rotation_count <= ((1 << address) + 1) * ((1 << target) - 1)
    assert count(bloq).toffoli <= address


def check_tree_counts(bloq):
    """A tree that prepares something where the control is off has no control left to add, so plain and adjoint only."""
    for form in (bloq, bloq.adjoint()):
        program = emit(form)
        counted = count(form)
        tallied = tally(program)
        assert (counted.toffoli, counted.t, counted.qubits) == (tallied.toffoli, tallied.t, program.width)
        assert counted.rotation_count == tallied.rotations


def test_address_bits_without_influence_cost_nothing():
    rng = np.random.default_rng(0)
    two = rng.normal(size=(2, 4))
    rows = two[[0, 0, 1, 1, 0, 0, 1, 1]]  # bit 1 alone matters
    assert count(RotationTree(rows)).rotation_count == count(RotationTree(two)).rotation_count
    assert count(RotationTree(rows, 0.0, True)).toffoli == 1
    assert np.abs(action(RotationTree(rows))[:, :8] - action_of_rows(rows)).max() < 1e-14


def action_of_rows(rows):
    expected = np.zeros((32, 8))
    for a, row in enumerate(rows):
        expected[a::8, a] = row_state(row)
    return expected


def test_one_index_beyond_a_full_block_hardly_costs():
    """A ninth entry adds a bit to the tree, not another half of it: one rotation a layer and row."""
    rng = np.random.default_rng(2)
    rows = np.zeros((8, 16))
    rows[:, :9] = rng.normal(size=(8, 9))
    bloq = RotationTree(rows)
    names, columns = ["address", "target"], list(range(8))
    found = action(bloq, names, columns)
    for a in columns:
        assert np.abs(found[a::8, a] - row_state(rows[a])).max() < 1e-14
    assert count(bloq).rotation_count <= 8 * (7 + 4)


def test_mask_is_made_only_where_it_saves():
    rows = [[0.6, 0.8], [0.8, 0.6]]
    bloq = RotationTree(rows, 0.0, True, [1.0, 1.0])  # angles pi/2 +- a about a resting pi/2
    assert (count(bloq).rotation_count, count(bloq).toffoli) == (2, 0)


def test_rotation_tree_refuses_a_ragged_size():
    with pytest.raises(ValueError, match="must be 2\\^a by 2\\^b"):
        count(RotationTree([[1.0, 2.0, 3.0]]))


SPARSE = {
    "empty register": (0, [0], [-2.0]),
    "one entry": (2, [1], [3.0]),
    "one negative entry": (3, [5], [-3.0]),
    "at zero": (3, [0], [1.0]),
    "negative at zero": (3, [0], [-1.0]),
    "two entries": (3, [1, 6], [1.0, -2.0]),
    "three entries": (4, [0, 3, 12], [0.5, -0.1, 2.0]),
    "dense": (2, [0, 1, 3], [1.0, 2.0, -3.0]),
    "full": (1, [0, 1], [-1.0, 2.0]),
    "five entries": (5, [2, 3, 17, 30, 31], [1, -1, 1, -1, 1]),
}


@pytest.mark.parametrize("name", SPARSE)
def test_sparse_amplitudes(name):
    """The first column is the state; the rest is whatever, but unitary and the same in every variant."""
    size, support, values = SPARSE[name]
    bloq = SparseAmplitudes(size, support, values)
    check_counts(bloq)
    if not size:
        return
    matrix = action(bloq, ["target"])
    expected = np.zeros(1 << size)
    expected[support] = row_state(values)
    assert np.abs(matrix[:, 0] - expected).max() < 1e-15
    assert np.abs(matrix.T @ matrix - np.eye(1 << size)).max() < 1e-14
    assert np.abs(action(bloq.adjoint(), ["target"]) - matrix.T).max() < 1e-14
    idle_and_active = action(bloq.controlled(), ["target", "ctrl"])
    half = 1 << size
    assert np.abs(idle_and_active[:half, :half] - np.eye(half)).max() < 1e-14
    assert np.abs(idle_and_active[half:, half] - expected).max() < 1e-15
    assert not idle_and_active[half:, :half].any()
    assert np.abs(idle_and_active.T @ idle_and_active - np.eye(2 * half)).max() < 1e-14
    assert np.abs(action(bloq.controlled().adjoint(), ["target", "ctrl"]) - idle_and_active.T).max() < 1e-14


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_any_sparse_amplitudes(data):
    size = data.draw(st.integers(1, 6))
    support = sorted(data.draw(st.sets(st.integers(0, (1 << size) - 1), min_size=1, max_size=12)))
    values = [data.draw(st.sampled_from([-2.0, -1.0, 0.5, 3.0])) for _ in support]
    bloq = SparseAmplitudes(size, support, values)
    expected = np.zeros(1 << size)
    expected[support] = row_state(values)
    assert np.abs(action(bloq, ["target"], [0])[:, 0] - expected).max() < 1e-14
    controlled = action(bloq.controlled(), ["target", "ctrl"], [0, 1 << size])
    assert np.abs(controlled[1 << size :, 1] - expected).max() < 1e-14
    assert controlled[0, 0] == pytest.approx(1)
    outside = max(0, len(support) - bloq.rank_size - 1)
    assert count(bloq).toffoli <= outside * max(0, size - 2)
    assert count(bloq).rotation_count <= (1 << bloq.rank_size) - 1


@pytest.mark.parametrize("support", [[3, 7, 11, 15], [0, 5, 10, 15], [1, 2], list(range(8, 16))])
def test_an_affine_support_needs_no_toffoli(support):
    assert count(SparseAmplitudes(4, support, [1.0] * len(support))).toffoli == 0


@settings(deadline=None, max_examples=50)
@given(st.sets(st.integers(0, 63), min_size=1, max_size=20))
def test_affine_frame_is_a_bijection_that_holds_at_least_a_simplex(indices):
    dimension = (len(indices) - 1).bit_length()
    frame = affine_frame(sorted(indices), 6, dimension)
    places = [frame.coordinates(index) for index in range(64)]
    assert sorted(places) == list(range(64))
    assert sum(frame.on_face(frame.coordinates(index)) for index in indices) >= min(
        len(indices), dimension + 1
    )
    assert [frame.rank(place) for place in frame.face()] == list(range(1 << dimension))


def test_sparse_amplitudes_of_a_vector_drops_zeros():
    bloq = SparseAmplitudes.from_vector(np.array([0, 2.0, 0, 0, -1, 0]), 3)
    assert (bloq.support, bloq.values) == ((1, 4), (2.0, -1.0))


ALL = [
    Lookup(*TABLES["random"]),
    Lookup(*TABLES["random"], True),
    InPlaceLookup(PERMUTATIONS["four"]),
    InPlaceLookup(PERMUTATIONS["four"], True),
    Increment(4, True),
    MultiplexedRy(ANGLES["random"]),
    RotationTree(np.random.default_rng(5).normal(size=(2, 4)), 0.0, True),
    SparseAmplitudes(*SPARSE["three entries"], 0.0, True),
]


@pytest.mark.parametrize("bloq", ALL, ids=lambda bloq: f"{type(bloq).__name__}-{bloq.is_controlled}")
def test_interpreter_agrees_with_the_emitted_gates(bloq):
    """The gate description read by a dictionary state machine, against emitter and simulator."""
    names = [r.name for r in bloq.signature]
    bits = [(r.name, i) if r.shape else r.name for r in bloq.signature for i in range(max(1, r.total_bits()))]
    rng = np.random.default_rng(0)
    columns = sorted(rng.choice(1 << len(bits), size=min(12, 1 << len(bits)), replace=False).tolist())
    found = action(bloq, names, columns)
    for k, column in enumerate(columns):
        state = act(bloq, [bit for i, bit in enumerate(bits) if column >> i & 1])
        expected = np.zeros(len(found))
        for key, amplitude in state.items():
            expected[sum(1 << bits.index(bit) for bit in key)] += amplitude
        assert np.abs(found[:, k] - expected).max() < 1e-14


@pytest.mark.parametrize("bloq", ALL, ids=lambda bloq: f"{type(bloq).__name__}-{bloq.is_controlled}")
def test_decomposition_is_what_is_emitted(bloq):
    """The emitter writes the description as it stands; through Qualtran's graph it is the same circuit."""
    direct, through_graph = emit(bloq), emit(bloq.decompose_bloq())
    assert Counter(direct.codes.tolist()) == Counter(through_graph.codes.tolist())
    assert direct.width <= through_graph.width
    names = [r.name for r in bloq.signature]
    columns = range(min(64, 1 << bloq.signature.n_qubits()))
    assert np.abs(action(bloq, names, columns) - action(bloq.decompose_bloq(), names, columns)).max() < 1e-14


def test_controlled_z_is_one_clifford_gate():
    """The sign of one weight's F_0, per batch, is a cz between two bits."""

    class Signs(BitBloq):
        is_controlled = False

        def bit_registers(self):
            return {"pair": 2}

        def build(self, circuit):
            circuit.cz(*self.bits("pair"))

    bloq = Signs()
    assert np.array_equal(action(bloq), np.diag([1, 1, 1, -1]))
    assert count(bloq).toffoli == 0
    assert np.array_equal(
        np.diag([act(bloq, ones)[frozenset(ones)] for ones in POWERSET]), np.diag([1, 1, 1, -1])
    )


POWERSET = [[], [("pair", 0)], [("pair", 1)], [("pair", 0), ("pair", 1)]]
