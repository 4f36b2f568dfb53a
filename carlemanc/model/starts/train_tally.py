"""Floating-point operations of trains: what rounding one and multiplying two of them takes, and a count of them.

A thin QR of p x q takes 2 (2 p q k - (p + q) k^2 + 2 k^3 / 3) flops with its orthonormal factor, k = min(p, q), and a
thin singular value decomposition with both factors 6 p q^2 + 20 q^3 for p >= q (Golub and Van Loan 2013, sections 5.2
and 8.6); a product of p x q and q x r takes 2 p q r. How a basis is chosen among equal singular values, and norms for
bounds, are not counted: no program needs them.
"""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.model.starts.train import Train


def rounding_flops(before: Train, after: Train) -> int:
    """Return the flops of `before.rounded()`, which gave `after`."""
    cut, bonds = _bonds(before), _bonds(after)
    flops, kept = 0, [1]
    for row, column, beyond in zip(range(before.bits - 1), cut[1:], cut[2:], strict=False):
        size = min(2 * kept[row], column)
        flops += _qr(2 * kept[row], column) + 2 * size * column * 2 * beyond
        kept.append(size)
    for place in range(before.bits - 1, 0, -1):
        rows, columns, found = kept[place], 2 * bonds[place + 1], bonds[place]
        flops += _svd(rows, columns) + 2 * rows * columns * found + 2 * kept[place - 1] * 2 * rows * found
    return flops


def product_flops(first: Train, second: Train) -> int:
    """Return the flops of the product site by site: one for each number of its cores."""
    one, other = _bonds(first), _bonds(second)
    return sum(2 * one[k] * other[k] * one[k + 1] * other[k + 1] for k in range(first.bits))


@dataclass(slots=True)
class Tally:
    """Rounds and multiplies trains, and counts.

    Attributes:
        tolerance: share of the norm that a rounding leaves out at each cut.
        flops: so far.
    """

    tolerance: float
    flops: int = 0

    def rounded(self, train: Train) -> Train:
        """Return the train rounded."""
        found = train.rounded(self.tolerance)
        self.flops += rounding_flops(train, found)
        return found

    def product(self, first: Train, second: Train) -> Train:
        """Return the product site by site, ranks multiplied."""
        self.flops += product_flops(first, second)
        return first.times(second)


def _bonds(train: Train) -> list[int]:
    return [1, *train.ranks, 1]


def _qr(rows: int, columns: int) -> int:
    size = min(rows, columns)
    return 4 * rows * columns * size - 2 * (rows + columns) * size**2 + (4 * size**3) // 3


def _svd(rows: int, columns: int) -> int:
    long, short = max(rows, columns), min(rows, columns)
    return 6 * long * short**2 + 20 * short**3
