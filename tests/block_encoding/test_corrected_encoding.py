"""Truncated corrections: the block against L on every column, counts, the flags' second use, step and history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.block_encoding import encode, step_forms
from carlemanc.block_encoding.history.corrected_parts import CorrectedParts, FactorLimit
from carlemanc.block_encoding.split_step import SplitStep
from carlemanc.block_encoding.step_encoding import step_encoding, step_indices
from carlemanc.bloqs.loading import Loading
from carlemanc.linear_system.columns import HistoryColumns, register_state
from carlemanc.model.lattice.sites import Lattice
from carlemanc.programs.emitter import emit
from tests.block_encoding.blocks import chebyshev, check_unitary, choose_leaves
from tests.block_encoding.lattices import random_lattice_map
from tests.block_encoding.systems import STOP, corrected, history, random_history, scheduled_history
from tests.bloqs.checks import check_action, check_counts, columns_of
from tests.one_map import linearize, uniform_history
from tests.reference import tensor

TOLERANCE = 1e-11


def check_block(system, limit=512, leaf=None):
    """Columns of <0|U|0> equal those of L / alpha: of the matrix, and of the classical tuple sums."""
    encoding = encode(system, leaf=leaf)
    size = 1 << system.layout.width
    columns = list(range(size))
    if size > limit:
        columns = sorted(np.random.default_rng(0).choice(size, size=limit, replace=False).tolist())
    found = encoding.alpha * columns_of(emit(encoding), "system", columns)
    assert np.abs(found - system.matrix()[:, columns].toarray()).max() < TOLERANCE * encoding.alpha
    exact = HistoryColumns(system)
    for place in range(0, len(columns), max(1, len(columns) // 8)):
        wanted = np.zeros(size)
        for row, value in exact.column(register_state(system.layout, columns[place])).items():
            wanted[row] = value
        assert np.abs(found[:, place] - wanted).max() < TOLERANCE * encoding.alpha
    return encoding


CASES = [
    # n, q, N, T, padding, driven, gamma, odd, corrections
    (1, 2, 3, 2, 1, True, 1.3, False, 1),
    (1, 4, 4, 1, 0, True, 1.0, False, 3),
    (1, 5, 5, 1, 1, False, 0.9, True, 2),
    (2, 2, 2, 2, 1, False, 0.9, False, 1),
    (2, 2, 3, 1, 0, True, 1.0, False, 2),
    (2, 3, 3, 2, 0, False, 1.0, True, 1),
    (2, 3, 3, 1, 1, False, 1.0, True, 2),
    (3, 2, 2, 1, 1, True, 0.8, False, 1),
    (3, 2, 2, 1, 2, False, 1.0, False, 1),
]


def case_system(n, q, order, steps, padding, driven, gamma, odd, corrections):
    seed = n + 10 * q + 100 * order
    whole = random_history(
        seed, n=n, q=q, order=order, steps=steps, padding=padding, driven=driven, gamma=gamma, odd=odd
    )
    return corrected(whole, corrections)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_column(case):
    encoding = check_block(case_system(*case))
    assert isinstance(encoding.parts, CorrectedParts)


@pytest.mark.parametrize("case", CASES[::2], ids=str)
def test_counts_are_those_of_the_emitted_circuit(case):
    check_counts(encode(case_system(*case), eps=1e-6))


@pytest.mark.parametrize("case", [CASES[0], CASES[3], CASES[7]], ids=str)
def test_unitary_and_adjoint_and_third_chebyshev_polynomial(case):
    """The flags survive the second call: T_3(L/alpha) by reflections."""
    system = case_system(*case)
    encoding = encode(system)
    check_unitary(encoding)
    matrix = system.matrix().toarray() / encoding.alpha
    back = emit(encoding.adjoint())
    columns = sorted(np.random.default_rng(1).choice(len(matrix), size=6, replace=False).tolist())
    assert np.abs(columns_of(back, "system", columns) - matrix.T[:, columns]).max() < TOLERANCE
    found = columns_of(chebyshev(emit(encoding), back, 3), "system", columns, amplitudes=30_000)
    expected = 4 * matrix @ matrix.T @ matrix - 3 * matrix
    assert np.abs(found - expected[:, columns]).max() < TOLERANCE


@pytest.mark.parametrize("corrections", [2, 3, 7])
def test_as_many_corrections_as_the_order_are_the_exact_encoding(corrections):
    whole = random_history(3, n=2, q=2, order=2, steps=2, driven=True)
    assert encode(corrected(whole, corrections)) == encode(whole)


def test_alpha_is_that_of_i_and_f_apart():
    """alpha_B = prod_i (1 + alpha_F,i) (1 + alpha_0)^N; the product form would have the root of a sum of squares."""
    tensors = {
        0: tensor(1, 0, {(0,): 0.1}),
        1: tensor(1, 1, {(0, 0): -0.2}),
        2: tensor(1, 2, {(0, 0, 0): 0.05}),
    }
    whole = history(tensors, n=1, order=2, steps=1)
    encoding = encode(corrected(whole, 1))
    assert encoding.alpha_step == pytest.approx(1.25 * 1.2 * 1.1**2)
    assert encode(whole).alpha_step == pytest.approx(max(0.85, 0.85 * 0.8) * 1.1**2)
    forms = step_forms(encoding)
    assert forms.product == pytest.approx((1.35**2 + 1.35**4) ** 0.5)


@pytest.mark.parametrize(
    "tensors",
    [
        {2: tensor(2, 2, {(0, 0, 1): 0.5, (1, 0, 0): -0.2})},  # no F fits the last slot
        {3: tensor(2, 3, {(0, 1, 1, 1): -0.4})},
        {1: STOP, 2: tensor(2, 2, {(0, 0, 1): 0.5})},
        {0: tensor(2, 0, {(1,): -0.3}), 2: tensor(2, 2, {(0, 1, 1): 0.5})},
    ],
    ids=["quadratic", "cubic", "F_1 = -I", "driven quadratic"],
)
@pytest.mark.parametrize("corrections", [1, 2])
def test_special_structure(tensors, corrections):
    check_block(corrected(history(tensors, n=2, order=3, steps=1, padding=1), corrections), limit=96)


@pytest.mark.parametrize("corrections", [1, 2])
@pytest.mark.parametrize("degrees", [(1, 2), (0, 1, 2)])
def test_maps_that_change(degrees, corrections):
    whole = scheduled_history(5, n=2, degrees=degrees, order=3, schedule=(0, 1, 0), padding=1)
    system = corrected(whole, corrections)
    check_block(system, limit=96)
    check_counts(encode(system))


def test_parts_by_degree(monkeypatch):
    """Steps that load each degree of F in amplitudes: same block, to the rounding of the loaded angles."""
    choose_leaves(monkeypatch, lambda _: "amplitude")
    whole = random_history(9, n=3, q=2, order=2, steps=1, padding=1, driven=True, density=1.0)
    system = corrected(whole, 1)
    encoding = encode(system, loading=Loading(ancilla_budget=20))
    assert isinstance(encoding.parts, CorrectedParts)
    assert isinstance(encoding.slot_steps[0], SplitStep)
    columns = list(range(0, 1 << system.layout.width, 3))
    found = encoding.alpha * columns_of(emit(encoding), "system", columns)
    assert np.abs(found - system.matrix()[:, columns].toarray()).max() < 1e-9 * encoding.alpha
    check_counts(encoding)


LATTICES = [
    # dims, periodic, degrees, order, padding, corrections
    ((4,), True, (1, 3), 3, 1, 1),
    ((4,), True, (1, 3), 3, 0, 2),
    ((3,), False, (1, 2), 2, 0, 1),
    ((2, 2), True, (0, 1, 2), 2, 1, 1),
    ((2,), True, (2,), 3, 1, 2),
    ((3,), True, (0, 1, 3), 3, 0, 1),
]


@pytest.mark.parametrize("case", LATTICES, ids=str)
def test_stencils(case):
    dims, periodic, degrees, order, padding, corrections = case
    drawn = random_lattice_map(np.random.default_rng(2), Lattice(dims=dims, periodic=periodic), degrees)
    carleman = linearize(drawn, order=order, gamma=0.9, corrections=corrections)
    system = uniform_history(carleman=carleman, steps=2, padding=padding, u_in=np.ones(drawn.n))
    encoding = check_block(system, limit=64, leaf="stencil")
    assert encoding.leaf == "stencil"
    check_counts(encoding)


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(1, 3),
    q=st.integers(2, 3),
    order=st.integers(2, 3),
    steps=st.integers(1, 2),
    padding=st.integers(0, 2),
    driven=st.booleans(),
    density=st.sampled_from([0.1, 0.5, 1.0]),
    odd=st.booleans(),
    corrections=st.integers(1, 3),
    leaf=st.sampled_from([None, "stencil"]),
)
def test_random_systems(seed, n, q, order, steps, padding, driven, density, odd, corrections, leaf):
    if leaf is None:
        whole = random_history(
            seed, n=n, q=q, order=order, steps=steps, padding=padding, driven=driven, density=density, odd=odd
        )
        check_block(corrected(whole, corrections), limit=16)
        return
    degrees = (*((0,) if driven else ()), 1, *range(2 + odd, q + 1))
    drawn = random_lattice_map(np.random.default_rng(seed), Lattice(dims=(n,), periodic=odd), degrees)
    if drawn.lattice is None or not drawn.linear().nnz:
        return
    carleman = linearize(drawn, order=order, gamma=0.8, corrections=corrections)
    system = uniform_history(carleman=carleman, steps=steps, padding=padding, u_in=np.ones(drawn.n))
    check_block(system, limit=16, leaf="stencil" if len(system.levels) > 1 else None)


@pytest.mark.parametrize("case", [case for case in CASES if not case[5]] + CASES[:1] + CASES[4:5], ids=str)
def test_the_step_alone(case):
    system = case_system(*case)
    level_zero = case[5]
    encoding = step_encoding(system.carleman, level_zero=level_zero)
    size = 1 << encoding.system_bitsize
    found = encoding.alpha * columns_of(emit(encoding), "system", list(range(size)))
    packed = step_indices(system, level_zero=level_zero)
    step = system.carleman.to_sparse().toarray()
    if level_zero:
        source = system.carleman.source()[:, None]
        step = np.block([[np.ones((1, 1)), np.zeros((1, len(step)))], [source, step]])
    wanted = np.zeros((size, size))
    wanted[np.ix_(packed, packed)] = step
    assert np.abs(found - wanted).max() < TOLERANCE * encoding.alpha
    check_counts(encoding)


@pytest.mark.parametrize("most", [1, 2])
def test_the_limit_counts_occupied_choices_and_insertions(most):
    bloq = FactorLimit(owners=(-1, 0, 1), level_bits=2, inserts=2, most=most)
    bits = 1 + 3 + 2 + 2
    wanted = np.zeros((1 << bits, 1 << bits))
    for state in range(1 << bits):
        surplus, choice, level, insert = state & 1, state >> 1 & 7, state >> 4 & 3, state >> 6
        applied = [choice & 1, choice >> 1 & level, choice >> 2 & level >> 1, insert, insert >> 1]
        wanted[state ^ (sum(bit & 1 for bit in applied) > most), state] = 1
        assert surplus == state % 2
    check_action(bloq, wanted, ["surplus", "choice", "level", "insert"])
    check_counts(bloq)
