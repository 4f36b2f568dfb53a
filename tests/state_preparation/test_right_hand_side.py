"""The prepared state against b / ||b||, all variants, over the systems of the block-encoding tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.bloqs.amplitudes.point_loader import load_point
from carlemanc.bloqs.amplitudes.shaped_amplitudes import ShapedAmplitudes
from carlemanc.bloqs.amplitudes.uniform_amplitudes import UniformAmplitudes
from carlemanc.bloqs.lookups.counted_only import is_counted_only
from carlemanc.core.errors import InputError
from carlemanc.model.weights import NormalWeights, Weights, point_norm, point_size
from carlemanc.programs.bloq_counts import count
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate
from carlemanc.state_preparation import prepare
from tests.block_encoding.systems import (
    GRID,
    SCHEDULES,
    SPECIAL,
    corrected,
    grid_system,
    history,
    random_history,
    scheduled_history,
)
from tests.bloqs.checks import action, check_counts
from tests.reference import tensor


def prepared(bloq):
    """The state the bloq makes of |0>; all its other wires must be |0>."""
    state = simulate(emit(bloq))
    assert state.norm() == pytest.approx(1, abs=1e-12)
    indices, amplitudes = state.register_amplitudes("system")
    vector = np.zeros(1 << bloq.system_bitsize, dtype=complex)
    vector[indices.astype(int)] = amplitudes
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-12)
    return vector


def check_state(system):
    bloq = prepare(system)
    rhs = system.rhs()
    assert np.abs(prepared(bloq) - rhs / np.linalg.norm(rhs)).max() < 1e-12
    return bloq


@pytest.mark.parametrize("case", GRID, ids=str)
def test_state_over_the_grid(case):
    check_state(grid_system(*case))


@pytest.mark.parametrize("name", SPECIAL)
def test_state_of_special_structure(name):
    check_state(history(**SPECIAL[name]))


@pytest.mark.parametrize("corrections", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_truncated_corrections_have_sources_on_few_levels(n, corrections):
    """c_j is of order eta^j: kept for j <= p."""
    whole = random_history(7, n=n, q=2, order=3, steps=2, driven=True)
    check_counts(check_state(corrected(whole, corrections)))
    scheduled = scheduled_history(5, n=n, degrees=(0, 1, 2), order=3, schedule=(0, 1, 0), padding=1)
    check_counts(check_state(corrected(scheduled, corrections)))


SOURCE = {0: tensor(4, 0, {(1,): 0.5, (3,): -0.3}), 2: tensor(4, 2, {(0, 1, 2): 0.3})}
STARTS = {
    "u_in = 0, driven": (SOURCE, [0, 0, 0, 0], 3),
    "sparse u_in": (SOURCE, [0, 0.3, 0, -0.1], 3),
    "sparse u_in, no source": ({2: SOURCE[2]}, [0, 0.3, 0, -0.1], 2),
    "one entry": ({2: SOURCE[2]}, [0, 0, -0.4, 0], 2),
    "one entry, driven": (SOURCE, [0, 0, -0.4, 0], 2),
    "tiny u_in": (SOURCE, [1e-9, 0, 0, 2e-9], 1),
    "large u_in": (SOURCE, [30.0, -20, 10, 5], 1),
    "driven, no step": (SOURCE, [0.1, 0.2, 0, 0], 0),
}


@pytest.mark.parametrize("name", STARTS)
def test_starts(name):
    tensors, u_in, steps = STARTS[name]
    bloq = check_state(history(tensors, n=4, order=2, steps=steps, padding=1, u_in=np.array(u_in)))
    check_counts(bloq)


@pytest.mark.parametrize("u_in", [[-0.4], [0.4]])
@pytest.mark.parametrize("source", [-0.3, 0.3, None])
def test_one_weight_keeps_its_signs(u_in, source):
    tensors = {2: tensor(1, 2, {(0, 0, 0): 0.3})}
    if source is not None:
        tensors[0] = tensor(1, 0, {(0,): source})
    for order in (1, 2, 3):
        bloq = check_state(history(tensors, n=1, order=order, steps=2, u_in=np.array(u_in)))
        check_counts(bloq)
        check_variants(bloq)


def check_variants(bloq):
    """Adjoint and controlled forms: the same unitary, the identity where the control is 0."""
    matrix = action(bloq, ["system"])
    assert np.abs(matrix.T @ matrix - np.eye(len(matrix))).max() < 1e-12
    assert np.abs(action(bloq.adjoint(), ["system"]) - matrix.T).max() < 1e-12
    half = len(matrix)
    controlled = action(bloq.controlled(), ["system", "ctrl"])
    assert np.abs(controlled[:half, :half] - np.eye(half)).max() < 1e-12
    assert np.abs(controlled[half:, half] - matrix[:, 0]).max() < 1e-12
    assert np.abs(controlled.T @ controlled - np.eye(2 * half)).max() < 1e-12
    for back in (bloq.controlled().adjoint(), bloq.adjoint().controlled()):
        assert np.abs(action(back, ["system", "ctrl"]) - controlled.T).max() < 1e-12


@pytest.mark.parametrize("case", [case for case in GRID if grid_system(*case).layout.width <= 7], ids=str)
def test_variants_over_the_grid(case):
    bloq = prepare(grid_system(*case))
    check_variants(bloq)
    check_counts(bloq)


def test_variants_with_sparse_loaders():
    check_variants(prepare(history(SOURCE, n=4, order=2, steps=2, u_in=np.array([0, 0.3, 0, -0.1]))))


RANDOM = st.builds(
    random_history,
    seed=st.integers(0, 2**31),
    n=st.integers(1, 6),
    q=st.just(3),
    order=st.integers(1, 3),
    steps=st.integers(0, 6),
    padding=st.integers(0, 2),
    driven=st.booleans(),
    gamma=st.floats(0.2, 4.0),
    odd=st.booleans(),
)


@settings(deadline=None, max_examples=25)
@given(RANDOM)
def test_random_states(system):
    check_state(system)


def test_nothing_to_prepare_is_refused():
    with pytest.raises(InputError, match="theta never moves"):
        prepare(history({2: SOURCE[2]}, n=4, order=2, steps=3, u_in=np.zeros(4)))
    with pytest.raises(InputError, match="theta never moves"):
        prepare(history(SOURCE, n=4, order=2, steps=0, u_in=np.zeros(4)))


def test_cost_grows_with_the_bits_of_time_only():
    counts = [
        count(prepare(history(SOURCE, n=4, order=2, steps=steps, u_in=np.array([0, 0.3, 0, -0.1]))))
        for steps in (2**10 - 1, 2**20 - 1)
    ]
    assert counts[1].rotation_count - counts[0].rotation_count <= 40
    assert counts[1].toffoli - counts[0].toffoli <= 30


@pytest.mark.parametrize("case", SCHEDULES, ids=str)
def test_scheduled_sources(case):
    n, degrees, order, schedule, padding = case
    system = scheduled_history(3, n=n, degrees=degrees, order=order, schedule=schedule, padding=padding)
    bloq = check_state(system)
    check_counts(bloq)
    check_variants(bloq)


@pytest.mark.parametrize(
    ("size", "count", "sign"), [(3, 8, 1), (3, 5, -1), (2, 3, 1), (1, 1, -1), (3, 8, -1)]
)
def test_uniform_amplitudes(size, count, sign):
    bloq = UniformAmplitudes(size, count, sign)
    check_counts(bloq)
    wanted = np.where(np.arange(1 << size) < count, sign / np.sqrt(count), 0.0)
    assert np.abs(action(bloq, ["target"], [0])[:, 0] - wanted).max() < 1e-14
    whole = action(bloq.controlled())
    assert np.abs(whole @ whole.T - np.eye(len(whole))).max() < 1e-13


def test_points_are_loaded_in_any_form():
    sparse = Weights.sparse(1 << 27, {0: 0.3, 5: -0.4})
    found = load_point(sparse, 27, 0.0)
    assert found.length == pytest.approx(0.5)
    assert found.loader.support == (0, 5)
    dense = load_point(np.array([0.0, 3.0, 0.0, 4.0]), 2, 0.0)
    assert dense.length == pytest.approx(5.0)
    assert load_point(Weights.constant(6, -2.0), 3, 0.0).loader == UniformAmplitudes(3, 6, -1)
    assert load_point(Weights.constant(6), 3, 0.0).length == 0


@pytest.mark.parametrize(
    "point",
    [
        NormalWeights(n=1 << 25, deviation=0.1, seed=0),
        Weights.sparse(1 << 20, {3: 1.0}, fill=0.5),
        np.ones(1 << 17),
    ],
    ids=["normal", "uniform but for a site", "dense"],
)
def test_a_list_of_many_amplitudes_is_priced_by_lookup_and_not_emitted(point):
    loaded = load_point(point, 27, 0.0)
    assert isinstance(loaded.loader, ShapedAmplitudes)
    assert loaded.length == pytest.approx(point_norm(point))
    counted = count(loaded.loader)
    assert point_size(point) <= counted.toffoli <= 2.2 * point_size(point) + 27 * 40
    assert is_counted_only(loaded.loader)
    with pytest.raises(InputError, match="priced by lookup"):
        emit(loaded.loader)
