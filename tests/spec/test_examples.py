"""The packaged examples load, are short, and their files are what their comments say."""

import numpy as np
import pytest

from carlemanc.spec import load_spec, packaged_examples
from carlemanc.spec.examples import DIRECTORY

EXPECTED = {
    "burgers-map",
    "cubic-pair",
    "double-well-chain",
    "logistic-map-scalar",
    "phi4-lattice",
    "quartic-pair",
    "quartic-ridge-diabetes",
    "quartic-ring",
    "ridge-diabetes",
    "sgd-diabetes",
}


def test_names() -> None:
    assert {example.name for example in packaged_examples()} >= EXPECTED


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_loads(name: str) -> None:
    spec = load_spec(name)
    assert spec.name == name
    assert spec.training.steps >= 1
    (example,) = [item for item in packaged_examples() if item.name == name]
    assert example.summary.endswith(".")
    assert len(example.text.splitlines()) <= 30


@pytest.mark.parametrize("name", ["quartic-ring", "double-well-chain"])
@pytest.mark.parametrize("n", [2, 16, 2**27])
def test_lattices_take_any_n(name: str, n: int) -> None:
    assert load_spec(name, [f"model.n={n}"]).model.n == n


def burgers_arrays(n: int = 4, nu: float = 0.2, c: float = 0.05) -> dict[str, np.ndarray]:
    """The map u_i -> u_i + nu (u_{i+1} - 2 u_i + u_{i-1}) - c u_i (u_{i+1} - u_{i-1}), u zero outside 0..n-1.

    This is what carlemanc/examples/burgers-map.npz holds: `np.savez(path, **burgers_arrays())`.
    """
    linear = [(i, (j,), -2 * nu if i == j else nu) for i in range(n) for j in (i, i + 1, i - 1) if 0 <= j < n]
    square = [(i, (i, j), -c * (j - i)) for i in range(n) for j in (i + 1, i - 1) if 0 <= j < n]
    arrays = {}
    for degree, entries in ((1, linear), (2, square)):
        arrays[f"F{degree}_rows"] = np.array([row for row, _, _ in entries], dtype=np.int64)
        arrays[f"F{degree}_cols"] = np.array([cols for _, cols, _ in entries], dtype=np.int64)
        arrays[f"F{degree}_vals"] = np.array([value for _, _, value in entries])
    return arrays


def test_burgers_file_is_its_formula() -> None:
    expected = burgers_arrays()
    with np.load(DIRECTORY / "burgers-map.npz", allow_pickle=False) as stored:
        assert set(stored) == set(expected)
        for name, array in expected.items():
            np.testing.assert_array_equal(stored[name], array)
