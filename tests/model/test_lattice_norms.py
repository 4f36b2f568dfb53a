"""Norms from stencils: bounds where they are bounds, the norm itself where it is, at any number of sites."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.lattice import stencil_norms
from carlemanc.model.lattice.fourier_symbol import Convolution, largest_symbol
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap, written_out
from carlemanc.model.weights import Weights
from tests.reference import RING

CUBE = (
    "Sum(theta[i, j, k]**2/2 + theta[i, j, k]**4/4"
    " - J*theta[i, j, k]*(theta[i+1, j, k] + theta[i, j+1, k] + theta[i, j, k+1]),"
    " (i, 0, n1-1), (j, 0, n2-1), (k, 0, n3-1))"
)


def derive(text: str, n: int, **rest: Any) -> PolynomialMap:
    return derive_map(parse_expression(text), n=n, learning_rate=0.1, center=Weights.constant(n), **rest)


@pytest.fixture
def from_stencils(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the bounds of large lattices on small ones."""
    monkeypatch.setattr(stencil_norms, "EXACT_NORM_LIMIT", 0)


@pytest.mark.parametrize("boundary", ["periodic", "open"])
@pytest.mark.parametrize("n", [1025, 2**27])
def test_the_ring_has_the_norms_of_the_theory_at_every_size(n: int, boundary: Any) -> None:
    """THEORY 6.1: ||I + F_1|| = 1 - eta (1 - 2J) and ||F_3|| = eta lambda in both norms, mu = eta (1 - 2J)."""
    ring = derive(RING, n, parameters={"lam": 1.0, "J": 0.2}, boundary=boundary)
    assert ring.norms == pytest.approx((0, 0.94, 0, 0.1), rel=1e-12)
    assert ring.symmetric_norms == pytest.approx((0, 0.94, 0, 0.1), rel=1e-12)
    assert ring.linear().norm_inf == pytest.approx(0.94, rel=1e-15)
    assert ring.operators[3].norm_inf == pytest.approx(0.1, rel=1e-15)
    assert ring.linear().row_sparsity == 3


def test_three_dimensions() -> None:
    cube = derive(CUBE, 2**27, parameters={"J": 0.1}, dims=(512, 512, 512), boundary="open")
    assert cube.linear().norm2 == pytest.approx(1 - 0.1 * (1 - 6 * 0.1), rel=1e-12)
    assert cube.linear().norm2_formula == "Fourier symbol, endless lattice"


def test_signs_make_the_symbol_smaller_than_sums_of_sizes() -> None:
    """F_1 = -eta (2 - u_{i+1} ...): alternating signs cannot add up; compared with the circulant's FFT."""
    text = "Sum(theta[i]**2 - theta[i]*theta[i+1]/2 - theta[i]*theta[i+3]/3 + theta[i]*theta[i+4]/5, (i, 0, n-1))"
    found = derive(text, 4096)
    row = np.zeros(4096)
    for stencil in found.linear().stencils:
        row[stencil.offsets[0][0]] += float(stencil.coefficient)
    exact = np.abs(np.fft.fft(row)).max()
    assert exact * (1 - 1e-12) <= found.linear().norm2 <= exact * (1 + 1e-5)
    assert found.linear().norm2 < found.linear().norm_inf * 0.99


products = st.lists(st.integers(-2, 2), min_size=1, max_size=4)
sums = st.lists(
    st.tuples(
        st.sampled_from([-3, -1, 2, 4]),
        products,
        st.sampled_from(["(i, 0, n-1)", "(i, 0, n-2)", "(i, 3, 5)"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=60)
@given(sums, st.integers(2, 12), st.booleans(), st.booleans())
def test_bounds_from_stencils_are_bounds(chosen: list[Any], n: int, periodic: bool, special: bool) -> None:
    text = " + ".join(
        f"({scale})/5*Sum({'*'.join(f'theta[i+({o})]' for o in product)}, {limits})"
        for scale, product, limits in chosen
    )
    found = derive(
        text + (" + theta[0]**2/3 - theta[1]*theta[0]**2" if special else ""),
        n,
        boundary="periodic" if periodic else "open",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stencil_norms, "EXACT_NORM_LIMIT", 0)
        for operator in [found.linear(), *found.operators.values()]:
            written = written_out(operator)
            if not isinstance(operator, LatticeTensor):
                continue
            slack = 1 + 1e-12
            assert operator.norm2 * slack >= written.norm2
            assert operator.symmetric_norm2 * slack >= written.symmetric_norm2
            assert operator.norm2 <= math.sqrt(operator.norm1 * operator.norm_inf) * slack or (
                operator.degree == 0
            )
            assert operator.norm_inf == pytest.approx(written.norm_inf, rel=1e-12)
            assert operator.norm1 * slack >= written.norm1
            assert operator.row_sparsity == np.bincount(written.rows, minlength=1).max()
            squares = np.bincount(written.rows, written.vals**2, minlength=1)
            assert operator.largest_row_norm == pytest.approx(math.sqrt(squares.max()), rel=1e-12)


@pytest.mark.usefixtures("from_stencils")
def test_coefficients_by_site() -> None:
    rng = np.random.default_rng(1)
    text = "Sum(J[i]*theta[i]*theta[i+1] - h[i]*theta[i] + theta[i]**2/2, (i, 0, n-1)) + theta[3]"
    for boundary in ("periodic", "open"):
        found = derive(
            text, 9, parameters={"J": rng.normal(size=9), "h": rng.normal(size=9)}, boundary=boundary
        )
        for operator in [found.linear(), *found.operators.values()]:
            written = operator.explicit
            assert operator.norm_inf == pytest.approx(written.norm_inf, rel=1e-12)
            assert operator.norm1 == pytest.approx(written.norm1, rel=1e-12)
            assert operator.norm2 * (1 + 1e-12) >= written.norm2


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(-2, 2), st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 1)),
        min_size=1,
        max_size=6,
    )
)
def test_the_largest_symbol_is_above_every_sample_and_close(terms: list[tuple[float, int, int, int]]) -> None:
    classes = []
    for group in (0, 1):
        chosen = [term for term in terms if term[3] == group]
        if chosen:
            classes.append(
                Convolution(
                    coefficients=np.array([term[0] for term in chosen]),
                    offsets=np.array([term[1:3] for term in chosen]),
                )
            )
    grid = np.linspace(-np.pi, np.pi, 65)
    x, y = np.meshgrid(grid, grid)
    total = np.zeros_like(x)
    for item in classes:
        pairs = zip(item.coefficients, item.offsets.tolist(), strict=True)
        total += np.abs(sum(c * np.exp(1j * (a * x + b * y)) for c, (a, b) in pairs)) ** 2
    sampled = math.sqrt(total.max())
    bound = largest_symbol(classes)
    assert sampled * (1 - 1e-9) - 1e-150 <= bound <= sampled * 1.05 + 1e-150
