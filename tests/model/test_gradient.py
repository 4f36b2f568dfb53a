"""The pass from a loss to F_l against independent derivatives: sympy on rationals, numpy on data."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InputError, TooLarge
from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.gradient import derive_map
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.polynomials import batch_polynomial
from tests.reference import RING


def derive(text: str, n: int, center: object = None, **rest: object) -> PolynomialMap:
    """Return the map of a loss with learning rate 1/10 about zero unless said otherwise."""
    rest.setdefault("learning_rate", 0.1)
    where = np.zeros(n) if center is None else center
    return derive_map(parse_expression(text), n=n, center=where, **rest)


def entries(polynomial_map: PolynomialMap, degree: int) -> dict[tuple[int, ...], Fraction | float]:
    """Return {(row, *cols): value} with exact values where there are some."""
    tensor = polynomial_map.F(degree)
    if tensor is None:
        return {}
    values = tensor.vals.tolist() if tensor.exact is None else tensor.exact
    return {
        (row, *cols): value
        for row, cols, value in zip(tensor.rows.tolist(), tensor.cols.tolist(), values, strict=True)
    }


def derivatives(
    loss: sympy.Expr,
    weights: list[sympy.Symbol],
    center: list[sympy.Rational],
    eta: sympy.Rational,
    degree: int,
) -> dict[tuple[int, ...], Fraction]:
    """Return F_l by differentiating: the entry of a monomial is -eta d^alpha d_r L(center) / alpha!."""
    polynomial = sympy.Poly(loss, *weights, domain="QQ")
    found = {}
    for row in range(len(weights)):
        for cols in itertools.combinations_with_replacement(range(len(weights)), degree):
            derivative = polynomial.diff(weights[row], *[weights[col] for col in cols])
            factorials = math.prod(math.factorial(cols.count(col)) for col in set(cols))
            value = -eta * derivative(*center) / factorials
            if value != 0:
                found[(row, *cols)] = Fraction(int(value.p), int(value.q))
    return found


def random_loss(rng: np.random.Generator) -> tuple[str, int]:
    """Return a random polynomial with decimal coefficients, n <= 5 and degree <= 5, as text."""
    n = int(rng.integers(1, 6))
    terms = []
    for _ in range(int(rng.integers(1, 7))):
        degree = int(rng.integers(0, 6))
        factors = [
            f"theta[{k}]**{list(ks).count(k)}" for ks in [rng.integers(0, n, degree)] for k in sorted(set(ks))
        ]
        terms.append("*".join([f"({rng.integers(-99, 100)})/100", *factors]))
    if rng.random() < 0.3:
        terms.append(f"(theta[0]/3 - {rng.integers(1, 9)}*theta[{n - 1}] + 0.25)**3/7")
    return " + ".join(terms), n


@pytest.mark.parametrize("block", range(10))
def test_random_polynomials_against_sympy(block: int) -> None:
    """200 random polynomials, random centers: every F_l equals the derivatives, as rational numbers."""
    for seed in range(20 * block, 20 * block + 20):
        rng = np.random.default_rng(seed)
        text, n = random_loss(rng)
        center = np.round(rng.normal(size=n), 2)
        derived = derive(text, n, center)
        weights = list(sympy.symbols(f"t0:{n}"))
        rational = re.sub(r"(?<![\w.\[*])([0-9.]+)", r"R('\1')", text)
        loss = eval(rational, {"__builtins__": {}}, {"theta": weights, "R": sympy.Rational})  # our own text
        loss = sympy.expand(loss)
        exact_center = [sympy.Rational(repr(value)) for value in center.tolist()]
        total = int(sympy.Poly(loss, *weights).total_degree()) if loss.free_symbols else 0
        assert max([0, *derived.tensors]) <= max(total - 1, 0)
        for degree in range(max(total, 1)):
            expected = derivatives(loss, weights, exact_center, sympy.Rational(1, 10), degree)
            assert entries(derived, degree) == expected
            for key, value in expected.items():
                tensor = derived.F(degree)
                where = (tensor.rows == key[0]) & (tensor.cols == key[1:]).all(axis=1)
                assert tensor.vals[where] == pytest.approx([float(value)], rel=1e-12)


def test_the_quartic_pair_of_the_theory() -> None:
    """THEORY section 13: a single bond, F_1 = -eta [[1, -J], [-J, 1]], F_3 = -eta lambda at (i; i, i, i)."""
    text = "Sum(theta[i]**2/2 + lam*theta[i]**4/4, (i, 0, 1)) - J*theta[0]*theta[1]"
    pair = derive(text, 2, parameters={"lam": 0.7, "J": 0.3})
    assert sorted(pair.tensors) == [1, 3]
    tenth = Fraction(1, 10)
    assert entries(pair, 1) == {(0, 0): -tenth, (0, 1): 3 * tenth**2, (1, 0): 3 * tenth**2, (1, 1): -tenth}
    assert entries(pair, 3) == {(0, 0, 0, 0): -7 * tenth**2, (1, 1, 1, 1): -7 * tenth**2}
    assert np.array_equal(pair.F(1).to_sparse().toarray(), [[-0.1, 0.03], [0.03, -0.1]])


def test_sums_are_literal_so_a_ring_of_two_counts_its_bond_twice() -> None:
    ring = derive(RING, 2, parameters={"lam": 1, "J": 0.3})
    assert entries(ring, 1)[(0, 1)] == Fraction(6, 100)
    open_chain = derive(RING, 2, parameters={"lam": 1, "J": 0.3}, boundary="open")
    assert entries(open_chain, 1)[(0, 1)] == Fraction(3, 100)
    loop = derive(RING, 1, parameters={"lam": 1, "J": 0.3})
    assert entries(loop, 1) == {(0, 0): Fraction(-1, 10) + Fraction(6, 100)}


@pytest.mark.parametrize("boundary", ["periodic", "open"])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_boundaries_against_plain_loops(boundary: str, n: int) -> None:
    text = "Sum(theta[i-2]*theta[i]**2 + (i+1)*theta[i+1]*theta[2*i], (i, 0, n-1))"
    weights = sympy.symbols(f"t0:{n}")

    def weight(i: int) -> sympy.Expr:
        return weights[i % n] if boundary == "periodic" or 0 <= i < n else sympy.Integer(0)

    loss = sum(weight(i - 2) * weight(i) ** 2 + (i + 1) * weight(i + 1) * weight(2 * i) for i in range(n))
    derived = derive(text, n, boundary=boundary)
    for degree in range(3):
        expected = derivatives(loss, list(weights), [sympy.Integer(0)] * n, sympy.Rational(1, 10), degree)
        assert entries(derived, degree) == expected


@pytest.mark.parametrize("text", ["theta[3]", "theta[n]", "theta[-1]", "Sum(theta[3]*theta[i], (i, 0, n-1))"])
@pytest.mark.parametrize("boundary", ["periodic", "open"])
def test_a_constant_index_out_of_range_is_an_error(text: str, boundary: str) -> None:
    with pytest.raises(InputError, match=r"theta\[0\] to theta\[2\]"):
        derive(text, 3, boundary=boundary)


def test_nested_sums_whose_bounds_depend_on_each_other() -> None:
    derived = derive("Sum(theta[i]*theta[j]/(i + j), (i, 0, j-1), (j, 1, n-1))", 5)
    expected = {
        (row, col): Fraction(-1, 10 * (row + col)) for row, col in itertools.permutations(range(5), 2)
    }
    assert entries(derived, 1) == expected


def test_empty_sums_and_sums_of_constants() -> None:
    assert entries(derive("Sum(theta[i], (i, 0, n-2)) + theta[0]**2", 1), 0) == {}
    assert entries(derive("Sum(theta[i], (i, 5, 2)) + theta[0]", 2), 0) == {(0,): Fraction(-1, 10)}
    assert entries(derive("Sum(theta[0], (i, 1, 7))", 1), 0) == {(0,): Fraction(-7, 10)}
    assert entries(derive("Sum(i**2, (i, 1, 3))*theta[0]", 1), 0) == {(0,): Fraction(-14, 10)}
    assert derive("3", 1).tensors == {}


def test_cancelling_terms_leave_no_entry() -> None:
    derived = derive(
        "(theta[0] + theta[1])**2 - theta[0]**2 - 2*theta[0]*theta[1] - theta[1]**2 + theta[1]", 2
    )
    assert sorted(derived.tensors) == [0]


def test_array_parameters() -> None:
    field = np.array([0.5, -1.0, 2.0])
    derived = derive(
        "Sum(h[i]*theta[i] + h[i]*h[i+1]*theta[i]*theta[i+1], (i, 0, n-1))", 3, parameters={"h": field}
    )
    assert derived.F(0).vals == pytest.approx(-0.1 * field)
    bonds = field * np.roll(field, -1)
    expected = np.diag(bonds[:2], 1) + np.diag(bonds[:2], -1)
    expected[0, 2] = expected[2, 0] = bonds[2]
    np.testing.assert_allclose(derived.F(1).to_sparse().toarray(), -0.1 * expected, atol=1e-15)
    matrix = np.arange(9.0).reshape(3, 3)
    quadratic = derive(
        "Sum(K[i, j]*theta[i]*theta[j], (i, 0, n-1), (j, 0, n-1))", 3, parameters={"K": matrix}
    )
    np.testing.assert_allclose(quadratic.F(1).to_sparse().toarray(), -0.1 * (matrix + matrix.T), atol=1e-15)
    with pytest.raises(InputError, match="index 3 of h"):
        derive("Sum(h[i]*theta[i-1], (i, 0, n))", 3, parameters={"h": field}, boundary="open")


def random_data(samples: int, features: int, seed: int = 0) -> DataSet:
    rng = np.random.default_rng(seed)
    names = tuple(f"x{k}" for k in range(features))
    return DataSet(x=rng.normal(size=(samples, features)), y=rng.normal(size=samples), feature_names=names)


def not_a_number() -> DataSet:
    return DataSet(x=np.zeros((3, 1)), y=np.array([1.0, np.nan, 0.0]), feature_names=("x0",))


QUARTIC = "Sum((y[a] - Sum(x[a, k]*theta[k], (k, 0, n-1)))**4, (a, 0, m-1))/(4*m)"


@pytest.mark.parametrize("power", [1, 2, 3, 4, 5])
def test_residual_powers_against_numpy(power: int) -> None:
    data = random_data(40, 4)
    residuals = f"Sum((y[a] - Sum(x[a, k]*theta[k], (k, 0, n-1)))**{power}, (a, 0, m-1))/m"
    text = f"{residuals} + mu*Sum(theta[k]**2, (k, 0, n-1))"
    rng = np.random.default_rng(1)
    center = rng.normal(size=4)
    derived = derive(text, 4, center, data=data, parameters={"mu": 0.05})
    for theta in rng.normal(size=(5, 4)):
        residual = data.y - data.x @ theta
        gradient = -power * (residual ** (power - 1)) @ data.x / 40 + 0.1 * theta
        np.testing.assert_allclose(derived.step(theta - center), theta - 0.1 * gradient - center, rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "Sum(Sum((y[a] - x[a, k]*theta[k])**2, (a, 0, m-1)), (k, 0, n-1))",
        "Sum(Sum((y[a] - x[a, k]*theta[k])**2, (k, 0, n-1)), (a, 0, m-1))",
        "Sum((y[a] - x[a, k]*theta[k])**2, (k, 0, n-1), (a, 0, m-1))",
        "Sum(-(2*y[a]*x[a, k]*theta[k] - y[a]**2) + x[a, k]**2*theta[k]**2, (a, 0, m-1), (k, 0, n-1))",
        "Sum(y[a]**2, (a, 0, m-1))*n + Sum(theta[k]*Sum(-2*x[a, k]*y[a], (a, 0, m-1)), (k, 0, n-1))"
        " + Sum(theta[k]**2*Sum(x[a, k]**2, (a, 0, m-1)), (k, 0, n-1))",
    ],
)
def test_ways_to_write_one_data_loss(text: str) -> None:
    data = random_data(30, 3)
    derived = derive(text, 3, data=data)
    np.testing.assert_allclose(derived.F(0).vals, 0.2 * data.x.T @ data.y, rtol=1e-12)
    np.testing.assert_allclose(
        derived.F(1).to_sparse().toarray(), -0.2 * np.diag((data.x**2).sum(axis=0)), rtol=1e-12
    )


def test_products_over_pairs_of_samples_and_sample_windows() -> None:
    data = random_data(7, 2)
    pairs = derive("Sum(x[a, 0]*y[b]*theta[0]*theta[1], (a, 0, m-1), (b, 0, m-1))", 2, data=data)
    assert pairs.F(1).vals == pytest.approx([-0.1 * data.x[:, 0].sum() * data.y.sum()] * 2)
    window = derive("Sum((x[a+1, 0] - theta[0]*x[a, 0])**2/2, (a, 0, m-2))", 1, data=data)
    assert window.F(0).vals == pytest.approx([0.1 * data.x[1:, 0] @ data.x[:-1, 0]])
    own = derive("Sum((y[a] - theta[a])**2/2, (a, 0, m-1))", 7, data=data)
    assert own.F(0).vals == pytest.approx(0.1 * data.y)


def test_blocks_of_samples_give_the_same_map(monkeypatch: pytest.MonkeyPatch) -> None:
    data = random_data(50, 3)
    whole = derive(QUARTIC, 3, data=data)
    monkeypatch.setattr(batch_polynomial, "ENTRY_LIMIT", 60)
    blocks = derive(QUARTIC, 3, data=data)
    for degree, tensor in whole.tensors.items():
        assert np.array_equal(blocks.F(degree).cols, tensor.cols)
        np.testing.assert_allclose(blocks.F(degree).vals, tensor.vals, rtol=1e-12)


def test_a_quartic_data_loss_of_442_samples_and_10_features() -> None:
    data = random_data(442, 10)
    derived = derive(QUARTIC, 10, data=data)
    assert {degree: tensor.nnz for degree, tensor in derived.tensors.items()} == {
        0: 10,
        1: 100,
        2: 550,
        3: 2200,
    }
    theta = np.linspace(-1, 1, 10)
    residual = data.y - data.x @ theta
    np.testing.assert_allclose(derived.step(theta), theta + 0.1 * residual**3 @ data.x / 442, rtol=1e-11)


def test_columns_of_mean_zero_leave_no_rounding_entries() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 2))
    x -= x.mean(axis=0)
    data = DataSet(x=x, y=np.ones(200), feature_names=("p", "q"))
    derived = derive("Sum((theta[0]*x[a, 0] + theta[1])**2, (a, 0, m-1))/m", 2, data=data)
    assert sorted(entries(derived, 1)) == [(0, 0), (1, 1)]
    assert derive("Sum(x[a, 0], (a, 0, m-1))*theta[0] + theta[1]", 2, data=data).F(0).nnz == 1


def test_a_large_ring_keeps_exact_values() -> None:
    ring = derive(RING, 20_000, parameters={"lam": 0.3, "J": 0.4})
    assert ring.nnz == 80_000
    assert set(ring.F(1).exact) == {Fraction(-1, 10), Fraction(4, 100)}
    assert set(ring.F(3).exact) == {Fraction(-3, 100)}


def test_losses_beyond_the_limit_are_too_large() -> None:
    with pytest.raises(TooLarge, match="the limit is 5,000,000"):
        derive("Sum(theta[i], (i, 0, n-1))**4", 400)
    with pytest.raises(TooLarge, match="monomials"):
        derive("Sum(theta[i]*theta[2*i], (i, 0, n-1))", 2**23)
    with pytest.raises(TooLarge, match="8,388,608 entries"):
        derive("Sum(theta[i]**2, (i, 0, n-1))", 2**23).F(1)
    with pytest.raises(TooLarge, match="monomials of degree"):
        derive("Sum(theta[i], (i, 0, n-1))**6", 50)
    with pytest.raises(TooLarge, match="monomials"):
        derive("Sum(theta[0]*i, (i, 0, 10**18))", 1)
    with pytest.raises(TooLarge, match="monomials"):
        derive("Sum(theta[0]*y[a], (a, 0, 10**18))", 1, data=random_data(3, 1))
    assert entries(derive("Sum(theta[0], (i, 1, 10**18))", 1), 0) == {(0,): Fraction(-(10**17))}


@pytest.mark.parametrize(
    ("text", "rest", "message"),
    [
        ("lam*theta[0]", {}, "the name 'lam'"),
        ("lam*theta[0] + mu + q[0]", {"parameters": {"lam": 1}}, "the name 'q'"),
        ("lam[0]*theta[0]", {"parameters": {"lam": 1.0}}, "'lam' is a number"),
        ("lam*theta[0]", {"parameters": {"lam": np.ones(3)}}, "'lam' is an array"),
        ("lam[0, 0]*theta[0]", {"parameters": {"lam": np.ones(3)}}, "lam with 2 indices"),
        ("theta[0]", {"parameters": {"theta": 1.0}}, "a parameter named 'theta'"),
        ("Sum(theta[i], (i, 0, 1))", {"parameters": {"i": 1.0}}, "a parameter named 'i'"),
        ("lam*theta[0]", {"parameters": {"lam": float("nan")}}, "NaN or infinity"),
        ("y[0]*theta[0]", {}, "y without data"),
        ("theta[0]/m", {}, "m without data"),
        (
            "x[0, 4]*theta[0]",
            {"data": random_data(3, 4)},
            "feature columns of the data: is model.n their number",
        ),
        ("y[3]*theta[0]", {"data": random_data(3, 4)}, "index 3 of y"),
        ("theta[0]/(n-2)", {}, "division by zero"),
        ("Sum(theta[i]/i, (i, 0, 1))", {}, "division by zero"),
        ("theta[n/4]", {}, "not an integer"),
        ("Sum(theta[0], (i, 0, n/4))", {}, "not an integer"),
        ("theta[lam]", {"parameters": {"lam": 0.5}}, "not an integer"),
        ("theta[0, 1]", {}, "2 indices"),
        ("10.0**60*10.0**60*10.0**60*10.0**60*10.0**60*10.0**60*theta[0]", {}, "1e308"),
        (
            "10.0**60*10.0**60*10.0**60*10.0**60*10.0**60*10.0**60*y[0]*theta[0]",
            {"data": random_data(3, 4)},
            ".",
        ),
        ("Sum((theta[0] - y[a])**2, (a, 0, 2))", {"data": not_a_number()}, "not finite"),
        ("theta[0]", {"center": np.zeros(3)}, "a center of shape"),
    ],
)
def test_losses_that_cannot_be_evaluated(text: str, rest: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        derive(text, 2, **rest)


def test_all_unknown_names_are_reported_at_once() -> None:
    with pytest.raises(InputError) as caught:
        derive("p*theta[0] + q*y[0]", 1)
    assert len(caught.value.problems) == 3


def test_sums_of_many_fractions_become_floats() -> None:
    derived = derive("Sum(theta[0]/(i+1), (i, 0, 9999))", 1)
    assert derived.F(0).exact is None
    assert derived.F(0).vals[0] == pytest.approx(-0.1 * sum(1 / k for k in range(1, 10001)), rel=1e-14)


@given(st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_the_center_does_not_change_the_map(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text, n = random_loss(rng)
    center = rng.normal(size=n)
    about_zero, about_center = derive(text, n), derive(text, n, center)
    theta = rng.normal(size=n)
    moved = center + about_center.step(theta - center)
    np.testing.assert_allclose(moved, about_zero.step(theta), rtol=1e-9, atol=1e-9)
