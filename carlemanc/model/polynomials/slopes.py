"""The derivatives of monomials in each of their indices, as entries: what makes F_l of the loss of degree l + 1."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from carlemanc.core.arrays import IntArray


class Slopes(NamedTuple):
    """One entry for each distinct index of each monomial: d/du_row of c u_1 ... u_(l+1) is c `times` u^rest."""

    monomials: IntArray
    """(t,) the place of the monomial."""
    rows: IntArray
    """(t,) the index."""
    rests: IntArray
    """(t, l) the other indices, ascending."""
    times: IntArray
    """(t,) how often the index occurs in the monomial."""


def slopes(cols: IntArray) -> Slopes:
    """Return the derivatives of monomials given by ascending index tuples, (m, l + 1)."""
    parts = []
    for slot in range(cols.shape[1]):
        fresh = cols[:, slot] != cols[:, slot - 1] if slot else np.ones(len(cols), dtype=bool)
        chosen = cols[fresh]
        times = (chosen == chosen[:, slot : slot + 1]).sum(axis=1)
        parts.append((np.flatnonzero(fresh), chosen[:, slot], np.delete(chosen, slot, axis=1), times))
    return Slopes(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
