"""Small maps with known answers: the systems of THEORY section 13."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor

MakeMap = Callable[..., PolynomialMap]


def map_from_dense(n: int, **arrays: object) -> PolynomialMap:
    """Build a map from dense F0=, F1=, F2=, ... of shape (n, n^l); entries of one monomial are added."""
    tensors = {}
    for name, array in arrays.items():
        degree = int(name[1:])
        dense = np.asarray(array, dtype=float).reshape((n,) * (degree + 1))
        index = np.argwhere(dense != 0)
        tensors[degree] = SparseTensor.build(
            n=n, degree=degree, rows=index[:, 0], cols=index[:, 1:], vals=dense[dense != 0]
        )
    return PolynomialMap(n=n, center=np.zeros(n), tensors=tensors, learning_rate=1.0, source="test")


@pytest.fixture
def make_map() -> MakeMap:
    return map_from_dense


@pytest.fixture
def pair() -> MakeMap:
    """Quartic pair of THEORY 13: pair(eta=.1, J=.3, lam=1)."""

    def build(eta: float = 0.1, J: float = 0.3, lam: float = 1.0) -> PolynomialMap:
        cubic = np.zeros((2, 2, 2, 2))
        cubic[0, 0, 0, 0] = cubic[1, 1, 1, 1] = -eta * lam
        return map_from_dense(2, F1=-eta * np.array([[1, -J], [-J, 1]]), F3=cubic)

    return build


@pytest.fixture
def ring() -> MakeMap:
    """Quartic ring of THEORY 13.A: ring(n, eta=.1, J=.2, lam=1)."""

    def build(n: int, eta: float = 0.1, J: float = 0.2, lam: float = 1.0) -> PolynomialMap:
        linear = np.eye(n)
        for i in range(n):
            linear[i, (i + 1) % n] -= J
            linear[i, (i - 1) % n] -= J
        sites = np.arange(n)
        cubic = SparseTensor.build(
            n=n,
            degree=3,
            rows=sites,
            cols=np.repeat(sites[:, None], 3, axis=1),
            vals=np.full(n, -eta * lam),
        )
        tensors = {**map_from_dense(n, F1=-eta * linear).tensors, 3: cubic}
        return PolynomialMap(n=n, center=np.zeros(n), tensors=tensors, learning_rate=eta, source="ring")

    return build


@pytest.fixture
def driven() -> PolynomialMap:
    """The driven quadratic map of THEORY 13.3 (before symmetrization of F_2)."""
    return map_from_dense(
        2,
        F0=[0.005, 0.002],
        F1=[[-0.1, -0.02], [-0.02, -0.08]],
        F2=DRIVEN_F2,
    )


DRIVEN_F2 = [[-0.0020, 0.0200, 0.0432, -0.0203], [0.0061, -0.0139, 0.0038, -0.0356]]


@pytest.fixture
def random_map() -> MakeMap:
    """random_map(seed, n, degrees, size=.1): normal entries on every monomial of the given degrees."""

    def build(seed: int, n: int, degrees: tuple[int, ...], size: float = 0.1) -> PolynomialMap:
        rng = np.random.default_rng(seed)
        arrays = {f"F{degree}": size * rng.normal(size=(n,) * (degree + 1)) for degree in degrees}
        return map_from_dense(n, **arrays)

    return build
