"""The block of the history encoding against L / alpha, column by column, junk columns included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.block_encoding import encode, step_forms
from carlemanc.carleman import CarlemanSystem
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_state import simulate
from tests.block_encoding.blocks import as_dictionary, chebyshev, check_unitary, random_superposition
from tests.block_encoding.systems import (
    GRID,
    SCHEDULES,
    SPECIAL,
    dense_history,
    grid_system,
    history,
    random_history,
    scheduled_history,
)
from tests.bloqs.checks import action, check_action, check_counts, columns_of
from tests.one_map import uniform_history
from tests.reference import polynomial_map, tensor

TOLERANCE = 1e-12


def all_or_some(size, limit, seed=0):
    """Every column, or `limit` random ones of a large block."""
    if size <= limit:
        return list(range(size))
    return sorted(np.random.default_rng(seed).choice(size, size=limit, replace=False).tolist())


def check_block(system, limit=512, **changes):
    """All columns of <0|U|0> equal those of L / alpha."""
    encoding = evolve(encode(system), **changes)
    program = emit(encoding)
    size = 1 << system.layout.width
    assert encoding.system_bitsize == system.layout.width == len(program.registers["system"])
    assert encoding.ancilla_bitsize == len(program.registers["ancilla"])
    columns = all_or_some(size, limit)
    found = encoding.alpha * columns_of(program, "system", columns)
    expected = system.matrix()[:, columns].toarray()
    assert np.abs(found - expected).max() < TOLERANCE * encoding.alpha
    return encoding


def sparse_source():
    """F_0 with two entries out of four: its loader meets slots that are not empty, under a flag."""
    tensors = {0: tensor(4, 0, {(1,): 0.5, (3,): -0.3}), 2: tensor(4, 2, {(0, 1, 2): 0.3, (2, 3, 3): 0.1})}
    return history(tensors, n=4, order=2, steps=1)


def step_norm(system):
    """||B||_2, exact."""
    return np.linalg.norm(system.carleman.to_sparse().toarray(), 2)


@pytest.mark.parametrize("case", GRID, ids=str)
def test_every_column(case):
    system = grid_system(*case)
    encoding = check_block(system)
    assert encoding.alpha_step >= step_norm(system) - 1e-12
    if system.layout.width <= 9:  # the reference itself, from Kronecker products
        assert np.abs(dense_history(system) - system.matrix().toarray()).max() < 1e-14


@pytest.mark.parametrize("case", [case for case in GRID if case[0] < 4 and case[2] < 4], ids=str)
def test_counts_are_those_of_the_emitted_circuit(case):
    check_counts(encode(grid_system(*case), eps=1e-6))


@pytest.mark.parametrize("name", SPECIAL)
def test_special_structure(name):
    system = history(**SPECIAL[name])
    encoding = check_block(system, limit=256)
    assert encoding.alpha_step >= step_norm(system) - 1e-12
    if system.layout.width <= 9:
        assert np.abs(dense_history(system) - system.matrix().toarray()).max() < 1e-14


@pytest.mark.parametrize("name", SPECIAL)
def test_special_structure_counts(name):
    check_counts(encode(history(**SPECIAL[name])))


def test_entries_that_cancel_leave_a_smaller_encoding():
    """F_1 = -I and a coefficient added up to zero leave nothing to load."""
    doubled = SparseTensor.build(
        n=2, degree=2, rows=[0, 0, 1], cols=[[0, 1], [1, 0], [1, 1]], vals=[0.5, -0.5, 0.3]
    )
    canceled = history({1: tensor(2, 1, {(0, 0): -1.0, (1, 1): -1.0}), 2: doubled}, n=2, order=2, steps=1)
    encoding = check_block(canceled)
    assert encoding.slot_steps[0].table.selector_bits == 1  # one color and the fail index of the empty row


def test_a_step_without_any_tensor():
    """F_1 = -I alone: B = 0, theta jumps to the center."""
    check_block(history({1: tensor(2, 1, {(0, 0): -1.0, (1, 1): -1.0})}, n=2, order=1, steps=2, padding=1))


UNITARY = [
    (1, 2, 3, 2, 2, True, 1.3, False),
    (2, 2, 2, 2, 1, False, 0.9, False),
    (2, 2, 2, 1, 1, True, 1.0, False),
    (2, 3, 3, 1, 0, False, 1.0, True),
    (3, 1, 1, 2, 2, True, 1.0, False),
    (3, 2, 2, 1, 0, False, 1.0, False),
]


@pytest.mark.parametrize("case", UNITARY, ids=str)
def test_adjoint_and_controlled_blocks(case):
    system = grid_system(*case)
    encoding = encode(system)
    matrix = system.matrix().toarray()
    columns = list(range(len(matrix)))
    back = encoding.alpha * columns_of(emit(encoding.adjoint()), "system", columns)
    assert np.abs(back - matrix.T).max() < TOLERANCE * encoding.alpha
    for bloq, wanted in (
        (encoding.controlled(), matrix),
        (encoding.controlled().adjoint(), matrix.T),
        (encoding.adjoint().controlled(), matrix.T),
    ):
        program = emit(bloq)
        both = (*program.registers["system"], *program.registers["ctrl"])
        program = Program(
            width=program.width,
            registers={"both": both, "ancilla": program.registers["ancilla"]},
            codes=program.codes,
            wires=program.wires,
            angles=program.angles,
        )
        found = columns_of(program, "both", list(range(2 * len(matrix))))
        size = len(matrix)
        assert np.abs(found[:size, :size] - np.eye(size)).max() < TOLERANCE
        assert np.abs(encoding.alpha * found[size:, size:] - wanted).max() < TOLERANCE * encoding.alpha
        assert not found[size:, :size].any()
        assert not found[:size, size:].any()


@pytest.mark.parametrize("case", UNITARY, ids=str)
def test_unitary_on_states_with_flags_up(case):
    """On random superpositions of system and ancilla U keeps the norm and U^dagger U = U U^dagger = 1."""
    check_unitary(encode(grid_system(*case)))


def test_unitary_with_a_sparse_source():
    check_unitary(encode(sparse_source()))


@pytest.mark.parametrize("case", UNITARY, ids=str)
def test_control_off_is_the_identity_on_everything(case):
    program = emit(encode(grid_system(*case)).controlled())
    start = random_superposition(program, ["system", "ancilla"], 6)
    end = as_dictionary(simulate(program, start))
    assert max(abs(end.get(key, 0) - start.get(key, 0)) for key in {*end, *start}) < TOLERANCE


@pytest.mark.parametrize("case", UNITARY, ids=str)
def test_control_on_is_the_encoding_on_everything(case):
    encoding = encode(grid_system(*case))
    plain, controlled = emit(encoding), emit(encoding.controlled())
    names = ["system", "ancilla"]
    here = [wire for name in names for wire in plain.registers[name]]
    there = [wire for name in names for wire in controlled.registers[name]]
    moved = dict(zip(here, there, strict=True))
    start = random_superposition(plain, names, 4, seed=3)
    wanted = as_dictionary(simulate(plain, start))
    (ctrl,) = controlled.registers["ctrl"]

    def move(state):
        return {sum(1 << moved[w] for w in here if key >> w & 1) | 1 << ctrl: a for key, a in state.items()}

    found = as_dictionary(simulate(controlled, move(start)))
    wanted = move(wanted)
    assert max(abs(found.get(key, 0) - wanted.get(key, 0)) for key in {*found, *wanted}) < TOLERANCE


@pytest.mark.parametrize(
    "case",
    [
        (1, 2, 3, 2, 2, True, 1.3, False),
        (2, 2, 2, 1, 1, True, 1.0, False),
        (2, 2, 2, 2, 1, False, 0.9, False),
        (2, 3, 3, 1, 0, False, 1.0, True),
        (3, 2, 2, 1, 0, False, 1.0, False),
    ],
    ids=str,
)
def test_third_chebyshev_polynomial_by_reflections(case):
    """The flags must survive the second call: T_3(L/alpha) = 4 A A^T A - 3 A, which a dirty work bit breaks."""
    check_chebyshev(grid_system(*case))


def test_third_chebyshev_polynomial_with_a_sparse_source():
    check_chebyshev(sparse_source())


def check_chebyshev(system):
    encoding = encode(system)
    program = chebyshev(emit(encoding), emit(encoding.adjoint()), 3)
    matrix = system.matrix().toarray() / encoding.alpha
    columns = all_or_some(len(matrix), 12)
    found = columns_of(program, "system", columns, amplitudes=30_000)
    expected = 4 * matrix @ matrix.T @ matrix - 3 * matrix
    assert np.abs(found - expected[:, columns]).max() < TOLERANCE


RANDOM = st.builds(
    random_history,
    seed=st.integers(0, 2**31),
    n=st.integers(1, 3),
    q=st.integers(1, 3),
    order=st.integers(1, 3),
    steps=st.integers(1, 3),
    padding=st.integers(0, 2),
    driven=st.booleans(),
    gamma=st.sampled_from([0.5, 1.0, 1.7]),
    density=st.sampled_from([0.1, 0.5, 1.0]),
    odd=st.booleans(),
)
LARGER = st.builds(
    lambda n, order, **others: random_history(n=n, order=min(order, 3) if n > 2 else order, **others),
    seed=st.integers(0, 2**31),
    n=st.integers(1, 5),
    q=st.integers(1, 4),
    order=st.integers(1, 4),
    steps=st.integers(0, 5),
    padding=st.integers(0, 3),
    driven=st.booleans(),
    gamma=st.floats(0.3, 3.0),
    density=st.floats(0.02, 1.0),
    odd=st.booleans(),
)


@settings(deadline=None, max_examples=25)
@given(RANDOM)
def test_random_systems(system):
    check_block(system, limit=24)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(LARGER)
def test_many_random_systems(system):
    check_block(system, limit=48)


def test_alpha_of_the_lattice_is_the_product_of_the_trimmed_slot_alphas():
    """alpha_B = max_j prod_{i <= j} sum_{l <= N-i+1} alpha_l gamma^(l-1); alpha_l = sum |entries| here."""
    system = history(**SPECIAL["lattice"])
    linear, cubic = 0.8 + 0.2, 0.1 * 0.8**2
    assert encode(system).alpha_step == pytest.approx(
        max(linear + cubic, (linear + cubic) * linear**2), rel=1e-9
    )


# alpha_B of the lattice of THEORY 7.3 with all levels kept: built, by level shift (a), product form
PUBLISHED = {
    2: (0.980, 0.980, None),
    3: (1.010, 1.010, None),
    4: (1.020, 1.039, None),
    5: (1.030, 1.066, 2.304),
}


@pytest.mark.parametrize("order", PUBLISHED)
def test_step_forms_against_the_numbers_of_the_theory(order):
    linear = {(i, i): -0.1 for i in range(4)} | {(i, (i + d) % 4): 0.04 for i in range(4) for d in (1, 3)}
    tensors = {1: tensor(4, 1, linear), 3: tensor(4, 3, {(i, i, i, i): -0.03 for i in range(4)})}
    carleman = CarlemanSystem(
        map=polynomial_map(4, tensors),
        order=order,
        gamma=1.0,
        corrections=None,
        levels=tuple(range(1, order + 1)),
    )
    forms = step_forms(encode(uniform_history(carleman=carleman, steps=1, padding=0, u_in=np.ones(4))))
    found = (forms.trimmed_full_tuple, forms.level_shift, forms.product)
    for value, published in zip(found, PUBLISHED[order], strict=True):
        assert published is None or value == pytest.approx(published, abs=6e-4)


def scalar_system(linear, order=1, steps=3, quadratic=0.0):
    """u -> linear u + quadratic u^2."""
    tensors = {1: tensor(1, 1, {(0, 0): linear - 1})}
    if quadratic:
        tensors[2] = tensor(1, 2, {(0, 0, 0): quadratic})
    return history(tensors, n=1, order=order, steps=steps)


@pytest.mark.parametrize("is_one_sided", [False, True])
@pytest.mark.parametrize(
    "system",
    [scalar_system(0.9), scalar_system(0.3), scalar_system(1.4), scalar_system(0.8, 3, 2, -0.1)],
    ids=["near 1", "small", "large", "three levels"],
)
def test_either_pair_of_states_of_c(system, is_one_sided):
    encoding = check_block(system, is_one_sided=is_one_sided)
    check_counts(encoding)
    check_unitary(encoding)
    form = 2 * (1 + encoding.alpha_step**2) if is_one_sided else (1 + encoding.alpha_step) ** 2
    assert encoding.alpha == pytest.approx(math.sqrt(form), rel=1e-15)


def test_one_rotation_is_saved_where_alpha_hardly_grows():
    near, far = encode(scalar_system(0.9)), encode(scalar_system(0.02, 3, 2, -0.01))
    assert near.is_one_sided
    assert count(near).rotation_count == 1
    assert near.alpha == pytest.approx(1.9026, abs=1e-4)
    assert not far.is_one_sided
    assert far.alpha == 1 + far.alpha_step


def test_a_control_leaves_one_sided_states_at_rest():
    encoding = evolve(encode(scalar_system(0.9)), is_one_sided=True)
    registers = ["system", "ancilla"]
    check_action(encoding, action(encoding, registers), registers)


@pytest.mark.parametrize("is_one_sided", [False, True])
@pytest.mark.parametrize("when_off", [1.0, 0.3, 0.0])
def test_the_block_where_the_control_is_0(when_off, is_one_sided):
    system = scalar_system(0.9)
    encoding = evolve(encode(system), is_one_sided=is_one_sided).controlled_or(when_off)
    check_counts(encoding)
    size = 1 << encoding.system_bitsize
    rest = action(encoding, ["system", "ctrl", "ancilla"])[: 2 * size, : 2 * size]
    assert rest[:size, :size] == pytest.approx(when_off * np.eye(size), abs=1e-14)
    assert rest[size:, size:] == pytest.approx(system.matrix().toarray() / encoding.alpha, abs=1e-14)
    assert not rest[:size, size:].any()


def test_epsilon_adds_up_the_rotations():
    encoding = encode(grid_system(2, 2, 2, 1, 0, False, 1.0, False), eps=1e-5)
    rotations = len(emit(encoding).codes[np.isin(emit(encoding).codes, [8, 9])])
    assert encoding.rotation_count >= rotations
    assert encoding.epsilon == pytest.approx(encoding.alpha * 1e-5 * encoding.rotation_count)


def test_block_encoding_interface():
    system = grid_system(2, 2, 2, 1, 0, True, 1.0, False)
    encoding = encode(system)
    pair = encoding.alpha_step
    assert encoding.alpha == (math.sqrt(2 + 2 * pair**2) if encoding.is_one_sided else 1 + pair)
    assert encoding.resource_bitsize == 0
    assert encoding.signal_state is not None
    assert [r.name for r in encoding.signature] == ["system", "ancilla"]
    assert math.isclose(encoding.epsilon, 0.0)


@pytest.mark.parametrize("order", [9, 12])
def test_high_order_with_sources(order):
    """The pattern check is a count of ones: no limit on the order."""
    tensors = {0: tensor(1, 0, {(0,): 0.01}), 2: tensor(1, 2, {(0, 0, 0): 0.1})}
    check_block(history(tensors, n=1, order=order, steps=1), limit=24)
    assert count(encode(history(tensors, n=1, order=order, steps=1))).toffoli < 25 * order


def scheduled(case):
    n, degrees, order, schedule, padding = case
    return scheduled_history(n + order, n=n, degrees=degrees, order=order, schedule=schedule, padding=padding)


@pytest.mark.parametrize("case", SCHEDULES, ids=str)
def test_scheduled_maps(case):
    """Maps that change from step to step: every column, counts in all variants, unitarity, the adjoint block."""
    system = scheduled(case)
    encoding = encode(system)
    columns = list(range(1 << system.layout.width))
    matrix = system.matrix().toarray()
    found = encoding.alpha * columns_of(emit(encoding), "system", columns)
    assert np.abs(found - matrix).max() < TOLERANCE * encoding.alpha
    back = encoding.alpha * columns_of(emit(encoding.adjoint()), "system", columns)
    assert np.abs(back - matrix.T).max() < TOLERANCE * encoding.alpha
    assert (
        encoding.alpha_step >= max(np.linalg.norm(s.to_sparse().toarray(), 2) for s in system.systems) - 1e-12
    )
    check_counts(encoding)
    check_unitary(encoding)


@pytest.mark.parametrize("case", SCHEDULES[:3], ids=str)
def test_third_chebyshev_polynomial_of_scheduled_maps(case):
    check_chebyshev(scheduled(case))
