"""The symbolic blocks of A = B - I by powers of the learning rate (THEORY 2.2, 2.3).

A^j_k = sum_m C^(m)j_k, where C^(m) carries exactly m factors F and identities elsewhere: O(eta^m). A term
is a tuple of j symbols, a degree l for F_l or "I" for the identity, from slot 1 to slot j; the degrees of a
term add up to k when "I" counts 1. Derived in THEORY 2.2, checked there numerically.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

Symbol = int | str
Term = tuple[Symbol, ...]
IDENTITY = "I"


def block_terms(
    j: int, k: int, q: int, *, degrees: Sequence[int] | None = None, corrections: int | None = None
) -> dict[int, list[Term]]:
    """Return {m: terms of C^(m)j_k}, m = 1..j, in lexicographic order of positions then degrees.

    `degrees` restricts to the F_l that are not zero (default 0..q); `corrections` = p stops at m = p.
    Orders m without a term are absent.

    >>> block_terms(2, 1, 1)
    {1: [(0, 'I'), ('I', 0)], 2: [(0, 1), (1, 0)]}
    """
    allowed = tuple(range(q + 1)) if degrees is None else tuple(sorted(set(degrees)))
    last = j if corrections is None else min(j, corrections)
    found = {m: list(_terms(j, k, m, allowed)) for m in range(1, last + 1)}
    return {m: terms for m, terms in found.items() if terms}


def _terms(j: int, k: int, m: int, allowed: tuple[int, ...]) -> Iterator[Term]:
    for positions in combinations(range(j), m):
        for chosen in _compositions(k - (j - m), m, allowed):
            term: list[Symbol] = [IDENTITY] * j
            for position, degree in zip(positions, chosen, strict=True):
                term[position] = degree
            yield tuple(term)


def _compositions(total: int, parts: int, allowed: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the tuples of `parts` allowed degrees that add up to `total`, in lexicographic order."""
    if parts == 0:
        if total == 0:
            yield ()
        return
    for degree in allowed:
        if degree <= total <= degree + (parts - 1) * allowed[-1]:
            for rest in _compositions(total - degree, parts - 1, allowed):
                yield (degree, *rest)


def describe_blocks(
    order: int, q: int, *, degrees: Sequence[int] | None = None, corrections: int | None = None
) -> str:
    """Return the kept blocks A^j_k, j <= order, k <= order, as text, a line per block and power of eta."""
    lines = []
    for j in range(1, order + 1):
        for k in range(min(j * q, order) + 1):
            for m, terms in block_terms(j, k, q, degrees=degrees, corrections=corrections).items():
                body = " + ".join(" ".join(_name(symbol) for symbol in term) for term in terms)
                lines.append(f"A^{j}_{k}  eta^{m}:  {body}")
    return "\n".join(lines)


def _name(symbol: Symbol) -> str:
    return IDENTITY if symbol == IDENTITY else f"F{symbol}"
