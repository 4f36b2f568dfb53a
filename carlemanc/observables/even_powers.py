r"""Sums of even monomials as squares of half their degree: $\sum_i \theta_i^4$ is ||sum_i |i><ii| u^(x)2||^2.

A monomial in which every weight stands an even number of times is the square of one of half the degree k, and a sum of
such monomials over sites, of one sign, is the squared norm of a row of tensors on level k: one event that is positive,
of the size of what is asked and not of ||u||^2, from level k where a product with level 1 takes level 2 k - 1 (derived
here). Its truncation error is that of level k.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.model.lattice.sites import Box, Lattice, Offset
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, PolynomialMap, written_out
from carlemanc.model.sparse_tensor import SparseTensor

_MOST = 6
"""The most squares of one degree that are split off: each is an event of its own."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EvenPower:
    """sign ||R_k u^(x)k||^2.

    Attributes:
        row: R_k, as the only tensor of a map.
        degree: k.
        sign: +1 or -1.
    """

    row: PolynomialMap
    degree: int
    sign: int


def split_even_powers(
    whole: PolynomialMap, levels: Container[int]
) -> tuple[tuple[EvenPower, ...], PolynomialMap]:
    """Return the squares that levels k >= 2 hold of a polynomial, and the polynomial without them."""
    found: list[EvenPower] = []
    rest: dict[int, Operator] = dict(whole.operators)
    for degree, operator in whole.operators.items():
        half = (degree + 1) // 2
        if degree < 3 or not degree % 2 or half not in levels:
            continue
        rows, left = _split(operator)
        if 0 < len(rows) <= _MOST:
            found += [EvenPower(row=whole.with_tensors({half: row}), degree=half, sign=s) for row, s in rows]
            del rest[degree]
            if left is not None:
                rest[degree] = left
    return tuple(found), whole.with_tensors(rest)


def _split(operator: Operator) -> tuple[list[tuple[Operator, int]], Operator | None]:
    """Return rows with signs, and what is left of F_l."""
    if not isinstance(operator, LatticeTensor):
        rows, left = _split_diagonal(written_out(operator))
        return rows, left if left.nnz else None
    rows, entries = _split_diagonal(operator.entries)
    others: list[Stencil] = []
    groups: dict[tuple[Box, tuple[Offset, ...]], list[Stencil]] = {}
    for stencil in operator.stencils:
        key = _monomial(stencil, operator.lattice)
        if key is None:
            others.append(stencil)
        else:
            groups.setdefault(key, []).append(stencil)
    for (box, monomial), group in groups.items():
        total = -sum(float(item.coefficient) for item in group) / (operator.degree + 1)
        half = tuple(offset for offset, count in sorted(Counter(monomial).items()) for _ in range(count // 2))
        root = Stencil(offsets=half, box=box, coefficient=math.sqrt(abs(total)))
        row = LatticeTensor.build(operator.lattice, len(half), [root])
        rows.append((row, 1 if total > 0 else -1))
    rest = replace(operator, stencils=tuple(others), entries=entries)
    return rows, rest if rest.nnz else None


def _monomial(stencil: Stencil, lattice: Lattice) -> tuple[Box, tuple[Offset, ...]] | None:
    """Return box and offsets of an even monomial, the same for each of its rows; None of any other.

    Rows of one site alone may stand in any box; where a monomial spans sites its rows are told apart by moving it,
    which needs every site.
    """
    here = tuple(0 for _ in lattice.dims)
    sites = [here, *stencil.offsets]
    spans = any(any(offset) for offset in sites)
    if stencil.profile is not None or (spans and not (lattice.periodic and stencil.box == lattice.full)):
        return None
    if any(count % 2 for count in Counter(map(lattice.wrap, sites)).values()):
        return None
    moved = (
        tuple(sorted(lattice.wrap(tuple(a - b for a, b in zip(site, first, strict=True))) for site in sites))
        for first in sites
    )
    return stencil.box, min(moved)


def _split_diagonal(tensor: SparseTensor) -> tuple[list[tuple[Operator, int]], SparseTensor]:
    """Return powers of single weights, those of each sign together, and the other entries."""
    is_power = np.all(tensor.cols == tensor.rows[:, None], axis=1)
    rows: list[tuple[Operator, int]] = []
    for sign in (1, -1):
        chosen = np.flatnonzero(is_power & (sign * tensor.vals < 0))
        if len(chosen):
            half, sites = (tensor.degree + 1) // 2, tensor.rows[chosen]
            root = SparseTensor.build(
                n=tensor.n,
                degree=half,
                rows=sites,
                cols=np.repeat(sites[:, None], half, axis=1),
                vals=np.sqrt(np.abs(tensor.vals[chosen]) / (tensor.degree + 1)),
            )
            rows.append((root, sign))
    return rows, tensor.chosen(np.flatnonzero(~is_power))
