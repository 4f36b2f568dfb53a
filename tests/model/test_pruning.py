"""Pruning: which weights survive, mask files, and maps cut to their survivors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from carlemanc.core.errors import InputError
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.pruning import checked_mask, largest_weights, load_mask, restrict


def test_largest_weights_survive_and_ties_go_to_the_first() -> None:
    weights = np.array([0.1, -3.0, 2.0, -2.0, 0.0])
    np.testing.assert_array_equal(largest_weights(weights, 0.4), [False, True, True, False, False])
    assert largest_weights(weights, 1e-9).sum() == 1
    assert largest_weights(weights, 1.0).all()
    for fraction in (0.0, -1.0, 1.5):
        with pytest.raises(InputError, match="sparsity"):
            largest_weights(weights, fraction)


@pytest.mark.parametrize("array", [[1, 0, 1], [True, False, True], [1.0, 0.0, 1.0]])
def test_mask_files(tmp_path: Path, array: list[float]) -> None:
    np.save(tmp_path / "mask.npy", np.array(array))
    np.testing.assert_array_equal(load_mask("mask.npy", tmp_path, 3), [True, False, True])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        ([1, 0], "shape"),
        ([1, 0, 2], "other values"),
        ([0, 0, 0], "no weight kept"),
        (["1", "0", "1"], "other"),
    ],
)
def test_faulty_masks(array: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked_mask(np.array(array), 3)


def test_files_that_are_no_mask(tmp_path: Path) -> None:
    (tmp_path / "broken.npy").write_bytes(b"no array")
    for name in ("missing.npy", "broken.npy", "mask.txt"):
        with pytest.raises(InputError, match="mask"):
            load_mask(name, tmp_path, 3)


@pytest.mark.parametrize("center", [[0.0] * 4, [0.3, -0.2, 0.5, 0.1]])
@pytest.mark.parametrize("address", ["survivors", "original"])
def test_a_restricted_map_is_descent_on_the_survivors(center: list[float], address: str) -> None:
    text = "theta[0]**4/4 - theta[0]*theta[1]*theta[2] + theta[3]**3*theta[1] + 0.3*theta[2] + theta[1]**2"
    full = derive_map(parse_expression(text), n=4, learning_rate=0.1, center=center)
    mask = np.array([True, True, False, True])
    cut = restrict(full, mask, address)
    theta = np.where(mask, [0.4, -0.3, 0.0, 0.6], 0.0)
    wanted = theta + np.where(mask, full.step(theta - full.center) - (theta - full.center), 0.0)
    if address == "survivors":
        theta, wanted = theta[mask], wanted[mask]
    np.testing.assert_allclose(cut.center + cut.step(theta - cut.center), wanted, atol=1e-15)
    assert cut.n == (3 if address == "survivors" else 4)
