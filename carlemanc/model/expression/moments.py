"""Sums over data samples as moments of the data: the work grows with samples only inside matrix products.

The per-sample polynomial has coefficients of shape (monomials, samples). A product P Q summed over
samples has the coefficients `P_coefficients @ Q_coefficients.T`: for a fourth power, the square is
formed for each sample and the moments of degree four come from one matrix product. (Derived here; plain
algebra.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.progress import task
from carlemanc.model.expression.scope import Scope
from carlemanc.model.expression.tree import Add, Expression, Mul, Neg, Pow, degree_bound, uses_weight
from carlemanc.model.polynomials.batch_polynomial import (
    BatchPolynomial,
    Monomials,
    add,
    check_size,
    in_blocks,
    merge_cols,
    pairs,
    rows_at_once,
)
from carlemanc.model.polynomials.coefficients import Coefficients

Evaluate: TypeAlias = Callable[[Expression, Scope], BatchPolynomial]


def sum_over_samples(
    evaluate: Evaluate, body: Expression, scope: Scope, name: str, samples: IntArray
) -> BatchPolynomial:
    """Return the sum of `body` over the samples, for each row of the scope; fewer at a time where memory asks.

    A coefficient that is negligible against the terms of its sum counts as zero (`coefficients`).
    """
    return in_blocks(len(samples), lambda block: _summed(evaluate, body, scope, name, samples, block))


def _summed(
    evaluate: Evaluate, body: Expression, scope: Scope, name: str, samples: IntArray, block: int
) -> BatchPolynomial:
    with task("moments of the data", len(samples)) as progress:
        blocks = []
        for start in range(0, len(samples), block):
            part = samples[start : start + block]
            blocks.append(_moments(evaluate, body, scope.with_samples(name, part)))
            blocks = [add(blocks)]
            progress.advance(len(part))
    return blocks[0].without_sizes()


def _moments(evaluate: Evaluate, body: Expression, scope: Scope) -> BatchPolynomial:
    """Return sums over the samples with coefficients (sum, sum of absolute values) on a second axis."""
    match body:
        case Add():
            return add([_moments(evaluate, term, scope) for term in body.terms])
        case Neg():
            return _moments(evaluate, body.operand, scope).scaled(_sign(scope))
        case Pow() if body.exponent >= 2:
            return _power_moments(evaluate, body, scope)
        case Mul() if _is_product(body):
            left, right = _halves(body)
            return _contract(evaluate(left, scope), evaluate(right, scope), scope)
        case _:
            polynomial = evaluate(body, scope)
            parts = {degree: _over_samples(part, scope) for degree, part in polynomial.parts.items()}
            return BatchPolynomial(n=polynomial.n, size=polynomial.size, parts=parts)


def _power_moments(evaluate: Evaluate, body: Pow, scope: Scope) -> BatchPolynomial:
    half = evaluate(Pow(body.base, body.exponent // 2), scope)
    if body.exponent % 2 == 0:
        return _contract(half, half, scope)
    return _contract(half, half * evaluate(body.base, scope), scope)


def _is_product(body: Mul) -> bool:
    """Return whether two factors hold weights, a power counted as a product."""
    weighted = [factor for factor in body.factors if uses_weight(factor)]
    powers = [factor for factor in weighted if isinstance(factor, Pow) and factor.exponent >= 2]
    return len(weighted) + len(powers) >= 2


def _halves(body: Mul) -> tuple[Expression, Expression]:
    """Split a product in two of about equal degree; factors without weights go to the first."""
    plain = [factor for factor in body.factors if not uses_weight(factor)]
    bases: list[Expression] = []
    for factor in body.factors:
        if isinstance(factor, Pow) and uses_weight(factor):
            bases.extend([factor.base] * factor.exponent)
        elif uses_weight(factor):
            bases.append(factor)
    split = 1
    while split < len(bases) - 1 and 2 * _degree(bases[: split + 1]) <= _degree(bases):
        split += 1
    return Mul((*plain, *bases[:split])), Mul(tuple(bases[split:]))


def _degree(factors: list[Expression]) -> int:
    return sum(degree_bound(factor) for factor in factors)


def _contract(left: BatchPolynomial, right: BatchPolynomial, scope: Scope) -> BatchPolynomial:
    """Return the product summed over the samples, as (sum, sum of absolute values)."""
    products = []
    for left_degree, first in left.parts.items():
        for right_degree, second in right.parts.items():
            part = _contract_parts(first, second, scope)
            product = {left_degree + right_degree: part} if part.count else {}
            products.append(BatchPolynomial(n=left.n, size=left.size, parts=product).collected())
    return add([BatchPolynomial(n=left.n, size=left.size, parts={}), *products])


def _contract_parts(left: Monomials, right: Monomials, scope: Scope) -> Monomials:
    left_rows, right_rows = pairs(left, right, scope.size)
    check_size(len(left_rows), 1)
    first, second = _per_sample(left, scope), _per_sample(right, scope)
    if scope.size == 1:
        sums = (first @ second.T).ravel()
        sizes = (np.abs(first) @ np.abs(second).T).ravel()
    else:
        sums, sizes = _row_products(first, second, left_rows, right_rows)
    lost = None
    if left.coefficients.errors is not None or right.coefficients.errors is not None:
        lost_first, lost_second = (_lost_per_sample(part, scope) for part in (left, right))
        whole = np.abs(second) + lost_second
        lost = _row_products(lost_first, whole, left_rows, right_rows)[0]
        lost += _row_products(np.abs(first), lost_second, left_rows, right_rows)[0]
    return _with_sizes(
        left.batch[left_rows], merge_cols(left.cols[left_rows], right.cols[right_rows]), sums, sizes, lost
    )


def _with_sizes(
    batch: IntArray, cols: IntArray, sums: FloatArray, sizes: FloatArray, lost: FloatArray | None
) -> Monomials:
    """Return monomials with coefficients (sum, sum of absolute values), and what the sums have lost."""
    return Monomials(
        batch=batch,
        cols=cols,
        coefficients=Coefficients(
            values=np.stack((sums, sizes), axis=1),
            errors=None if lost is None else np.stack((lost, np.zeros_like(lost)), axis=1),
        ),
    )


def _lost_per_sample(part: Monomials, scope: Scope) -> FloatArray:
    """Return what the coefficients have lost, of shape (t, S), zeros where nothing was."""
    count = 0 if scope.samples is None else len(scope.samples)
    errors = part.coefficients.errors
    if errors is None:
        return np.zeros((part.count, count))
    return errors if errors.ndim == 2 else np.broadcast_to(errors[:, None], (part.count, count))


def _row_products(
    first: FloatArray, second: FloatArray, left_rows: IntArray, right_rows: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the inner products of chosen pairs of rows, and those of the absolute values."""
    sums, sizes = np.empty(len(left_rows)), np.empty(len(left_rows))
    block = rows_at_once(first.shape[1])
    for start in range(0, len(left_rows), block):
        chosen = slice(start, start + block)
        terms = first[left_rows[chosen]] * second[right_rows[chosen]]
        sums[chosen] = terms.sum(axis=1)
        sizes[chosen] = np.abs(terms).sum(axis=1)
    return sums, sizes


def _over_samples(part: Monomials, scope: Scope) -> Monomials:
    values = _per_sample(part, scope)
    lost = None if part.coefficients.errors is None else _lost_per_sample(part, scope).sum(axis=1)
    return _with_sizes(part.batch, part.cols, values.sum(axis=1), np.abs(values).sum(axis=1), lost)


def _per_sample(part: Monomials, scope: Scope) -> FloatArray:
    """Return the coefficients as floats of shape (t, S), repeated where they do not depend on the sample."""
    values = part.coefficients.floats()
    count = 0 if scope.samples is None else len(scope.samples)
    check_size(part.count, count)
    return values if values.ndim == 2 else np.broadcast_to(values[:, None], (part.count, count))


def _sign(scope: Scope) -> Coefficients:
    """Return the factor that changes the sign of a sum and keeps its size."""
    return Coefficients(values=np.tile([-1.0, 1.0], (scope.size, 1)))
