"""A polynomial map in words and formulas, for `derive`: the sizes of F_l and the update of each weight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.lattice.update_rules import rules
from carlemanc.model.polynomial_map import Operator, PolynomialMap
from carlemanc.model.shaped_tensor import ShapedTensor
from carlemanc.model.term_text import signed_term

MAX_ROWS = 16
MAX_TERMS = 24
"""Longer maps are cut, and say by how much."""
LISTED_SITES = 64
"""Above this n a lattice is described by its stencils alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One monomial of one row: `coefficient` times the product of u over `cols`."""

    coefficient: Fraction | float
    cols: tuple[int, ...]


def describe(polynomial_map: PolynomialMap) -> str:
    """Return the map as plain text: one line for each F_l, then one for each weight."""
    norms = polynomial_map.norms
    lines = [
        f"map        {polynomial_map.source}",
        f"weights    n = {polynomial_map.n}, degree q = {polynomial_map.degree}",
        f"center     {_center(polynomial_map)}",
        f"step       u <- u + sum_l F_l u^(x)l, u = theta - center, eta = {polynomial_map.learning_rate:g}",
    ]
    lattice = polynomial_map.lattice
    if lattice is not None and polynomial_map.n > LISTED_SITES:
        extents = " x ".join(map(str, lattice.dims))
        lines.insert(2, f"lattice    {extents}, {'periodic' if lattice.periodic else 'open'} boundary")
    for degree, tensor in polynomial_map.operators.items():
        norm = f"||I + F_1|| = {norms[1]:.6g}" if degree == 1 else f"||F_{degree}|| = {norms[degree]:.6g}"
        exact = not isinstance(tensor, ShapedTensor) and tensor.norm2_is_exact
        sign = "" if exact else f"   (upper bound{_source_of(tensor)})"
        lines.append(f"F_{degree}        {tensor.nnz} entries, {norm}{sign}")
    lines.append("")
    if lattice is not None and polynomial_map.n > LISTED_SITES:
        return "\n".join([*lines, *(rule.text(MAX_TERMS) for rule in rules(polynomial_map))])
    for row, terms in _shown_rows(polynomial_map):
        shown = "".join(_signed(term) for term in terms[:MAX_TERMS])
        more = f" + ({len(terms) - MAX_TERMS} more terms)" if len(terms) > MAX_TERMS else ""
        lines.append(f"u_{row} <- u_{row}{shown}{more}")
    if polynomial_map.n > MAX_ROWS:
        lines.append(f"... ({polynomial_map.n - MAX_ROWS} more weights)")
    return "\n".join(lines)


def latex(polynomial_map: PolynomialMap) -> str:
    """Return the update of each weight as a LaTeX align* environment; for many sites, of every site at once."""
    lines = []
    if polynomial_map.lattice is not None and polynomial_map.n > LISTED_SITES:
        body = " \\\\\n".join(f"  {rule.latex(MAX_TERMS)}" for rule in rules(polynomial_map))
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"
    for row, terms in _shown_rows(polynomial_map):
        shown = "".join(_signed(term, as_latex=True) for term in terms[:MAX_TERMS])
        more = r" + \dots" if len(terms) > MAX_TERMS else ""
        lines.append(rf"  u_{{{row}}}(t+1) &= u_{{{row}}}{shown}{more}")
    if polynomial_map.n > MAX_ROWS:
        lines.append(r"  &\;\;\vdots")
    body = " \\\\\n".join(lines)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _shown_rows(polynomial_map: PolynomialMap) -> Iterator[tuple[int, list[Term]]]:
    """Yield the first weights with their terms, low degrees first."""
    table: dict[int, list[Term]] = {row: [] for row in range(min(polynomial_map.n, MAX_ROWS))}
    for tensor in polynomial_map.tensors.values():
        for k in (tensor.rows < MAX_ROWS).nonzero()[0].tolist():
            value = float(tensor.vals[k]) if tensor.exact is None else tensor.exact[k]
            table[int(tensor.rows[k])].append(Term(coefficient=value, cols=tuple(tensor.cols[k].tolist())))
    yield from table.items()


def _source_of(operator: Operator) -> str:
    return f": {operator.norm2_formula}" if isinstance(operator, LatticeTensor) else ""


def _center(polynomial_map: PolynomialMap) -> str:
    point = polynomial_map.point
    if point.is_zero:
        return "zero"
    if polynomial_map.lattice is not None and polynomial_map.n > LISTED_SITES:
        listed = zip(point.sites[:MAX_ROWS].tolist(), point.values[:MAX_ROWS].tolist(), strict=True)
        shown = "".join(f", {value:.6g} at site {site}" for site, value in listed)
        return f"{point.fill:.6g} at every site{shown}{', ...' if len(point.sites) > MAX_ROWS else ''}"
    shown = ", ".join(f"{value:.6g}" for value in polynomial_map.center[:MAX_ROWS])
    return f"({shown}{', ...' if polynomial_map.n > MAX_ROWS else ''})"


def _signed(term: Term, *, as_latex: bool = False) -> str:
    names = [f"u_{{{col}}}" if as_latex else f"u_{col}" for col in term.cols]
    return signed_term(term.coefficient, names, as_latex=as_latex)
