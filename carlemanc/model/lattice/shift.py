"""Move the center of a lattice map: F_new(u) = F_old(u + d).

Each index of a stencil either stays or meets d. The constant part of d makes stencils of lower degree on
the same rows (what was beyond an open end stays beyond it); the sites where d differs add explicit entries
at the rows that see them, and nowhere else. Rational arithmetic on the numbers as printed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

import numpy as np

from carlemanc.model.lattice.sites import Offset
from carlemanc.model.lattice.stencil import Number, Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import Weights, as_exact


@dataclass(slots=True, kw_only=True, eq=False)
class _Collected:
    """Explicit entries of one degree, being collected."""

    rows: list[int] = field(default_factory=list)
    cols: list[list[int]] = field(default_factory=list)
    values: list[Number] = field(default_factory=list)

    def tensor(self, n: int, degree: int) -> SparseTensor:
        exact = all(isinstance(value, Fraction) for value in self.values)
        return SparseTensor.build(
            n=n,
            degree=degree,
            rows=self.rows,
            cols=np.array(self.cols, dtype=np.int64).reshape(len(self.rows), degree),
            vals=[float(value) for value in self.values],
            exact=[value for value in self.values if isinstance(value, Fraction)] if exact else None,
        )


def shift_stencils(tensors: list[LatticeTensor], by: Weights) -> dict[int, LatticeTensor]:
    """Return {l: F_l of the stencils about a center moved by `by`}; explicit entries are left out."""
    lattice = tensors[0].lattice
    stencils: dict[int, list[Stencil]] = {}
    entries: dict[int, _Collected] = {}
    for tensor in tensors:
        for stencil in tensor.stencils:
            for kept, dropped, ways in _choices(stencil.offsets):
                degree = len(kept)
                fill = as_exact(by.fill) ** sum(dropped.values())
                if fill:
                    lower = Stencil(
                        offsets=kept,
                        box=stencil.box,
                        coefficient=stencil.coefficient,
                        profile=stencil.profile,
                    )
                    stencils.setdefault(degree, []).append(lower.scaled(fill * ways))
                if dropped and len(by.sites):
                    place = entries.setdefault(degree, _Collected())
                    _add_entries(place, tensor, stencil, kept, dropped, ways, by)
    return {
        degree: LatticeTensor.build(
            lattice,
            degree,
            stencils.get(degree, []),
            entries[degree].tensor(lattice.n, degree) if degree in entries else None,
        )
        for degree in sorted(stencils.keys() | entries.keys())
    }


def _choices(
    offsets: tuple[Offset, ...],
) -> Iterator[tuple[tuple[Offset, ...], dict[Offset, int], int]]:
    """Yield the kept offsets, how often each offset is dropped, and in how many ways."""
    counted = Counter(offsets)
    for kept in product(*(range(count + 1) for count in counted.values())):
        pairs = list(zip(counted.items(), kept, strict=True))
        yield (
            tuple(offset for (offset, _), stays in pairs for _ in range(stays)),
            {offset: count - stays for (offset, count), stays in pairs if count > stays},
            math.prod(math.comb(count, stays) for (_, count), stays in pairs),
        )


def _add_entries(
    place: _Collected,
    tensor: LatticeTensor,
    stencil: Stencil,
    kept: tuple[Offset, ...],
    dropped: dict[Offset, int],
    ways: int,
    by: Weights,
) -> None:
    """Add, at the rows that see a listed site of d, what the stencil with the constant alone misses."""
    lattice = tensor.lattice
    near = [lattice.neighbors(by.sites, tuple(-step for step in offset)) for offset in dropped]
    rows = np.unique(np.concatenate(near))
    rows = rows[lattice.holds(stencil.box, rows)]
    usual = as_exact(by.fill) ** sum(dropped.values())
    products: list[Number] = [Fraction(1)] * len(rows)
    for offset, count in dropped.items():
        values = by.fractions_at(lattice.neighbors(rows, offset))
        products = [known * value**count for known, value in zip(products, values, strict=True)]
    factors: list[Number] = [stencil.coefficient] * len(rows)
    if stencil.profile is not None:
        taken = stencil.profile.take(rows)
        factors = [*(taken.fractions() or taken.floats().tolist())]
    cols = np.stack([lattice.neighbors(rows, offset) for offset in kept], axis=1) if kept else None
    for position, row in enumerate(rows.tolist()):
        value = (products[position] - usual) * factors[position] * ways
        if value:
            place.rows.append(row)
            place.cols.append([] if cols is None else cols[position].tolist())
            place.values.append(value)
