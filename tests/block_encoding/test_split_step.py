"""Steps whose degrees are loaded apart: block, counts, unitarity, and the choice between leaves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from carlemanc.block_encoding import encode
from carlemanc.block_encoding.data_steps import DataSteps
from carlemanc.block_encoding.leaf_choice import choose_parts, price_coloring, price_leaves
from carlemanc.block_encoding.split_step import SplitStep, degrees_of
from carlemanc.block_encoding.table.amplitude_table import AmplitudeTable, amplitude_table
from carlemanc.block_encoding.table.slot_step import SlotStep
from carlemanc.block_encoding.table.slot_table import build_slot_table
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.price import price_of
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from tests.block_encoding.blocks import choose_leaves
from tests.block_encoding.systems import history, random_tensor
from tests.block_encoding.test_parts import lifted
from tests.bloqs.checks import action, check_action, check_counts, columns_of
from tests.reference import tensor

DEGREES = {
    "amplitudes alone": ((), (1, 2)),
    "mixed": ((1,), (2,)),
    "mixed the other way": ((2,), (1,)),
    "three": ((1, 3), (2,)),
    "one degree": ((), (2,)),
}


def split_step(name, n=2, seed=7, is_controlled=False):
    colored, amplitudes = DEGREES[name]
    rng, m = np.random.default_rng(seed), (n - 1).bit_length()
    tensors = {d: random_tensor(rng, n, d, density=0.5, scale=1.0) for d in (*colored, *amplitudes)}
    parts = [build_slot_table([tensors], colored, m)] if colored else []
    parts += [amplitude_table(tensors[d], m, Loading()) for d in amplitudes]
    slots = max(tensors)
    step = SplitStep(
        parts=tuple(parts), slots=slots, level_bits=slots - 1, stride=1, is_controlled=is_controlled
    )
    return tensors, step


@pytest.mark.parametrize("name", DEGREES)
def test_split_step_contracts_a_full_tuple(name):
    tensors, bloq = split_step(name)
    assert bloq.alpha == pytest.approx(sum(bloq.degree_weights.values()))
    assert sorted(bloq.degree_weights) == sorted(tensors)
    slots, n = bloq.slots, 2
    for level in range(1, slots + 1):
        for values in itertools.product(range(n), repeat=level):
            code = (1 << (level - 1)) - 1
            column = sum(v << i for i, v in enumerate(values)) | code << slots
            found = bloq.alpha * action(bloq, ["slots", "level"], [column])[:, 0]
            expected = np.zeros(len(found))
            for degree, t in tensors.items():
                if degree > level:
                    continue
                for row, columns, value in zip(t.rows, t.cols, t.vals, strict=True):
                    if tuple(columns) == values[:degree]:
                        after = [int(row), *values[degree:]]
                        lower = (1 << (level - degree)) - 1
                        expected[sum(v << i for i, v in enumerate(after)) | lower << slots] += value
            found[[x for x in range(len(found)) if not lifted(x, n, slots)]] = 0
            assert np.abs(found - expected).max() < 1e-12


@pytest.mark.parametrize("name", DEGREES)
def test_split_step_counts(name):
    check_counts(split_step(name)[1])
    step = split_step(name, n=4, is_controlled=True)[1]
    counts = count(step)
    assert (counts.toffoli, counts.rotation_count) == tuple(price_of(step))


@pytest.mark.parametrize("name", ["amplitudes alone", "mixed"])
def test_split_step_is_unitary_in_all_variants(name):
    """On random states with every ancilla dirty: U^dagger U = 1, control 0 the identity, control 1 U itself."""
    bloq = split_step(name)[1]
    names = [r.name for r in bloq.signature]
    columns = np.random.default_rng(0).choice(1 << bloq.signature.n_qubits(), 12, replace=False).tolist()
    size = 1 << bloq.signature.n_qubits()
    plain = action(bloq, names, columns)
    assert np.abs(plain.T @ plain - np.eye(12)).max() < 1e-12
    controlled = action(bloq.controlled(), [*names, "ctrl"], [*columns, *(c | size for c in columns)])
    assert np.abs(controlled[size:, 12:] - plain).max() < 1e-12
    assert np.abs(controlled[columns, range(12)] - 1).max() < 1e-12


def test_small_split_step_is_its_matrix_in_all_variants():
    t = tensor(2, 1, {(0, 0): 0.4, (0, 1): -0.3, (1, 1): 0.2})
    bloq = SplitStep(parts=(amplitude_table(t, 1, Loading()),), slots=1, level_bits=0, stride=1)
    matrix = action(bloq)
    assert np.abs(matrix.T @ matrix - np.eye(len(matrix))).max() < 1e-12
    check_action(bloq, matrix, [r.name for r in bloq.signature])


def test_a_row_dense_degree_takes_amplitudes_and_a_diagonal_one_colors():
    rng = np.random.default_rng(1)
    tensors = {
        1: tensor(32, 1, {(i, i): 0.9 + 0.001 * i for i in range(32)}),
        2: random_tensor(rng, 32, 2, density=0.5, scale=1.0),
    }
    loading = Loading()
    choices = {degree: price_leaves(t, 5, loading) for degree, t in tensors.items()}
    parts = choose_parts(tensors, choices, (1, 2), 5)
    assert [degrees_of(part) for part in parts if isinstance(part, AmplitudeTable)] == [[2]]
    for degree, choice in choices.items():
        assert choice.amplitude.alpha == pytest.approx(tensors[degree].norm2_bound)
    # the smallest of all four products of summed alpha and summed T
    pairs = {
        d: [(c.coloring.alpha, c.coloring.t_count), (c.amplitude.alpha, c.amplitude_t)]
        for d, c in choices.items()
    }
    products = [(a[0] + b[0]) * (a[1] + b[1]) for a in pairs[1] for b in pairs[2]]
    chosen = (pairs[1][0][0] + pairs[2][1][0]) * (pairs[1][0][1] + pairs[2][1][1])
    assert chosen == min(products)


def test_the_coloring_price_is_its_own_sum_and_bounds_the_real_step():
    t = random_tensor(np.random.default_rng(4), 32, 2, density=0.1, scale=1.0)
    loading = Loading()
    price = price_coloring(t, 5, loading)
    table = build_slot_table([{2: t}], [2], 5)
    assert price.colors == table.blocks[0].colors
    assert table.alpha <= price.alpha * (1 + 1e-12)
    step = SlotStep(table=table, slots=2, level_bits=1, stride=1, loading=loading, is_controlled=True)
    real = price_of(step).t_count(loading)
    assert 0.5 * price.t_count < real < 1.3 * price.t_count


def test_a_small_map_is_one_colored_table():
    tensors = {1: tensor(2, 1, {(0, 0): 0.9, (1, 1): 0.9}), 3: tensor(2, 3, {(0, 0, 0, 0): -0.1})}
    step = DataSteps([tensors], 1, None, 0.0).step((1, 3), slots=3, level_bits=1, stride=2)
    assert isinstance(step, SlotStep)
    assert step.loading is None


def test_a_dense_map_is_split():
    rng = np.random.default_rng(2)
    tensors = {
        1: random_tensor(rng, 16, 1, density=0.9, scale=0.1),
        2: random_tensor(rng, 16, 2, density=0.9, scale=1),
    }
    maker = DataSteps([tensors], 4, None, 0.0)
    step = maker.step((1, 2), slots=2, level_bits=1, stride=1)
    whole = SlotStep(
        table=build_slot_table([tensors], [1, 2], 4), slots=2, level_bits=1, stride=1, is_controlled=True
    )
    assert isinstance(step, SplitStep)
    loading = Loading()
    assert step.alpha * price_of(step).t_count(loading) < whole.alpha * price_of(whole).t_count(loading)


@pytest.mark.parametrize("padding", [0, 1])
def test_a_history_of_split_steps_is_its_matrix(padding, monkeypatch):
    """Degree 2 by amplitudes, degree 1 by colors, whatever they cost: every column of L, junk columns included."""
    choose_leaves(monkeypatch, lambda degree: "amplitude" if degree == 2 else "coloring")
    rng = np.random.default_rng(5)
    linear = {(i, j): 0.3 * rng.normal() for i in range(3) for j in range(3)}
    quadratic = {(k, i, j): 0.3 * rng.normal() for k, i, j in [(0, 0, 0), (0, 0, 2), (0, 1, 1), (2, 0, 2)]}
    system = history(
        {1: tensor(3, 1, linear), 2: tensor(3, 2, quadratic)}, n=3, order=2, steps=1, padding=padding
    )
    encoding = encode(system, loading=Loading(ancilla_budget=20))
    assert isinstance(encoding.slot_steps[0], SplitStep)
    matrix = system.matrix().toarray()
    found = encoding.alpha * columns_of(emit(encoding), "system", list(range(len(matrix))))
    assert np.abs(found - matrix).max() < 1e-9 * encoding.alpha
    assert encoding.epsilon < 1e-9
