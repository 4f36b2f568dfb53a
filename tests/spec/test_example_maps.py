"""The packaged losses give the maps their comments promise, checked against derivatives taken by hand."""

import numpy as np
import pytest

from carlemanc.model import PolynomialMap, derive_map, load_data, parse_expression
from carlemanc.spec import load_spec


def derived(name: str, *overrides: str) -> PolynomialMap:
    spec = load_spec(name, overrides)
    assert spec.loss is not None
    assert spec.model.n is not None
    assert spec.training.learning_rate is not None
    data = None
    if spec.data is not None:
        data = load_data(
            spec.data.source,
            base=spec.base,
            features=spec.data.features,
            samples=spec.data.samples,
            standardize=spec.data.standardize,
            target=spec.data.target,
        )
    return derive_map(
        parse_expression(spec.loss.expression),
        n=spec.model.n,
        learning_rate=spec.training.learning_rate,
        center=np.zeros(spec.model.n),
        parameters={key: value for key, value in spec.loss.parameters.items() if not isinstance(value, str)},
        data=data,
        boundary=spec.loss.boundary,
    )


def descent(name: str, gradient: object, u: np.ndarray) -> None:
    spec = load_spec(name)
    expected = u - spec.training.learning_rate * gradient  # type: ignore[operator]
    np.testing.assert_allclose(derived(name).step(u), expected, rtol=1e-13, atol=1e-15)


def test_logistic_map() -> None:
    u = np.array([0.2])
    np.testing.assert_allclose(derived("logistic-map-scalar").step(u), 0.8 * u - 0.8 * u**2, rtol=1e-15)


def test_quartic_pair() -> None:
    found = derived("quartic-pair")
    assert (found.degree, found.F(0), found.F(2)) == (3, None, None)
    u = np.array([0.5, -0.25])
    descent("quartic-pair", u + u**3 - 0.3 * u[::-1], u)


def test_cubic_pair() -> None:
    found = derived("cubic-pair")
    assert found.degree == 2
    assert found.F(0) is not None
    u = np.array([0.3, -0.2])
    descent("cubic-pair", u + 0.5 * u**2 - 0.2 * u[::-1] + np.array([0.1, -0.15]), u)


def test_quartic_ring() -> None:
    assert derived("quartic-ring").F(0) is None
    u = np.array([0.4, -0.1, 0.2, 0.3])
    descent("quartic-ring", u + 0.3 * u**3 - 0.4 * (np.roll(u, 1) + np.roll(u, -1)), u)


@pytest.mark.parametrize("n", [2, 5])
def test_double_well_chain_has_divergent_modes(n: int) -> None:
    found = derived("double-well-chain", f"model.n={n}")
    assert found.F(0) is None
    eigenvalues = np.linalg.eigvalsh(found.G1().to_sparse().toarray())
    assert np.all(eigenvalues > 1)


def test_double_well_chain() -> None:
    u = np.array([0.2, -0.1])
    bonds = 0.2 * np.array([u[0] - u[1], 2 * u[1] - u[0]])
    descent("double-well-chain", -u + u**3 + bonds, u)


def standardized(columns: list[str]) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_diabetes

    raw = load_diabetes(scaled=False)
    x = raw.data[:, [list(raw.feature_names).index(name) for name in columns]]
    return (x - x.mean(0)) / x.std(0), (raw.target - raw.target.mean()) / raw.target.std()


@pytest.mark.parametrize(
    ("name", "columns", "quartic"),
    [("ridge-diabetes", ["age", "sex"], 0.0), ("quartic-ridge-diabetes", ["bmi", "bp"], 0.05)],
)
def test_diabetes(name: str, columns: list[str], quartic: float) -> None:
    x, y = standardized(columns)
    u = np.array([0.1, -0.3])
    found = derived(name)
    assert found.degree == (3 if quartic else 1)
    expected = x.T @ (x @ u - y) / len(y) + 0.1 * u + quartic * u**3
    learning_rate = load_spec(name).training.learning_rate
    np.testing.assert_allclose(found.step(u), u - learning_rate * expected, rtol=1e-9)
