"""Truncated arithmetic on batches of sparse polynomials: degrees above a cap are never formed.

A batch has a coefficient for each monomial and data sample, so one set of monomials serves all samples.
With the cap at the degree of the result this is plain polynomial arithmetic; below it, it is the exact
arithmetic of multivariate Taylor polynomials (jets), that is automatic differentiation of any order.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from carlemanc.model.batch_polynomial import BatchPolynomial, Monomials, add
from carlemanc.model.coefficients import Coefficients
from carlemanc.model.grouping import IntArray

FloatArray = npt.NDArray[np.float64]


def constants(n: int, values: FloatArray) -> BatchPolynomial:
    """Return polynomials of degree 0 from values of shape (size,) or (size, samples)."""
    return BatchPolynomial.scalar(n, Coefficients(values=np.ascontiguousarray(values)))


def variables(n: int, addresses: IntArray, center: FloatArray) -> BatchPolynomial:
    """Return center_s + u_s for each address s: one polynomial for each weight."""
    size = len(addresses)
    ones = Coefficients(values=np.ones(size))
    linear = Monomials(batch=np.arange(size), cols=addresses[:, None], coefficients=ones)
    result = constants(n, center[addresses])
    return add([result, BatchPolynomial(n=n, size=size, parts={1: linear} if size else {})])


def multiply(left: BatchPolynomial, right: BatchPolynomial, cap: int) -> BatchPolynomial:
    """Return the products, member by member, up to degree `cap`."""
    products = [BatchPolynomial(n=left.n, size=left.size, parts={})]
    for degree, part in left.parts.items():
        first = BatchPolynomial(n=left.n, size=left.size, parts={degree: part})
        products.append(first * capped(right, cap - degree))
    return add(products)


def capped(polynomial: BatchPolynomial, cap: int) -> BatchPolynomial:
    """Return the part of degree at most `cap`."""
    parts = {degree: part for degree, part in polynomial.parts.items() if degree <= cap}
    return BatchPolynomial(n=polynomial.n, size=polynomial.size, parts=parts)


def select(polynomial: BatchPolynomial, members: IntArray) -> BatchPolynomial:
    """Return a batch whose member b is member `members[b]` of the given one."""
    parts = {}
    for degree, part in polynomial.parts.items():
        counts = np.bincount(part.batch, minlength=polynomial.size)
        starts = np.cumsum(counts) - counts
        repeats = counts[members]
        total = int(repeats.sum())
        if not total:
            continue
        within = np.arange(total) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        chosen = part.take(np.repeat(starts[members], repeats) + within)
        batch = np.repeat(np.arange(len(members)), repeats)
        parts[degree] = Monomials(batch=batch, cols=chosen.cols, coefficients=chosen.coefficients)
    return BatchPolynomial(n=polynomial.n, size=len(members), parts=parts)


def split_constant(polynomial: BatchPolynomial, samples: int) -> tuple[FloatArray, BatchPolynomial]:
    """Return the constant terms, shape (size, samples), and the rest."""
    constant = np.zeros((polynomial.size, samples))
    if 0 in polynomial.parts:
        part = polynomial.parts[0]
        values = part.coefficients.floats()
        constant[part.batch] = values if values.ndim == 2 else values[:, None]
    rest = {degree: part for degree, part in polynomial.parts.items() if degree}
    return constant, BatchPolynomial(n=polynomial.n, size=polynomial.size, parts=rest)


def compose(series: FloatArray, inner: BatchPolynomial, cap: int) -> BatchPolynomial:
    """Return sum_k series[k] inner^k up to degree `cap`, by Horner's rule.

    Args:
        series: (K + 1, size, samples) Taylor coefficients.
        inner: polynomials without constant terms, so that inner^k starts at degree k.
        cap: the largest degree kept.
    """
    last = min(len(series) - 1, cap)
    result = constants(inner.n, series[last])
    for k in reversed(range(last)):
        result = add([constants(inner.n, series[k]), multiply(inner, result, cap - k)])
    return result
