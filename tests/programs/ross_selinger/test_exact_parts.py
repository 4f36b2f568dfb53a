"""Rings, norm equation, lattice and exact synthesis, each against a plain way to the same."""

from __future__ import annotations

import cmath
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.programs.ross_selinger.exact_word import exact_word
from carlemanc.programs.ross_selinger.fixed_point import cosine_sine, pi
from carlemanc.programs.ross_selinger.lattice import reduce_basis
from carlemanc.programs.ross_selinger.norm_equation import norm_equation
from carlemanc.programs.ross_selinger.rings import (
    conjugate,
    gcd,
    is_doubly_positive,
    real_norm,
    square,
    times,
)
from carlemanc.programs.ross_selinger.segment_points import points_inside

OMEGA = cmath.exp(0.25j * math.pi)
small = st.integers(-40, 40)
numbers = st.tuples(small, small, small, small)
plain = settings(max_examples=150, deadline=None, derandomize=True)


def value(x):
    return sum(part * OMEGA**j for j, part in enumerate(x))


@plain
@given(numbers, numbers)
def test_products_and_squares_are_those_of_complex_numbers(x, y):
    assert value(times(x, y)) == pytest.approx(value(x) * value(y), abs=1e-9)
    a, b = square(x)
    assert a + b * math.sqrt(2) == pytest.approx(abs(value(x)) ** 2, abs=1e-9)
    assert value(conjugate(x)) == pytest.approx(value(x).conjugate(), abs=1e-9)


@plain
@given(numbers.filter(any), numbers.filter(any), numbers.filter(any))
def test_a_greatest_common_divisor_divides_both_and_is_divided_by_what_divides_both(x, y, common):
    x, y = times(x, common), times(y, common)
    found = gcd(x, y)

    def divides(d, of):
        a, b = square(d)
        quotient = times(times(of, conjugate(d)), (a, -b, 0, b))
        return all(part % (a * a - 2 * b * b) == 0 for part in quotient)

    assert divides(found, x)
    assert divides(found, y)
    assert divides(common, found)


@plain
@given(st.tuples(*[st.integers(-(10**5), 10**5)] * 4))
def test_the_norm_equation_of_a_square_is_solved(x):
    assert square(norm_equation(square(x))) == square(x)


def test_what_has_no_solution_is_found_to_have_none():
    """Every xi = a + b sqrt 2 with a up to 60, against the squares of all numbers of that size."""
    reach = range(-8, 9)
    squares = {square(x) for x in itertools.product(reach, repeat=4)}
    candidates = [(a, b) for a in range(1, 61) for b in range(-a, a + 1) if is_doubly_positive((a, b))]
    assert len(candidates) > 2000
    for xi in candidates:
        w = norm_equation(xi)
        assert (w is not None) == (xi in squares), xi
        assert w is None or square(w) == xi


def test_a_norm_too_long_to_factor_counts_as_unsolvable():
    p, q = (1 << 61) - 1, (1 << 89) - 1  # 7 modulo 8, both
    x = 10**12 + 7
    assert norm_equation((x, 1)) is not None or real_norm((x, 1)) % 8 == 7
    assert norm_equation((p * q, 0)) is None


@plain
@given(st.integers(-(2**40), 2**40), st.sampled_from([60, 200, 700]))
def test_cosine_and_sine_in_fixed_point(angle, bits):
    import mpmath

    with mpmath.workprec(bits + 60):
        wanted = mpmath.ldexp(angle, -40)
        found = cosine_sine(angle << (bits - 40), bits)
        for number, of in zip(found, (mpmath.cos, mpmath.sin), strict=True):
            assert abs(mpmath.ldexp(number, -bits) - of(wanted)) <= mpmath.ldexp(2, -bits)
        assert abs(mpmath.ldexp(pi(bits), -bits) - mpmath.pi) <= mpmath.ldexp(2, -bits)


@pytest.mark.parametrize("seed", range(8))
def test_points_in_segment_and_disk_are_those_of_a_plain_search(seed):
    """Vectors of very different sizes too: half of the lattices are flat."""
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-6, 7, (4, 4)) * (np.array([[1, 8, 8, 8]]) if seed % 2 else 4)
    while abs(np.linalg.det(vectors)) < 0.5:
        vectors = rng.integers(-6, 7, (4, 4)) * 4
    basis = reduce_basis((vectors @ vectors.T).tolist(), 1)
    rows = np.array(basis.rows)
    assert (rows @ np.array(basis.inverse) == np.eye(4)).all()
    embedded, part, radius = rows @ vectors, rng.uniform(0, 1, 4), 50.0
    found = set(points_inside(basis, [tuple(map(float, v)) for v in embedded], part.tolist(), radius))
    spread = int(np.ceil(1.5 * radius * np.max(np.linalg.norm(np.linalg.inv(embedded), axis=0)))) + 1
    axis = np.arange(-spread, spread + 1)
    steps = np.stack(np.meshgrid(axis, axis, axis, axis), axis=-1).reshape(-1, 4)
    u, v, c, d = ((steps - part) @ embedded).T
    inside = (u >= -radius / 2) & (v**2 <= radius * (radius - u) / 2) & (c**2 + d**2 <= radius**2)
    wanted = {tuple(point) for point in steps[inside].tolist()}
    assert len(wanted) > 20
    assert wanted <= found
    assert len(found) <= 1.3 * len(wanted) + 20


def test_a_reduced_basis_is_short():
    """LLL: the first vector is at most 2^{3/4} det^{1/4} long (squared: 2^{3/2} det^{1/2} of the Gram matrix)."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        vectors = rng.integers(-(10**6), 10**6, (4, 4)).astype(object)
        gram = vectors.dot(vectors.T)
        basis = reduce_basis(gram.tolist(), 1)
        rows = np.array(basis.rows, dtype=object)
        short = rows.dot(gram).dot(rows.T)[0, 0]
        assert float(short) <= 2**1.5 * abs(np.linalg.det(vectors.astype(float))) ** 0.5 * (1 + 1e-6)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(["h", "t", "s", "x"]), max_size=60))
def test_a_matrix_gives_back_a_word_that_is_no_longer(names):
    """Columns are made in the ring, the word found is multiplied out in doubles."""
    up, down, k = (1, 0, 0, 0), (0, 0, 0, 0), 0
    determinant = 0
    root, turn = (0, 1, 0, -1), (0, 1, 0, 0)
    for name in names:
        if name == "h":
            up, down = (tuple(a + sign * b for a, b in zip(up, down, strict=True)) for sign in (1, -1))
            k += 1
        elif name == "x":
            up, down = down, up
        else:
            down = times(down, turn) if name == "t" else times(down, times(turn, turn))
        determinant += {"h": 4, "x": 4, "s": 2, "t": 1}[name]
    found, power = exact_word(up, down, k, determinant % 8)
    assert sum(name in ("t", "tdg") for name in found) <= names.count("t")
    matrix = {
        "h": np.array([[1, 1], [1, -1]]) / math.sqrt(2),
        "x": np.array([[0, 1], [1, 0]]),
        **{n: np.diag([1, OMEGA**j]) for n, j in {"t": 1, "s": 2, "z": 4, "sdg": 6, "tdg": 7}.items()},
    }

    def product(word):
        out = np.eye(2, dtype=complex)
        for name in word:
            out = matrix[name] @ out
        return out

    assert product(found) * OMEGA**power == pytest.approx(product(names), abs=1e-9)
    assert value(root) == pytest.approx(math.sqrt(2))
