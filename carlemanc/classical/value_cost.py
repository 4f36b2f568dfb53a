"""What values cost once the weights are there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from carlemanc.classical.question import Question, Value
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.light_cone.growth import beside_stencils
from carlemanc.model.polynomial_map import written_out
from carlemanc.model.sparse_tensor import SparseTensor


def values_flops(question: Question, support: int | None = None) -> int:
    """Return at most how many flops all values take from the weights, of which `support` (None: all) are not zero."""
    most = question.lifted.n if support is None else support
    return sum(value_flops(one, most) for one in question.values)


def value_flops(value: Value, support: int) -> int:
    """Return the flops of one value where all weights but `support` of them are zero; exact where that is none.

    A monomial of degree d takes d products, the coefficient's included, and an addition; the norm of a gradient takes
    the gradient and two flops for each weight that it is not zero for. A stencil has no more monomials, and no more
    entries, that are not zero than there are such weights: each stands at the place of one of them.
    """
    parts = _parts(value)
    if not value.is_root:
        return math.ceil(sum(part.monomials(support) * (part.degree + 2) for part in parts))
    entries = [part.entries(support) for part in parts]
    slopes = sum(count * (part.degree + 1) for count, part in zip(entries, parts, strict=True))
    return slopes + 2 * min(value.polynomial.map.n, sum(entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Entries of the slope of a polynomial: those of one stencil, or those beside the stencils.

    Args:
        degree: of the entries; their monomials have one more.
        count: how many there are.
        share: of a monomial that each of them is: one over the weights in it, summed over the entries.
        is_stencil: whether every weight has at most one.
    """

    degree: int
    count: int
    share: Fraction
    is_stencil: bool

    def entries(self, support: int) -> int:
        """Return at most how many are not zero."""
        return min(self.count, support) if self.is_stencil and self.degree else self.count

    def monomials(self, support: int) -> Fraction:
        """Return at most how many monomials are not zero."""
        if not self.is_stencil or self.count <= support:
            return self.share
        return self.share * support / self.count


@lru_cache(maxsize=64)
def _parts(value: Value) -> tuple[_Part, ...]:
    found: list[_Part] = []
    for operator in value.polynomial.map.operators.values():
        if isinstance(operator, LatticeTensor):
            found += map(_of_stencil, operator.stencils)
            found.append(_of_entries(beside_stencils(operator)))
        else:
            found.append(_of_entries(written_out(operator)))
    return tuple(part for part in found if part.count)


def _of_stencil(stencil: Stencil) -> _Part:
    here = (0,) * len(stencil.box)
    return _Part(
        degree=len(stencil.offsets),
        count=stencil.count,
        share=Fraction(stencil.count, len({here, *stencil.offsets})),
        is_stencil=True,
    )


def _of_entries(tensor: SparseTensor) -> _Part:
    """Return the part of explicit entries; an entry of k weights is a k-th of its monomial, which has k such."""
    weights = np.sort(np.column_stack((tensor.rows, tensor.cols)), axis=1)
    distinct = 1 + np.count_nonzero(np.diff(weights, axis=1), axis=1)
    counts = np.bincount(distinct).tolist()
    share = sum((Fraction(count, k) for k, count in enumerate(counts) if count), Fraction(0))
    return _Part(degree=tensor.degree, count=tensor.nnz, share=share, is_stencil=False)
