"""From the lattice sums of a loss to the stencils of F_l: the gradient taken once, for all sites together.

The body of a sum is expanded in one unknown for each offset. Its monomial c u_{o_1} ... u_{o_{l+1}}, summed
over a box, gives the row i + o of each distinct offset o the stencil -eta c k with the other l offsets
relative to o, k being how often o occurs (`gradient.py`, with offsets in place of indices). On an open
lattice the monomial is zero from every site from which one of its offsets leaves; these sites are cut off
the box first. Exact rationals throughout where the text is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.model.expression.evaluation import Evaluator
from carlemanc.model.expression.scope import Scope
from carlemanc.model.expression.tree import Mul, Number
from carlemanc.model.lattice.sites import Box, Interval, Lattice, Offset, clip
from carlemanc.model.lattice.stencil import Number as Value
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.sums import LatticeSum
from carlemanc.model.polynomials.batch_polynomial import Monomials
from carlemanc.model.polynomials.coefficients import Coefficients
from carlemanc.model.polynomials.grouping import group_rows

MONOMIALS_PER_SITE = 20_000
"""The most monomials that the bodies of all lattice sums have together."""


class TooManyStencils(Exception):
    """The bodies of the lattice sums have more monomials than are worth stencils."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _BodyTerm:
    """A monomial of a body: its offsets, and its coefficient, one for all sites or one for each of `scope`."""

    offsets: tuple[Offset, ...]
    coefficient: Value | None
    rows: IntArray
    values: Coefficients


def gradient_stencils(
    sums: Sequence[LatticeSum], lattice: Lattice, evaluator: Evaluator, eta: Fraction
) -> dict[int, list[Stencil]]:
    """Return {l: stencils of F_l about center zero}. Raises TooManyStencils."""
    found: dict[int, list[Stencil]] = {}
    count = 0
    for item in sums:
        scope = _scope(item)
        for monomial in _monomials(item, lattice, evaluator, scope):
            count += 1
            if count > MONOMIALS_PER_SITE:
                raise TooManyStencils
            degree = len(monomial.offsets) - 1
            for first, count in Counter(monomial.offsets).items():
                rest = list(monomial.offsets)
                rest.remove(first)
                relative = tuple(tuple(a - b for a, b in zip(offset, first, strict=True)) for offset in rest)
                place = found.setdefault(degree, [])
                if monomial.coefficient is not None:
                    value = monomial.coefficient * count * -eta
                    place.extend(_stencils(item.box, monomial.offsets, first, relative, value, lattice))
                else:
                    profile = _profile(item, monomial, first, scope, lattice)
                    scaled = profile * Coefficients.constant(Fraction(count), 1)
                    scaled = scaled * Coefficients.constant(-eta, 1)
                    place.append(Stencil(offsets=relative, box=lattice.full, profile=scaled))
    return found


def _scope(item: LatticeSum) -> Scope:
    """Return the values of the indices: none where they only choose sites, else one row for each site."""
    scope = Scope.outermost()
    if not item.varies:
        return scope
    for name, (low, high) in zip(item.variables, item.box, strict=True):
        if name is not None:
            ends = (np.full(scope.size, end, dtype=np.int64) for end in (low, high))
            scope, _ = scope.expanded(name, *ends)
    return scope


def _monomials(item: LatticeSum, lattice: Lattice, evaluator: Evaluator, scope: Scope) -> Iterator[_BodyTerm]:
    wrapped = {node: lattice.wrap(offset) for node, offset in item.offsets.items()}
    number = {offset: k for k, offset in enumerate(sorted(set(wrapped.values())))}
    offsets = list(number)
    local = replace(evaluator, unknowns={node: number[offset] for node, offset in wrapped.items()})
    polynomial = local.polynomial(Mul((Number(Fraction(1)), *item.factors, item.body)), scope)
    for degree, part in polynomial.parts.items():
        if degree:
            yield from _grouped(part, offsets, varies=item.varies)


def _grouped(part: Monomials, offsets: list[Offset], *, varies: bool) -> Iterator[_BodyTerm]:
    groups = group_rows(list(part.cols.T), [len(offsets)] * part.cols.shape[1])
    fractions = None if varies else part.coefficients.fractions()
    for start, size in zip(groups.starts.tolist(), groups.sizes.tolist(), strict=True):
        chosen = np.sort(groups.order[start : start + size])
        values = part.coefficients.take(chosen)
        scalar: Value | None = None
        if not varies:
            scalar = float(values.values[0]) if fractions is None else fractions[int(chosen[0])]
        yield _BodyTerm(
            offsets=tuple(offsets[col] for col in part.cols[chosen[0]].tolist()),
            coefficient=scalar,
            rows=part.batch[chosen],
            values=values,
        )


def _stencils(
    box: Box,
    offsets: tuple[Offset, ...],
    first: Offset,
    relative: tuple[Offset, ...],
    value: Value,
    lattice: Lattice,
) -> Iterator[Stencil]:
    """Yield the stencils of one row offset: clipped at open ends, whole turns counted where periodic."""
    if not lattice.periodic:
        clipped = clip(box, offsets, lattice)
        if clipped is not None:
            (rows,) = lattice.moved(clipped, first)
            yield Stencil(offsets=relative, box=rows, coefficient=value)
        return
    turns = [_turns(interval, size) for interval, size in zip(box, lattice.dims, strict=True)]
    for pieces in product(*turns):
        count = 1
        for times, _ in pieces:
            count *= times
        for rows in lattice.moved(tuple(interval for _, interval in pieces), first):
            yield Stencil(offsets=relative, box=rows, coefficient=value * count)


def _turns(interval: Interval, size: int) -> list[tuple[int, Interval]]:
    """Return a range on a ring as whole turns and the rest, each with how often it counts."""
    low, high = interval
    whole, rest = divmod(high - low + 1, size)
    found = [(whole, (0, size - 1))] if whole else []
    return found + ([(1, (low, low + rest - 1))] if rest else [])


def _profile(
    item: LatticeSum, monomial: _BodyTerm, first: Offset, scope: Scope, lattice: Lattice
) -> Coefficients:
    """Return the coefficient of a monomial by the site i + `first`, n values."""
    coordinates = [
        np.full(scope.size, low) if name is None else scope.values[name]
        for name, (low, _) in zip(item.variables, item.box, strict=True)
    ]
    here = [part[monomial.rows] for part in coordinates]
    values = monomial.values
    if not lattice.periodic:
        kept = np.ones(len(monomial.rows), dtype=bool)
        for offset in monomial.offsets:
            for part, step, size in zip(here, offset, lattice.dims, strict=True):
                kept &= (part + step >= 0) & (part + step < size)
        chosen = np.flatnonzero(kept)
        here, values = [part[chosen] for part in here], values.take(chosen)
    sites = lattice.index(
        [(part + step) % size for part, step, size in zip(here, first, lattice.dims, strict=True)]
    )
    if not len(sites):
        return Coefficients.integers(np.zeros(lattice.n, dtype=np.int64))
    groups = group_rows([sites], [lattice.n])
    return values.sum_groups(groups).spread(sites[groups.first], lattice.n)
