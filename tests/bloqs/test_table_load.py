"""Large lookups, SelectSwap and loaded angles: action, counts, and the price of a load under an ancilla budget."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.bloqs.loading import Loading, rotation_t_bound
from carlemanc.bloqs.lookup_data import LookupShape, LookupTable
from carlemanc.bloqs.lookups.qram import qram_queries
from carlemanc.bloqs.lookups.table_load import TableXor, swap_bits
from carlemanc.bloqs.lookups.unary_iteration import UnaryIteration
from carlemanc.bloqs.rotations.indexed_ry import indexed_ry, price
from carlemanc.bloqs.rotations.loaded_ry import LoadedRy, angle_table
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.core.errors import InputError
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from tests.bloqs.checks import action, check_action, check_counts, permutation_matrix

RANDOM = np.random.default_rng(2).permutation(16).tolist()


def xor_matrix(table, size):
    k = (len(table) - 1).bit_length()
    return permutation_matrix([x | (z ^ table[x]) << k for z in range(1 << size) for x in range(len(table))])


@pytest.mark.parametrize(
    ("entries", "size"), [([3], 2), ([2, 2], 2), ([0, 3], 2), ([1, 1, 1, 2], 2), (RANDOM[:8], 4), (RANDOM, 4)]
)
def test_unary_iteration(entries, size):
    bloq = UnaryIteration(LookupTable(entries), size)
    check_counts(bloq)
    names = ["address", "target"] if len(entries) > 1 else ["target"]
    check_action(bloq, xor_matrix(entries, size), names)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_idle_entries_cost_nothing_and_the_used_ones_are_loaded(data):
    k = data.draw(st.integers(1, 4))
    entries = data.draw(st.lists(st.integers(0, 7), min_size=1 << k, max_size=1 << k))
    unused = np.array(data.draw(st.lists(st.booleans(), min_size=1 << k, max_size=1 << k)))
    bloq = UnaryIteration(LookupTable(entries, unused), 3)
    check_counts(bloq)
    used = np.flatnonzero(~unused)
    found = action(bloq, columns=used.tolist())
    assert np.argmax(found, axis=0).tolist() == [x | entries[x] << k for x in used]
    assert bloq.toffoli_count <= max(0, len(used) - 2)
    assert bloq.controlled().toffoli_count <= max(0, len(used) - 1)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8, 11, 16, 100])
@pytest.mark.parametrize("is_controlled", [False, True])
def test_a_shape_counts_as_a_table_of_different_entries(number, is_controlled):
    k = (number - 1).bit_length()
    table = LookupTable(np.arange(1 << k), np.arange(1 << k) >= number)
    real = count(UnaryIteration(table, k, is_controlled))
    shape = count(UnaryIteration(LookupShape(number), k, is_controlled))
    assert (real.toffoli, real.qubits, real.rotation_count) == (shape.toffoli, shape.qubits, 0)
    assert shape.toffoli == max(0, number - (1 if is_controlled else 2))


BUDGETS = [0, 6, 14, 100]


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("size", [1, 2])
def test_select_swap(budget, size):
    """XOR of a table through clean qubits, whatever the budget makes of it."""
    entries = [e % (1 << size) for e in RANDOM]
    bloq = TableXor(LookupTable(entries), size, Loading(ancilla_budget=budget))
    check_counts(bloq)
    check_action(bloq, xor_matrix(entries, size), ["address", "target"])


def test_select_swap_uses_its_budget_and_no_more():
    table = LookupTable(np.random.default_rng(0).integers(0, 8, 4096))
    plain = count(TableXor(table, 3))
    assert plain.qubits == 12 + 3 + 11
    for budget in (3, 4, 20, 64, 300):
        bloq = TableXor(table, 3, Loading(ancilla_budget=budget))
        found = count(bloq)
        assert found.toffoli <= plain.toffoli
        assert found.qubits <= plain.qubits + budget
        if budget < 200:
            assert found == count(bloq, "measure")
            program = emit(bloq)
            assert program.width == found.qubits
    assert found.toffoli < plain.toffoli / 7


@pytest.mark.parametrize("entries", [10**3, 10**5, 10**7, 2**20, 2**21])
@pytest.mark.parametrize("bits", [8, 24, 40])
def test_a_load_costs_two_roots_of_entries_times_bits(entries, bits):
    """ceil(L/K) - 2 + b (K - 1) at the best power of two K: within 10 % of 2 sqrt(L b)."""
    loading = Loading(ancilla_budget=10**9)
    s = swap_bits(LookupShape(entries), bits, loading, False, False)
    toffoli = -(-entries >> s) - 2 + bits * ((1 << s) - 1)
    assert toffoli <= 1.1 * 2 * math.sqrt(entries * bits)
    xor = count(TableXor(LookupShape(entries), bits, loading))
    assert xor.toffoli <= 2 * toffoli + 2


def test_a_shape_with_select_swap_counts_as_a_table():
    """Up to the linear structure that `Lookup` finds in a small table of rows."""
    loading = Loading(ancilla_budget=60)
    entries = np.random.default_rng(1).permutation(256)
    real = count(TableXor(LookupTable(entries[:256]), 8, loading))
    shape = count(TableXor(LookupShape(256), 8, loading))
    assert real.qubits == shape.qubits
    assert 0.9 * shape.toffoli < real.toffoli <= shape.toffoli


ANGLES = {
    "one": [0.3],
    "two": [0.0, math.pi],
    "equal": [1.0, 1.0],
    "clifford": [0.0, math.pi / 2, -math.pi, 2 * math.pi],
    "random": np.random.default_rng(7).uniform(-6, 6, 8).tolist(),
}


def rotation_matrix(angles):
    size = len(angles)
    result = np.zeros((2 * size, 2 * size))
    for x, angle in enumerate(angles):
        c, s = math.cos(angle / 2), math.sin(angle / 2)
        result[np.ix_([x, x + size], [x, x + size])] = [[c, -s], [s, c]]
    return result


@pytest.mark.parametrize("name", ANGLES)
@pytest.mark.parametrize("budget", [0, 40])
def test_loaded_rotation(name, budget):
    angles, bits = ANGLES[name], 10
    bloq = LoadedRy(angle_table(np.array(angles), bits), bits, Loading(ancilla_budget=budget))
    check_counts(bloq)
    names = ["address", "target"] if len(angles) > 1 else ["target"]
    check_action(bloq, rotation_matrix(angles), names, tolerance=bloq.rounding_error)


def test_loaded_rotation_at_the_default_bits_is_exact_to_a_billionth():
    angles = np.random.default_rng(3).uniform(-2 * math.pi, 2 * math.pi, 16)
    bits = Loading().bits
    bloq = LoadedRy(angle_table(angles, bits), bits)
    found = action(bloq, ["address", "target"])
    assert np.linalg.norm(found - rotation_matrix(angles.tolist()), 2) < bloq.rounding_error < 1e-9
    assert count(bloq).rotation_count <= bits - 2


def test_loaded_clifford_angles_need_no_rotation():
    angles = np.array([0.0, math.pi / 2, math.pi, -math.pi / 2])
    counts = count(LoadedRy(angle_table(angles, 40), 40))
    assert counts.rotation_count == 0


def test_qram_is_counted_and_not_emitted():
    bloq = TableXor(LookupTable(RANDOM), 4, Loading(memory="qram"))
    assert count(bloq).toffoli == 2 * 15 + 4 * 4
    assert count(bloq.controlled()).toffoli == 2 * 15 + 5 * 4
    assert (
        qram_queries(bloq),
        qram_queries(bloq.adjoint()),
        qram_queries(UnaryIteration(LookupTable([1]), 1)),
    ) == (1, 1, 0)
    with pytest.raises(InputError, match="counted and not emitted"):
        emit(bloq)


def test_shapes_are_counted_and_not_emitted():
    with pytest.raises(InputError, match="load the tensor itself"):
        emit(UnaryIteration(LookupShape(9), 2))


def test_the_price_of_a_rotation_is_the_documented_fit():
    assert rotation_t_bound(1e-10) == pytest.approx(102.1, abs=0.1)


@pytest.mark.parametrize("number", [4, 32, 64, 256])
def test_the_cheaper_rotation_is_chosen(number):
    angles = np.random.default_rng(number).uniform(0, math.pi, number)
    loading = Loading(ancilla_budget=500)
    chosen = indexed_ry(angles, loading)
    multiplexed = MultiplexedRy(angles)
    loaded = LoadedRy(angle_table(angles, 40), 40, loading)
    assert type(chosen) is (MultiplexedRy if number < 40 else LoadedRy)
    assert price(chosen, loading) == min(price(multiplexed, loading), price(loaded, loading))
    for bloq in (multiplexed, loaded):
        counts = count(bloq)
        assert price(bloq, loading) == counts.rotation_count * loading.rotation_t + 4 * counts.toffoli
    assert indexed_ry(angles, None) == multiplexed


@pytest.mark.parametrize("is_controlled", [False, True])
def test_a_rotation_tree_loads_its_wide_layers(is_controlled):
    """The lowest layer of 8 rows of 16 amplitudes has 64 angles: loaded; the state is right to the rounding."""
    rows = np.random.default_rng(0).normal(size=(8, 16))
    bloq = RotationTree(rows, 0.0, is_controlled, loading=Loading())
    kinds = {type(layer) for layer in bloq._layers[1]}
    assert kinds == {MultiplexedRy, LoadedRy}
    names = ["address", "target", *(["ctrl"] if is_controlled else [])]
    columns = [a | is_controlled << 7 for a in range(8)]
    found = action(bloq, names, columns)
    for a, column in enumerate(columns):
        wanted = rows[a] / np.linalg.norm(rows[a])
        places = [a | k << 3 | (column >> 7) << 7 for k in range(16)]
        assert np.abs(found[places, a] - wanted).max() < 1e-11
    counts, exact = count(bloq), count(RotationTree(rows, 0.0, is_controlled))
    t = Loading().rotation_t
    assert counts.rotation_count * t + 4 * counts.toffoli < exact.rotation_count * t
    check_counts(RotationTree(rows[:, :8], 0.0, loading=Loading(rotation_t=1000.0)))
