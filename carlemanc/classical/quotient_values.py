"""Values of a lattice on which weights are equal, from one weight of each kind."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from carlemanc.classical.question import Question, Value
from carlemanc.classical.quotient import Quotient, end_of, is_even
from carlemanc.classical.value_cost import value_flops
from carlemanc.core.arrays import FloatArray
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import written_out
from carlemanc.model.sparse_tensor import SparseTensor


def unanswered(question: Question) -> str | None:
    """Return why a value does not follow from one weight of each kind; None where all do."""
    for value in question.values:
        found = value.polynomial.map
        if value.is_root and not is_even(found):
            return f"{value.name}: entries of the gradient that are not the same on every row"
        if any(stencil.profile is not None for stencil in _stencils(value)):
            return f"{value.name}: a coefficient of its own at every site"
    return None


def longest_offset(question: Question, axis: int) -> int:
    """Return the longest offset of a value along an axis, of a gradient from where its stencils begin or end."""
    found = [0]
    for value in question.values:
        lattice = value.polynomial.map.lattice
        for stencil in _stencils(value):
            assert lattice is not None
            end = end_of(stencil.box[axis], lattice.dims[axis]) if value.is_root else 0
            found += [end + abs(offset[axis]) for offset in stencil.offsets]
    return max(found)


def quotient_values_flops(question: Question, quotient: Quotient) -> int:
    """Return at most how many flops all values take: their monomials on the small lattice, each times its number."""
    kinds = quotient.small.n
    counted = sum(1 + sum(1 for _ in _stencils(value)) for value in question.values)
    return kinds * counted + sum(value_flops(value, kinds) for value in question.values)


def quotient_value(value: Value, quotient: Quotient, u: FloatArray) -> float:
    """Return a value from u on the small lattice, (small.n,)."""
    whole = value.polynomial
    if value.is_root:
        slope = quotient.map(whole.map).step(u) - u
        return math.sqrt(float(quotient.counts(quotient.whole.full) @ slope**2))
    parts = []
    for degree, operator in whole.map.operators.items():
        if isinstance(operator, LatticeTensor):
            found = [_of_stencil(stencil, quotient, u) for stencil in operator.stencils]
            found.append(_of_entries(operator.entries, quotient, u))
        else:
            found = [_of_entries(written_out(operator), quotient, u)]
        parts.append(math.fsum(found) / (degree + 1))
    return whole.constant - math.fsum(parts)


def _of_stencil(stencil: Stencil, quotient: Quotient, u: FloatArray) -> float:
    grid = u.reshape(quotient.small.dims)
    axes = tuple(range(len(quotient.small.dims)))
    terms = grid.copy()
    for offset in stencil.offsets:
        terms = terms * np.roll(grid, [-step for step in offset], axes)
    return float(stencil.coefficient) * float(quotient.counts(stencil.box) @ terms.reshape(-1))


def _of_entries(tensor: SparseTensor, quotient: Quotient, u: FloatArray) -> float:
    rows, columns = u[quotient.sites(tensor.rows)], u[quotient.sites(tensor.cols)]
    return float(np.sum(tensor.vals * rows * np.prod(columns, axis=1)))


def _stencils(value: Value) -> Iterator[Stencil]:
    for operator in value.polynomial.map.operators.values():
        if isinstance(operator, LatticeTensor):
            yield from operator.stencils
