"""Lattice sums: stencils against the entries that a sum written out gives, at sizes where offsets collide."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InputError, TooLarge
from carlemanc.model import gradient
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.recentering import recentered
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import Weights
from tests.reference import RING

GRID = (
    "Sum(theta[i, j]**2/2 + lam*theta[i, j]**4/4 + (theta[i, j] - theta[i+1, j])**2/7"
    " - J*theta[i, j]*theta[i, j+1], (i, 0, n1-1), (j, 0, n2-1))"
)
COUPLINGS = {"lam": 0.3, "J": 0.4}


def derive(text: str, n: int, center: Any = None, **rest: Any) -> PolynomialMap:
    rest.setdefault("learning_rate", 0.1)
    point = Weights.constant(n) if center is None else center
    return derive_map(parse_expression(text), n=n, center=point, **rest)


def written_out(text: str, n: int, center: Any = None, **rest: Any) -> PolynomialMap:
    """Derive without looking for lattice sums: every entry of every Sum, one by one."""
    known = gradient._is_local
    gradient._is_local = lambda *_: False
    try:
        return derive(text, n, center, **rest)
    finally:
        gradient._is_local = known


def entries(tensor: SparseTensor | None) -> dict[tuple[int, ...], Fraction | float]:
    if tensor is None:
        return {}
    values = tensor.vals.tolist() if tensor.exact is None else tensor.exact
    listed = zip(tensor.rows.tolist(), tensor.cols.tolist(), values, strict=True)
    return {(row, *cols): value for row, cols, value in listed}


def assert_same_map(found: PolynomialMap, expected: PolynomialMap, *, exact: bool = True) -> None:
    assert set(found.operators) >= set(expected.operators)
    for degree in found.operators:
        ours, theirs = entries(found.F(degree)), entries(expected.F(degree))
        if exact:
            assert ours == theirs
        else:
            places = ours.keys() | theirs.keys()
            differences = [abs(float(ours.get(p, 0.0)) - float(theirs.get(p, 0.0))) for p in places]
            assert max(differences, default=0.0) < 1e-13


def stencils(tensor: Any) -> dict[tuple[tuple[int, ...], ...], Any]:
    assert isinstance(tensor, LatticeTensor)
    return {item.offsets: item.coefficient for item in tensor.stencils}


def test_the_ring_has_the_same_stencils_at_every_size() -> None:
    small, large = (derive(RING, n, parameters=COUPLINGS) for n in (4, 2**27))
    expected = {((0,),): Fraction(-1, 10), ((-1,),): Fraction(1, 25), ((1,),): Fraction(1, 25)}
    for found in (small, large):
        assert stencils(found.operators[1]) == expected
        assert stencils(found.operators[3]) == {((0,), (0,), (0,)): Fraction(-3, 100)}
    assert_same_map(small, written_out(RING, 4, parameters=COUPLINGS))
    assert (large.nnz, large.flops_per_step) == (4 * 2**27, 10 * 2**27)
    with pytest.raises(TooLarge, match=r"402,653,184 entries.*`derive` and `analyze` work"):
        large.F(1)


@pytest.mark.parametrize("boundary", ["periodic", "open"])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 7])
def test_small_rings_and_chains_are_literal_sums(n: int, boundary: Any) -> None:
    texts = [
        RING,
        "Sum(theta[i]*theta[i+2]*theta[i+1], (i, 0, n-1)) + theta[0]/10",
        "Sum((theta[i] - theta[i+1])**2, (i, 0, n-2)) - Sum(theta[i]**3/3, (i, 0, n-1))",
        "Sum(theta[i]*theta[i+n-1] + theta[i-3]**3, (i, -2, 2*n))",
        "Sum(theta[i]*theta[i+k]/k, (i, 0, n-1), (k, 1, 3))",
        "(lam + 1)*(Sum(J*theta[i] - theta[i+1]**2*theta[i], (i, 1, n-1)) - theta[n-1]**2)",
        "Sum(theta[i]*(i+1)/(i+5) + theta[i]*theta[i+1]*i**2, (i, 0, n-1))",
        "Sum(theta[i], (i, 0, n-1))**2/3 + Sum(theta[i]**2, (i, 0, n-1), (j, 2, 5))",
    ]
    for text in texts:
        rest = {"parameters": COUPLINGS, "boundary": boundary}
        assert_same_map(derive(text, n, **rest), written_out(text, n, **rest))


offsets = st.integers(-3, 3)
factors = st.lists(st.tuples(offsets, st.integers(1, 2)), min_size=1, max_size=3)
ranges = st.sampled_from(["(i, 0, n-1)", "(i, 0, n-2)", "(i, 1, n-1)", "(i, -1, n)", "(i, 2, 4)"])
terms = st.lists(st.tuples(st.integers(-9, 9), factors, ranges), min_size=1, max_size=4)


@settings(deadline=None, max_examples=60)
@given(terms, st.integers(1, 6), st.booleans(), st.sampled_from([0.0, 0.3]), st.integers(0, 2))
def test_random_sums_equal_their_expansion(
    chosen: list[Any], n: int, periodic: bool, fill: float, special: int
) -> None:
    """Any offsets, ranges, boundary and center: rational for rational."""
    pieces = [
        f"({scale})/7*Sum({'*'.join(f'theta[i+({o})]**{p}' for o, p in product)}, {limits})"
        for scale, product, limits in chosen
    ]
    text = " + ".join([*pieces, "theta[0]/3"])
    center = Weights.sparse(n, {0: 0.25} if special and n > 1 else {}, fill)
    boundary = "periodic" if periodic else "open"
    known = gradient._is_local
    try:
        gradient._is_local = lambda *_: True
        found = derive(text, n, center, boundary=boundary)
    finally:
        gradient._is_local = known
    expected = written_out(text, n, center, boundary=boundary)
    assert_same_map(found, expected)
    check_operations(found, expected)


def check_operations(found: PolynomialMap, expected: PolynomialMap) -> None:
    """Every operation of the stencils equals that of the entries."""
    rng = np.random.default_rng(3)
    u = rng.normal(size=found.n)
    for degree, operator in found.operators.items():
        written = expected.F(degree)
        if written is None:
            assert operator.norm_inf == 0.0
            continue
        assert operator.apply(u) == pytest.approx(written.apply(u), rel=1e-12, abs=1e-12)
        assert operator.norm_inf == pytest.approx(written.norm_inf, rel=1e-12)
        assert operator.norm1 >= written.norm1 * (1 - 1e-12)
        assert operator.norm2 == pytest.approx(written.norm2, rel=1e-12)
        if isinstance(operator, LatticeTensor):
            assert operator.row_sparsity == np.bincount(written.rows).max()
            assert operator.scale(Fraction(1, 3)).explicit.vals == pytest.approx(written.vals / 3, rel=1e-14)
            some = np.arange(0, found.n, 2)
            listed = operator.entries_at(some)
            assert entries(listed) == {k: v for k, v in entries(written).items() if k[0] % 2 == 0}
    assert found.linear().norm_inf == pytest.approx(expected.G1().norm_inf, rel=1e-12)
    sparse = Weights.sparse(found.n, {0: 0.7})
    stepped = found.step_sparse(sparse)
    if stepped is not None:
        assert stepped.as_array() == pytest.approx(expected.step(sparse.as_array()), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("boundary", ["periodic", "open"])
@pytest.mark.parametrize("dims", [(1, 1), (2, 3), (3, 2), (4, 4), (5, 1)])
def test_grids_equal_their_expansion(dims: tuple[int, int], boundary: Any) -> None:
    n = dims[0] * dims[1]
    rest = {"parameters": COUPLINGS, "boundary": boundary, "dims": dims}
    lines = GRID + " + Sum(theta[i, 0]*theta[i+1, n2-1], (i, 0, n1-2)) - theta[0, 0]**3"
    for text in (GRID, lines):
        found, expected = derive(text, n, **rest), written_out(text, n, **rest)
        assert_same_map(found, expected)
        check_operations(found, expected)
    moved = Weights.sparse(n, {n - 1: 0.5} if n > 1 else {}, 0.2)
    assert_same_map(derive(GRID, n, moved, **rest), written_out(GRID, n, moved, **rest))


def test_cubes_equal_their_expansion() -> None:
    cube = (
        "Sum(theta[i, j, k]**4/4 - theta[i, j, k]*(theta[i+1, j, k] + theta[i, j+1, k] + theta[i, j, k+1]),"
        " (i, 0, n1-1), (j, 0, n2-1), (k, 0, n3-1))"
    )
    for dims, boundary in itertools.product([(2, 3, 4), (1, 2, 2)], ["periodic", "open"]):
        rest = {"dims": dims, "boundary": boundary}
        n = int(np.prod(dims))
        found, expected = derive(cube, n, **rest), written_out(cube, n, **rest)
        assert_same_map(found, expected)
        check_operations(found, expected)


@pytest.mark.parametrize("boundary", ["periodic", "open"])
@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_coefficients_from_arrays(n: int, boundary: Any) -> None:
    rng = np.random.default_rng(n)
    arrays = {"J": rng.normal(size=n), "h": rng.normal(size=n), "K": rng.normal(size=(n, 2))}
    text = (
        "Sum(theta[i]**4/4 - J[i]*theta[i]*theta[i+1] - h[i]*theta[i] + K[i, 1]*theta[i]**2*theta[i-1]/h[i],"
        " (i, 0, n-1)) + Sum(J[i+1]*theta[i]**2, (i, 0, n-2)) + theta[0]/10"
    )
    rest = {"parameters": arrays, "boundary": boundary}
    found, expected = derive(text, n, **rest), written_out(text, n, **rest)
    assert any(item.profile is not None for item in found.operators[0].stencils)
    assert_same_map(found, expected, exact=False)
    check_norms(found, expected)
    center = Weights.sparse(n, {0: 0.5} if n > 4 else {}, 0.1)
    assert_same_map(derive(text, n, center, **rest), written_out(text, n, center, **rest), exact=False)


def check_norms(found: PolynomialMap, expected: PolynomialMap) -> None:
    for degree, operator in found.operators.items():
        written = expected.F(degree)
        assert operator.norm_inf == pytest.approx(written.norm_inf, rel=1e-12)
        assert operator.norm1 >= written.norm1 * (1 - 1e-12)
        assert operator.norm2 == pytest.approx(written.norm2, rel=1e-12)


def test_moving_the_center_of_a_lattice_map() -> None:
    rng = np.random.default_rng(0)
    for boundary in ("periodic", "open"):
        original = derive(RING + " + theta[2]**3/5", 6, parameters=COUPLINGS, boundary=boundary)
        for center in (np.full(6, 0.3), np.array([0, 0.5, 0, 0, 0, 0]), rng.normal(size=6)):
            moved = recentered(original, center)
            u = rng.normal(size=6)
            expected = original.step(u + center) - center
            assert moved.step(u) == pytest.approx(expected, rel=1e-12, abs=1e-12)
        back = recentered(moved, np.zeros(6))
        assert back.step(u) == pytest.approx(original.step(u), rel=1e-11, abs=1e-12)


def test_a_sparse_center_adds_entries_at_its_nonzeros_only() -> None:
    n = 2**27
    found = derive(RING, n, Weights.sparse(n, {5: 0.5}), parameters=COUPLINGS)
    assert stencils(found.operators[3]) == {((0,), (0,), (0,)): Fraction(-3, 100)}
    assert stencils(found.operators[1]).keys() == {((0,),), ((-1,),), ((1,),)}
    assert entries(found.operators[2].entries) == {(5, 5, 5): Fraction(-9, 200)}
    assert entries(found.operators[1].entries) == {(5, 5): Fraction(-9, 400)}
    assert entries(found.operators[0].entries) == {
        (4,): Fraction(1, 50), (5,): Fraction(-1, 20) - Fraction(3, 800), (6,): Fraction(1, 50)
    }  # fmt: skip


def test_a_constant_center_shifts_the_stencils() -> None:
    n = 2**27
    found = derive(RING, n, Weights.constant(n, 0.5), parameters=COUPLINGS)
    assert stencils(found.operators[0]) == {(): Fraction(-1, 20) + Fraction(2, 50) - Fraction(3, 800)}
    assert stencils(found.operators[2]) == {((0,), (0,)): Fraction(-9, 200)}
    assert stencils(found.operators[1])[((0,),)] == Fraction(-1, 10) - Fraction(9, 400)
    assert all(not operator.entries.nnz for operator in found.operators.values())


def test_what_is_no_lattice_sum_is_refused_at_a_large_size_only() -> None:
    for text in ("Sum(theta[i]*theta[j], (i, 0, n-1), (j, 0, n-1))", "Sum(theta[2*i]**2, (i, 0, n-1))"):
        assert derive(text, 5).nnz
        with pytest.raises(TooLarge, match="monomials or index values"):
            derive(text, 2**27)


def test_constant_indices_beyond_the_lattice_are_errors() -> None:
    for text, dims in (
        ("Sum(theta[i, 4], (i, 0, n1-1))", (4, 4)),
        ("Sum(theta[i, 0], (i, 0, n1-1)) + theta[0, 4]", (4, 4)),
        ("Sum(theta[i], (i, 0, n1-1))", (4, 4)),
        ("Sum(theta[i], (i, 0, n-1)) + theta[16]", None),
    ):
        with pytest.raises(InputError, match="theta"):
            derive(text, 16, dims=dims)
