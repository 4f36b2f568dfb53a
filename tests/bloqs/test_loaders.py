"""Sparse loaders: merging and alias sampling against the vector, as unitaries, and by price."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.bloqs.amplitudes.merged_amplitudes import MergedAmplitudes
from carlemanc.bloqs.amplitudes.point_loader import LARGEST_MERGED, in_place_loader
from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.price import price_of
from carlemanc.programs.bloq_counts import count
from tests.bloqs.checks import action, check_counts

STATES = {
    "no bit": (0, [0], [2.0]),
    "one entry": (3, [5], [-2.0]),
    "negative first": (2, [0, 3], [-1.0, 2.0]),
    "two far apart": (5, [3, 28], [0.6, -0.8]),
    "five": (4, [1, 2, 7, 8, 15], [1.0, -2.0, 0.5, 3.0, -1.0]),
    "all": (3, list(range(8)), [1.0, -2.0, 0.5, 3.0, -1.0, 0.1, 2.0, 1.5]),
}


def _state(size: int, support: list[int], values: list[float]) -> np.ndarray:
    state = np.zeros(1 << size)
    state[support] = np.array(values) / np.linalg.norm(values)
    return state


@pytest.mark.parametrize("name", STATES)
def test_merged_amplitudes(name: str) -> None:
    """The first column is the state; the rest is whatever, but unitary and the same in every variant."""
    size, support, values = STATES[name]
    bloq = MergedAmplitudes(size, support, values)
    check_counts(bloq)
    if not size:
        return
    matrix, expected = action(bloq, ["target"]), _state(size, support, values)
    assert np.abs(matrix[:, 0] - expected).max() < 1e-14
    assert np.abs(matrix.T @ matrix - np.eye(1 << size)).max() < 1e-13
    assert np.abs(action(bloq.adjoint(), ["target"]) - matrix.T).max() < 1e-13
    controlled, half = action(bloq.controlled(), ["target", "ctrl"]), 1 << size
    assert np.abs(controlled[:half, :half] - np.eye(half)).max() < 1e-14
    assert np.abs(controlled[half:, half] - expected).max() < 1e-14
    assert not controlled[half:, :half].any()
    assert np.abs(controlled.T @ controlled - np.eye(2 * half)).max() < 1e-13
    assert np.abs(action(bloq.controlled().adjoint(), ["target", "ctrl"]) - controlled.T).max() < 1e-13


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_any_merged_amplitudes(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 7))
    support = sorted(data.draw(st.sets(st.integers(0, (1 << size) - 1), min_size=1, max_size=12)))
    values = [data.draw(st.sampled_from([-2.0, -1.0, 0.5, 3.0])) for _ in support]
    bloq, expected = MergedAmplitudes(size, support, values), _state(size, support, values)
    assert np.abs(action(bloq, ["target"], [0])[:, 0] - expected).max() < 1e-13
    controlled = action(bloq.controlled(), ["target", "ctrl"], [0, 1, 1 << size])
    assert np.abs(controlled[1 << size :, 2] - expected).max() < 1e-13
    assert controlled[0, 0] == pytest.approx(1)
    assert controlled[1, 1] == pytest.approx(1)
    assert count(bloq).rotation_count <= 2 * (len(support) - 1)


def test_few_controls_tell_a_pair_of_a_scattered_support_from_the_rest() -> None:
    rng = np.random.default_rng(1)
    support = sorted(rng.choice(1 << 20, 33, replace=False).tolist())
    bloq = MergedAmplitudes(20, support, rng.normal(size=33))
    assert count(bloq).toffoli < 33 * 5


@pytest.mark.parametrize("is_controlled", [False, True])
@pytest.mark.parametrize(("size", "number"), [(3, 8), (8, 9), (12, 17), (20, 33)])
def test_the_cheapest_loader_is_chosen(size: int, number: int, is_controlled: bool) -> None:
    rng = np.random.default_rng(3)
    support = sorted(rng.choice(1 << size, number, replace=False).tolist())
    values = rng.normal(size=number).tolist()
    every = [loader(size, support, values) for loader in (SparseAmplitudes, MergedAmplitudes)]
    prices = [price_of(loader.controlled() if is_controlled else loader) for loader in every]
    chosen = in_place_loader(size, support, values, is_controlled=is_controlled)
    own = price_of(chosen.controlled() if is_controlled else chosen)
    cheapest = min(price.t_count(Loading()) for price in prices)
    assert own.t_count(Loading()) == cheapest
    assert list(chosen.support) == support


def test_a_scattered_support_is_merged_and_a_full_one_is_not() -> None:
    scattered = [3, 500, 70_000, 70_001, 300_000, 524_287, 999_999, 123_456, 654_321]
    assert isinstance(
        in_place_loader(20, sorted(scattered), range(1, 10), is_controlled=True), MergedAmplitudes
    )
    assert isinstance(in_place_loader(3, range(8), range(1, 9)), SparseAmplitudes)
    large = range(0, 4 * (LARGEST_MERGED + 1), 4)
    assert isinstance(in_place_loader(11, large, np.ones(len(large))), SparseAmplitudes)
