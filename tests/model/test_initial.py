"""Initial weights: each way to write them, and each way to get them wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from carlemanc.core.errors import InputError, TooLarge
from carlemanc.model.initial import initial_point
from carlemanc.model.weights import Weights


def test_each_form(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.array([1.0, 2.0, 3.0]))
    assert initial_point([0.5, -1, 2], 3, tmp_path).tolist() == [0.5, -1.0, 2.0]
    assert initial_point("w.npy", 3, tmp_path).tolist() == [1.0, 2.0, 3.0]
    assert initial_point({"sparse": {"0": 0.4, "2": -1}}, 3, tmp_path).tolist() == [0.4, 0.0, -1.0]
    expected = np.random.default_rng(7).normal(0, 0.1, 3)
    assert np.array_equal(initial_point({"normal": 0.1, "seed": 7}, 3, tmp_path), expected)
    assert np.array_equal(initial_point({"normal": 0.1}, 3, tmp_path, seed=7), expected)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1.0, 2.0], "2 numbers"),
        ([1.0, 2.0, float("nan")], "NaN"),
        ({"sparse": {"3": 1.0}}, "the index '3'"),
        ({"sparse": {"-1": 1.0}}, "the index '-1'"),
        ({"sparse": {"0": float("inf")}}, "infinity"),
        ({"uniform": 1.0}, "uniform"),
        ("absent.npy", "absent.npy"),
        ("w.txt", "w.txt"),
        ("two.npy", "2 numbers"),
        ("grid.npy", r"shape \(3, 1\)"),
        ("objects.npy", "pickle"),
        ("complex.npy", "complex"),
    ],
)
def test_faults(tmp_path: Path, value: object, message: str) -> None:
    np.save(tmp_path / "two.npy", np.zeros(2))
    np.save(tmp_path / "grid.npy", np.zeros((3, 1)))
    np.save(tmp_path / "objects.npy", np.array([None] * 3))
    np.save(tmp_path / "complex.npy", np.zeros(3, dtype=complex))
    with pytest.raises(InputError, match=message):
        initial_point(value, 3, tmp_path)


@pytest.mark.parametrize("value", [{"normal": 0.1}, [0.5]])
def test_more_weights_than_fit(value: object, tmp_path: Path) -> None:
    with pytest.raises(TooLarge, match="weights"):
        initial_point(value, 10**12, tmp_path)  # type: ignore[arg-type]


def test_a_few_weights_of_many_are_not_written_out(tmp_path: Path) -> None:
    found = initial_point({"sparse": {"7": 0.4}}, 10**12, tmp_path)
    assert isinstance(found, Weights)
    assert (found.fill, found.sites.tolist(), found.values.tolist()) == (0.0, [7], [0.4])
