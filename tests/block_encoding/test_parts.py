"""The bloqs that the history encoding is made of: action by brute force, counts, unitarity."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from carlemanc.block_encoding.history.history_encoding import TimeShift
from carlemanc.block_encoding.history.junk_check import JunkCheck
from carlemanc.block_encoding.history.level_weight import LevelWeight
from carlemanc.block_encoding.history.zero_insertion import ZeroInsertion, insertion_angle
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.block_encoding.table.slot_table import build_slot_table
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.programs.bloq_counts import count
from tests.block_encoding.systems import random_tensor
from tests.bloqs.checks import action, check_action, check_counts, permutation_matrix


def bits_of(value, size):
    return [value >> i & 1 for i in range(size)]


def is_clean(groups, slot_bits, slots, level):
    """Thermometer level and zero slots above it, from the definition."""
    if any(not a and b for a, b in itertools.pairwise(level)):
        return False
    start = 0
    for occupied, size in zip(level, groups, strict=True):
        stop = start + size * slot_bits
        if not occupied and any(slots[start:stop]):
            return False
        start = stop
    return True


@pytest.mark.parametrize(
    ("groups", "slot_bits"), [((1,), 0), ((1,), 1), ((1, 1), 1), ((2, 2), 1), ((1, 1, 1), 0), ((1, 1), 2)]
)
def test_junk_check_flags_what_is_no_lifted_state(groups, slot_bits):
    bloq = JunkCheck(groups=groups, slot_bits=slot_bits)
    m = sum(groups) * slot_bits
    size = m + len(groups)
    clean = [
        is_clean(groups, slot_bits, bits_of(x, m), bits_of(x >> m, len(groups))) for x in range(1 << size)
    ]
    image = [x << 1 | bad ^ (not clean[x]) for x in range(1 << size) for bad in (0, 1)]
    check_counts(bloq)
    check_action(bloq, permutation_matrix(image), [r.name for r in bloq.signature])


@pytest.mark.parametrize("weights", [(0.5,), (1.0, 0.4), (0.3, 1.0, 0.7), (0.2, 0.2, 1.0, 1.0)])
def test_level_weight(weights):
    bloq = LevelWeight(weights)
    check_counts(bloq)
    names = [r.name for r in bloq.signature]
    for level, weight in enumerate(weights):
        code = (1 << level) - 1
        found = action(bloq, names, [code << 1])[:, 0]
        assert found[code << 1] == pytest.approx(weight, abs=1e-14)
        assert abs(found[code << 1 | 1]) == pytest.approx(np.sqrt(1 - weight**2), abs=1e-14)


def test_level_weight_of_equal_levels_is_one_rotation():
    assert count(LevelWeight((0.5, 0.5, 0.5))).rotation_count == 1


def test_level_weights_share_the_rotation_that_needs_no_bit():
    weights = (1.0, 0.9, 0.8, 0.7)
    assert count(LevelWeight(weights)).rotation_count == 4
    assert count(LevelWeight(weights, is_controlled=True)).rotation_count == 4
    assert count(LevelWeight((0.95, *weights[1:]), is_controlled=True)).rotation_count == 5


@pytest.mark.parametrize("size", [1, 2, 3])
def test_time_shift(size):
    for final in range(1 << size):
        bloq = TimeShift(size, final)
        image = [
            (t + 1) % (1 << size) << 1 | (last ^ (t >= final)) for t in range(1 << size) for last in (0, 1)
        ]
        check_counts(bloq)
        check_action(bloq, permutation_matrix(image), ["last", "time"])


def test_the_last_time_of_all_ones_is_flagged_by_the_carry():
    assert count(TimeShift(5, 31, is_controlled=True)).toffoli == 5
    assert count(TimeShift(5, 30, is_controlled=True)).toffoli == 8


def table_of(seed, n, degrees):
    rng = np.random.default_rng(seed)
    tensors = {degree: random_tensor(rng, n, degree, density=0.5, scale=1.0) for degree in degrees}
    return tensors, build_slot_table([tensors], degrees, (n - 1).bit_length())


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_linear_slot_step_is_its_matrix(n):
    tensors, table = table_of(n, n, [1])
    bloq = SlotStep(table=table, slots=1, level_bits=0, stride=1)
    check_counts(bloq)
    if n == 1:
        return
    found = table.alpha * action(bloq, ["slots"])
    assert np.abs(found[:n, :n] - tensors[1].to_sparse().toarray()).max() < 1e-13
    assert np.abs(found[n:]).max(initial=0) < 1e-13
    assert np.abs(found[:, n:]).max(initial=0) < 1e-13


STEPS = {
    "quadratic": (2, [1, 2], 2, 1, 1),
    "quadratic alone": (2, [2], 2, 1, 1),
    "cubic by twos": (2, [1, 3], 3, 1, 2),
    "one weight": (1, [1, 2, 3], 3, 2, 1),
    "three degrees": (2, [1, 2, 3], 3, 2, 1),
    "zero": (2, [], 1, 0, 1),
}


@pytest.mark.parametrize("name", STEPS)
def test_slot_step_counts_and_unitarity(name):
    n, degrees, slots, level_bits, stride = STEPS[name]
    _, table = table_of(7, n, degrees)
    bloq = SlotStep(table=table, slots=slots, level_bits=level_bits, stride=stride)
    check_counts(bloq)
    matrix = action(bloq)
    assert np.abs(matrix.T @ matrix - np.eye(len(matrix))).max() < 1e-12
    check_action(bloq, matrix, [r.name for r in bloq.signature])


@pytest.mark.parametrize("name", ["quadratic", "three degrees"])
def test_slot_step_contracts_a_full_tuple(name):
    """From clean slots at a level, block = alpha^-1 sum_l G_l on slots 1..l, later slots forward, level l - 1 lower."""
    n, degrees, slots, level_bits, stride = STEPS[name]
    tensors, table = table_of(7, n, degrees)
    bloq = SlotStep(table=table, slots=slots, level_bits=level_bits, stride=stride)
    for level in range(1, slots + 1):
        for values in itertools.product(range(n), repeat=level):
            code = (1 << (level - 1)) - 1
            column = sum(v << i for i, v in enumerate(values)) | code << slots
            found = table.alpha * action(bloq, ["slots", "level"], [column])[:, 0]
            expected = np.zeros(len(found))
            for degree, tensor in tensors.items():
                if degree > level:
                    continue
                for row, columns, value in zip(tensor.rows, tensor.cols, tensor.vals, strict=True):
                    if tuple(columns) == values[:degree]:
                        after = [int(row), *values[degree:]]
                        lower = (1 << (level - degree)) - 1
                        expected[sum(v << i for i, v in enumerate(after)) | lower << slots] += value
            dirty = [
                x for x in range(len(found)) if not lifted(x, n, slots)
            ]  # flagged later by the junk check
            found[dirty] = 0
            assert np.abs(found - expected).max() < 1e-13


def lifted(x, n, slots):
    return is_clean([1] * (slots - 1), 1, bits_of(x, slots)[1:], bits_of(x >> slots, slots - 1))


@pytest.mark.parametrize(
    ("slots", "vector"),
    [
        *[(n, v) for n in (2, 3) for v in ([-0.7], [0.6, -0.8], [0.0, -1.0], [0.3, 0.0, 0.0, -0.4])],
        (4, [0.7]),
        (4, [0.6, -0.8]),
        (5, [-0.7]),
        (6, [-0.7]),
    ],
    ids=str,
)
def test_zero_insertion(slots, vector):
    """Where a pattern fits, F_0 goes to its places and the other slots keep their order; else the flag is up."""
    size = (len(vector) - 1).bit_length()
    loader = SparseAmplitudes.from_vector(np.array(vector), size)
    bloq = ZeroInsertion(loaders=(loader,), ratios=(1.0,), slots=slots)
    check_counts(bloq)
    state = np.array(vector) / np.linalg.norm(vector)
    names = ["insert", "overflow", *(["slots"] if size else []), "level"]
    rng = np.random.default_rng(0)
    for pattern in range(1 << slots):
        for level in range(1, slots + 1):
            values = rng.integers(0, len(vector), level).tolist()
            column = pattern | sum(v << (slots + 1 + i * size) for i, v in enumerate(values))
            top = slots + 1 + slots * size
            found = action(bloq, names, [column | (1 << (level - 1)) - 1 << top])[:, 0]
            places = [i for i in range(slots) if pattern >> i & 1]
            total = level + len(places)
            fits = total <= slots and all(place < total for place in places)
            if not fits:
                flags = np.arange(len(found)) >> slots & 1
                assert not found[flags == 0].any()
                continue
            expected = np.zeros(len(found))
            for loaded in itertools.product(range(len(vector)), repeat=len(places)):
                rest, new = iter(values), iter(loaded)
                content = [next(new) if place in places else next(rest) for place in range(total)]
                row = pattern | sum(v << (slots + 1 + i * size) for i, v in enumerate(content))
                expected[row | (1 << (total - 1)) - 1 << top] = np.prod([state[v] for v in loaded])
            assert np.abs(found - expected).max() < 1e-14


def test_zero_insertion_is_unitary_on_dirty_slots():
    bloq = ZeroInsertion(loaders=(SparseAmplitudes(2, (1, 3), (0.6, -0.8)),), ratios=(1.0,), slots=2)
    matrix = action(bloq)
    assert np.abs(matrix.T @ matrix - np.eye(len(matrix))).max() < 1e-13


def test_zero_insertion_costs_little_at_any_order():
    """The check of the pattern is a count of ones, not a table over all patterns and levels."""
    loader = SparseAmplitudes(1, (0, 1), (0.6, 0.8))
    costs = [
        count(ZeroInsertion(loaders=(loader,), ratios=(1.0,), slots=n, is_controlled=True)).toffoli
        for n in (2, 4, 8)
    ]
    assert costs[0] <= 8
    assert costs[1] <= 30
    assert costs[2] <= 110


def test_insertion_angle_weighs_one_against_the_source():
    angle = insertion_angle(0.3)
    assert np.cos(angle / 2) ** 2 == pytest.approx(1 / 1.3)
