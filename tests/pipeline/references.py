"""Reference computations that share nothing with carlemanc: dense Kronecker products and sympy derivatives."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import sympy

Matrix = Any


def gradient_map(
    loss: sympy.Expr, symbols: list[sympy.Symbol], eta: float, center: list[float]
) -> dict[int, Matrix]:
    """F_l as dense (n, n^l) arrays with the coefficient of a monomial spread evenly over its orderings."""
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


def carleman_blocks(tensors: dict[int, Matrix], n: int, order: int) -> dict[tuple[int, int], Matrix]:
    """B^j_k for 1 <= j <= order, 0 <= k <= order, dense."""
    steps = {degree: tensor.copy() for degree, tensor in tensors.items()}
    steps[1] = steps.get(1, np.zeros((n, n))) + np.eye(n)
    blocks: dict[tuple[int, int], Matrix] = {}

    def extend(degrees: tuple[int, ...]) -> None:
        if degrees and sum(degrees) <= order:
            key = (len(degrees), sum(degrees))
            product = reduce(np.kron, [steps[degree] for degree in degrees])
            blocks[key] = blocks.get(key, 0) + product
        if len(degrees) < order:
            for degree in steps:
                extend((*degrees, degree))

    extend(())
    return blocks


def carleman_iterate(tensors: dict[int, Matrix], u: Matrix, order: int, steps: int) -> Matrix:
    """u(T) of the truncated Carleman recursion, gamma = 1."""
    n = len(u)
    blocks = carleman_blocks(tensors, n, order)
    y = {j: reduce(np.kron, [np.asarray(u)] * j) for j in range(1, order + 1)}
    y[0] = np.ones(1)
    for _ in range(steps):
        new = {j: np.zeros(n**j) for j in range(1, order + 1)}
        for (j, k), block in blocks.items():
            new[j] = new[j] + block @ y[k]
        y = {0: np.ones(1), **new}
    return y[1]


def descend(tensors: dict[int, Matrix], u: Matrix, steps: int) -> Matrix:
    """u(T) of the map itself."""
    u = np.asarray(u, dtype=float)
    for _ in range(steps):
        u = u + sum(tensor @ reduce(np.kron, [u] * degree, np.ones(1)) for degree, tensor in tensors.items())
    return u
