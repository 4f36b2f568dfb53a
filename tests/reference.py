"""What carlemanc is compared with: gates on dense vectors, Kronecker products, small maps with known answers.

Wire w of a program is bit w of an index, so the first wire is least significant; of several registers the first named
one is. Slot 1 of a Kronecker product is most significant, as in numpy.kron.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy

from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.programs.program import ARITY, CODE, OPS, Program

Vector = npt.NDArray[np.complex128]
Matrix = npt.NDArray[np.float64]
Factors = Mapping[int, Matrix]
"""F_l as an (n, n^l) array by its degree l."""

RING = "Sum(theta[i]**2/2 + lam*theta[i]**4/4 - J*theta[i]*theta[i+1], (i, 0, n-1))"
"""The loss of the quartic ring."""

_S = 0.5**0.5
_FIXED = {
    "x": [[0, 1], [1, 0]],
    "y": [[0, -1j], [1j, 0]],
    "z": [[1, 0], [0, -1]],
    "h": [[_S, _S], [_S, -_S]],
    "s": [[1, 0], [0, 1j]],
    "sdg": [[1, 0], [0, -1j]],
    "t": [[1, 0], [0, np.exp(0.25j * np.pi)]],
    "tdg": [[1, 0], [0, np.exp(-0.25j * np.pi)]],
}


def gate_matrix(name: str, angle: float = 0.0) -> Vector:
    """Return the 2x2 matrix of a one-wire primitive."""
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    if name == "rz":
        return np.diag([c - 1j * s, c + 1j * s])
    if name == "ry":
        return np.asarray([[c, -s], [s, c]], dtype=np.complex128)
    return np.asarray(_FIXED[name], dtype=np.complex128)


def program_of(
    width: int,
    ops: Sequence[tuple[Any, ...]],
    *,
    metadata: dict[str, object] | None = None,
    **registers: Sequence[int],
) -> Program:
    """Return the program of (name, *wires) or (name, *wires, angle) tuples; without registers all wires are `q`."""
    wires = np.full((len(ops), 3), -1, dtype=np.int32)
    angles = np.zeros(len(ops))
    for row, (name, *rest) in enumerate(ops):
        arity = ARITY[CODE[name]]
        wires[row, :arity] = rest[:arity]
        angles[row : row + 1] = rest[arity:] or 0.0
    return Program(
        width=width,
        registers={name: tuple(on) for name, on in (registers or {"q": range(width)}).items()},
        codes=np.array([CODE[name] for name, *_ in ops], dtype=np.uint8),
        wires=wires,
        angles=angles,
        metadata=metadata or {},
    )


def evaluate(program: Program, initial: npt.NDArray[Any] | None = None) -> Vector:
    """Return the state after `program`, from |0> or from a vector or several columns; an AND is a Toffoli."""
    size = 1 << program.width
    state = np.eye(size, 1, dtype=np.complex128)[:, 0] if initial is None else initial.astype(np.complex128)
    index = np.arange(size)
    for code, (a, b, t), angle in zip(
        program.codes.tolist(), program.wires.tolist(), program.angles.tolist(), strict=True
    ):
        name = OPS[code]
        if name == "gphase":
            state = state * np.exp(1j * angle)
        elif name == "cz":
            state = (np.where((index >> a) & (index >> b) & 1, -1.0, 1.0) * state.T).T
        elif name == "cx":
            state = state[index ^ (((index >> a) & 1) << b)]
        elif name == "swap":
            differ = ((index >> a) ^ (index >> b)) & 1
            state = state[index ^ (differ << a) ^ (differ << b)]
        elif name in ("and", "and_dg"):
            state = state[index ^ (((index >> a) & (index >> b) & 1) << t)]
        else:
            matrix = gate_matrix(name, angle)
            low, high = index & ~(1 << a), index | (1 << a)
            bit = (index >> a) & 1
            state = (matrix[bit, 0] * state[low].T + matrix[bit, 1] * state[high].T).T
    return state


def unitary(program: Program, names: Sequence[str] | None = None) -> Vector:
    """Return the matrix of all wires, or between the named registers; the other wires go from |0> to |0>."""
    if names is None:
        return evaluate(program, np.eye(1 << program.width))
    wires = [wire for name in names for wire in program.registers[name]]
    columns = np.arange(1 << len(wires))
    places = sum(((columns >> bit & 1) << wire for bit, wire in enumerate(wires)), np.zeros_like(columns))
    state = evaluate(program, np.eye(1 << program.width)[:, places])
    assert np.abs(np.delete(state, places, axis=0)).max(initial=0.0) < 1e-12, "another wire is left dirty"
    return state[places]


def response(phases: Any, x: Any, convention: str) -> Vector:
    """Return <0|U|0> at the points x for phases of QSP in a convention of module phase_factors: the definition."""
    s = np.sqrt((1 - x) * (1 + x))
    off, corner = (1j * s, x) if convention == "W" else (s + 0j, -x)
    left, right = np.exp(1j * phases[0]) * np.ones_like(x), np.zeros_like(x) + 0j
    for phi in phases[1:]:
        left, right = (
            (left * x + right * off) * np.exp(1j * phi),
            (left * off + right * corner) * np.exp(-1j * phi),
        )
    return np.asarray(left, dtype=np.complex128)


def dense(tensor: SparseTensor) -> Matrix:
    """Return F_l as an (n, n^l) array, entry by entry."""
    array = np.zeros((tensor.n,) * (tensor.degree + 1))
    for row, columns, value in zip(tensor.rows, tensor.cols, tensor.vals, strict=True):
        array[(row, *columns)] += value
    return array.reshape(tensor.n, -1)


def factors_of(polynomial: PolynomialMap) -> dict[int, Matrix]:
    """Return F_0, F_1, ... of a map, those it has."""
    return {degree: dense(tensor) for degree, tensor in polynomial.tensors.items()}


def power(u: npt.ArrayLike, degree: int) -> Matrix:
    """Return the Kronecker power of a vector; its zeroth is [1]."""
    return reduce(np.kron, [np.asarray(u, dtype=float)] * degree, np.ones(1))


def step_block(n: int, steps: Factors, j: int, k: int) -> Matrix:
    """Return B^j_k, (n^j, n^k): the sum of all Kronecker products of j of G_0, G_1, ... whose degrees sum to k."""
    products = (chosen for chosen in itertools.product(steps, repeat=j) if sum(chosen) == k)
    return sum((reduce(np.kron, [steps[d] for d in chosen]) for chosen in products), np.zeros((n**j, n**k)))


def carleman_block(n: int, factors: Factors, j: int, k: int, corrections: int | None = None) -> Matrix:
    """Return B^j_k of the map u + sum F_l u^l, with products of at most `corrections` factors F and the rest I."""
    if corrections is None:
        return step_block(n, {**factors, 1: factors.get(1, 0) + np.eye(n)}, j, k)
    symbols = [(1, 0, np.eye(n)), *((degree, 1, matrix) for degree, matrix in factors.items())]
    total = np.zeros((n**j, n**k))
    for chosen in itertools.product(symbols, repeat=j):
        degrees, used, matrices = zip(*chosen, strict=True)
        if sum(degrees) == k and sum(used) <= corrections:
            total += reduce(np.kron, matrices)
    return total


def carleman_iterate(
    factors: Factors, u: npt.ArrayLike, order: int, steps: int, corrections: int | None = None
) -> Matrix:
    """Return u(T) of the Carleman recursion truncated at `order`, every level kept."""
    levels = range(order + 1)
    y = [power(u, j) for j in levels]
    blocks = {
        (j, k): carleman_block(len(y[1]), factors, j, k, corrections) for j in levels[1:] for k in levels
    }
    for _ in range(steps):
        y = [y[0], *(sum(blocks[j, k] @ y[k] for k in levels) for j in levels[1:])]
    return y[1]


def descend(factors: Factors, u: npt.ArrayLike, steps: int) -> Matrix:
    """Return u(T) of the map itself."""
    u = np.asarray(u, dtype=float)
    for _ in range(steps):
        u = u + sum(matrix @ power(u, degree) for degree, matrix in factors.items())
    return u


def gradient_map(
    loss: sympy.Expr, symbols: list[sympy.Symbol], eta: float, center: list[float]
) -> dict[int, Matrix]:
    """Return -eta times the gradient about `center`, a monomial's coefficient spread evenly over its orderings."""
    n = len(symbols)
    shifted = sympy.expand(
        loss.subs({s: s + sympy.nsimplify(c) for s, c in zip(symbols, center, strict=True)})
    )
    tensors: dict[int, Matrix] = {}
    for row in range(n):
        poly = sympy.Poly(sympy.diff(shifted, symbols[row]), *symbols)
        for powers, coefficient in poly.terms():
            degree = sum(powers)
            tensor = tensors.setdefault(degree, np.zeros((n,) * (degree + 1)))
            orderings = list(
                sympy.utilities.iterables.multiset_permutations(
                    [i for i in range(n) for _ in range(powers[i])]
                )
            )
            for columns in orderings or [[]]:
                tensor[(row, *columns)] += -eta * float(coefficient) / max(1, len(orderings))
    return {degree: tensor.reshape(n, -1) for degree, tensor in tensors.items()}


def tensor(n: int, degree: int, entries: Mapping[tuple[int, ...], float]) -> SparseTensor:
    """Return F_degree from {(row, column, ...): value}."""
    keys = sorted(entries)
    return SparseTensor.build(
        n=n,
        degree=degree,
        rows=[key[0] for key in keys],
        cols=np.array([key[1:] for key in keys], dtype=int).reshape(len(keys), degree),
        vals=[entries[key] for key in keys],
    )


def polynomial_map(n: int, tensors: Mapping[int, SparseTensor]) -> PolynomialMap:
    """Return the map u -> u + sum F_l u^l about zero."""
    return PolynomialMap(n=n, center=np.zeros(n), tensors=dict(tensors), learning_rate=1.0, source="test")


def map_of(n: int, **arrays: npt.ArrayLike) -> PolynomialMap:
    """Return the map of dense F0=, F1=, F2=, ... of shape (n, n^l); entries of one monomial are added."""
    tensors = {}
    for name, array in arrays.items():
        degree = int(name[1:])
        values = np.asarray(array, dtype=float).reshape((n,) * (degree + 1))
        index = np.argwhere(values != 0)
        tensors[degree] = SparseTensor.build(
            n=n, degree=degree, rows=index[:, 0], cols=index[:, 1:], vals=values[values != 0]
        )
    return polynomial_map(n, tensors)


def random_map(seed: int, n: int, degrees: tuple[int, ...], size: float = 0.1) -> PolynomialMap:
    """Return a map with normal entries of that size on every monomial of the degrees."""
    rng = np.random.default_rng(seed)
    return map_of(n, **{f"F{degree}": size * rng.normal(size=(n,) * (degree + 1)) for degree in degrees})


def quartic_pair(eta: float = 0.1, J: float = 0.3, lam: float = 1.0) -> PolynomialMap:
    """Return the map of two coupled quartic wells."""
    cubic = {(i, i, i, i): -eta * lam for i in range(2)}
    linear = map_of(2, F1=-eta * np.array([[1, -J], [-J, 1]])).tensors
    return polynomial_map(2, {**linear, 3: tensor(2, 3, cubic)})


def quartic_ring(n: int, eta: float = 0.1, J: float = 0.2, lam: float = 1.0) -> PolynomialMap:
    """Return the map of a ring of n quartic wells; at n = 2 its one bond counts twice."""
    linear = np.eye(n)
    for i in range(n):
        linear[i, (i + 1) % n] -= J
        linear[i, (i - 1) % n] -= J
    cubic = {(i, i, i, i): -eta * lam for i in range(n)}
    return polynomial_map(n, {**map_of(n, F1=-eta * linear).tensors, 3: tensor(n, 3, cubic)})


DRIVEN_F2 = [[-0.0020, 0.0200, 0.0432, -0.0203], [0.0061, -0.0139, 0.0038, -0.0356]]
DRIVEN = map_of(2, F0=[0.005, 0.002], F1=[[-0.1, -0.02], [-0.02, -0.08]], F2=DRIVEN_F2)
"""A driven quadratic map of two weights; `DRIVEN_F2` is not symmetrized."""
