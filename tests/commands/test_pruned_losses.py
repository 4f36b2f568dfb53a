"""Pruned losses and maps: the same as the loss with the frozen weights written as zero."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.linear_system.lifted import Lifted
from carlemanc.spec import ModelSpec
from tests.commands.lifting import lifted

FULL = (
    "theta[0]**2/2 + theta[1]**2 + theta[2]**2/2 + 0.3*theta[0]*theta[1]*theta[2] + 0.2*theta[0]*theta[2]"
    " + theta[2]**4/4 + 0.1*theta[1] - 0.2*theta[2]"
)
KEPT = "theta[0]**2/2 + theta[1]**2/2 + 0.2*theta[0]*theta[1] + theta[1]**4/4 - 0.2*theta[1]"
"""FULL with its weight 1 frozen at zero: its weights 0 and 2 are these 0 and 1."""
START = [0.4, 0.1, -0.3]


def stages(expression: str, n: int, initial: Any, *, model: Any = None, **training: Any) -> Lifted:
    return lifted(
        ModelSpec.from_dict(
            {
                "loss": {"expression": expression},
                "model": {"n": n, **(model or {})},
                "training": {"learning_rate": 0.1, "steps": 4, "initial": initial, **training},
                "carleman": {"order": 3},
            }
        )
    )


@pytest.mark.parametrize("center", ["zero", "initial", [0.2, -0.1]])
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_survivors(center: Any, noise: float) -> None:
    pruned = stages(FULL, 3, START, model={"sparsity": 0.67}, center=center, noise=noise)
    written = stages(KEPT, 2, [0.4, -0.3], center=center, noise=noise)
    assert pruned.n == 2
    np.testing.assert_array_equal(pruned.training.addresses, [0, 2])
    np.testing.assert_allclose(pruned.center, written.center)
    np.testing.assert_allclose(pruned.classical(), written.classical(), rtol=1e-13)
    np.testing.assert_allclose(pruned.carleman_iterate(), written.carleman_iterate(), rtol=1e-12)


@pytest.mark.parametrize("center", ["zero", "initial", [0.2, 9.0, -0.1]])
def test_original_addresses(center: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "mask.npy", np.array([1, 0, 1]))
    model = {"mask": str(tmp_path / "mask.npy"), "address": "original"}
    pruned = stages(FULL, 3, START, model=model, center=center, noise=0.05)
    assert pruned.n == 3
    noise = np.random.default_rng(0).normal(0, 0.05, (4, 3))
    theta = np.array([0.4, 0.0, -0.3])
    for xi in noise:
        slope = np.array([theta[0] + 0.2 * theta[2], 0.0, theta[2] + 0.2 * theta[0] + theta[2] ** 3 - 0.2])
        theta = theta - 0.1 * slope + np.array([1, 0, 1]) * xi
    np.testing.assert_allclose(pruned.classical(), theta, rtol=1e-12)
    assert pruned.carleman_iterate()[1] == 0.0


def test_a_ring_is_cut_where_a_site_is_frozen() -> None:
    """A ring of six with site 3 frozen is a chain of five, in the order 0 1 2, 4 5."""
    ring = "Sum(theta[i]**2/2 + 0.3*theta[i]**4/4 - 0.4*theta[i]*theta[i+1], (i, 0, n-1))"
    start = [0.5, 0.4, 0.3, 0.0, 0.2, 0.6]
    pruned = stages(ring, 6, start, model={"sparsity": 0.83})
    u = np.array([0.5, 0.4, 0.3, 0.2, 0.6])
    bonds = np.zeros((5, 5))
    for left, right in ((0, 1), (1, 2), (3, 4), (4, 0)):
        bonds[left, right] = bonds[right, left] = 0.4
    for _ in range(4):
        u = u - 0.1 * (u + 0.3 * u**3 - bonds @ u)
    np.testing.assert_allclose(pruned.classical(), u, rtol=1e-13)


def test_a_lattice_too_large_to_prune_is_refused() -> None:
    with pytest.raises(TooLarge, match="pruned"):
        carlemanc.analyze("quartic-ring", overrides=["model.n=134217728", "model.sparsity=0.5"])


def test_a_map_from_a_file_is_pruned() -> None:
    """The grid points of the Burgers map beside a frozen one see zero there."""
    found = lifted("burgers-map", ["model.sparsity=0.75"])
    u = np.array([0.0, 0.2, 0.4, 0.3, 0.0])
    for _ in range(4):
        left, right = u[:-2], u[2:]
        u[1:-1] = u[1:-1] + 0.2 * (right - 2 * u[1:-1] + left) - 0.05 * u[1:-1] * (right - left)
    np.testing.assert_array_equal(found.training.addresses, [0, 1, 2])
    np.testing.assert_allclose(found.classical(), u[1:-1], rtol=1e-12)


def test_a_center_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        assert stages(FULL, 3, START, model={"sparsity": 0.34}, center=[0.1, 0.2]).n
    assert any("training.center" in problem.where for problem in caught.value.problems)


@pytest.mark.parametrize(("initial", "center"), [([1.0, 1.0], "zero"), (START, [0.1] * 4)])
def test_lengths_are_checked_all_the_same(initial: Any, center: Any) -> None:
    with pytest.raises(InputError):
        assert stages(FULL, 3, initial, model={"sparsity": 0.67}, center=center).n
