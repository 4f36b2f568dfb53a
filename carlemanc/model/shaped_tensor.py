"""F_l known by its shape alone: how many entries a row and a column have at most, and norms, but no entries.

What holds of every such tensor is proved from sparsity and spectral norm: a row of s entries has 2-norm at most
||F||_2, so its sum of absolute values is at most sqrt(s) ||F||_2 (Cauchy-Schwarz), a column tuple of c entries
likewise at most sqrt(c) ||F||_2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from carlemanc.core.errors import InputError, InternalError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapedTensor:
    """A tensor of n rows and index tuples of length `degree`, every row and column tuple alike.

    Attributes:
        n: number of weights.
        degree: l >= 1.
        row_nonzeros: s, entries of each row.
        column_nonzeros: c, entries of each column tuple that has any.
        norm: ||F||_2, or an upper bound.
        row_sum: largest sum of absolute values of a row, at most; `column_sum`: of a column tuple.
        shifted: I + F, for degree 1.
    """

    n: int
    degree: int
    row_nonzeros: int
    column_nonzeros: int
    norm: float
    row_sum: float
    column_sum: float
    shifted: ShapedTensor | None = None

    @classmethod
    def of(
        cls,
        *,
        n: int,
        degree: int,
        row_nonzeros: int,
        column_nonzeros: int,
        norm: float,
        row_sum: float | None = None,
    ) -> ShapedTensor:
        """Return a tensor whose sums are the bounds of the module docstring where none is given.

        Of degree 1 it stands for I + F_1, of a gradient and so symmetric: column sums are row sums.
        """
        rows = math.sqrt(row_nonzeros) * norm if row_sum is None else row_sum
        columns = rows if degree == 1 else math.sqrt(column_nonzeros) * norm
        return cls(
            n=n,
            degree=degree,
            row_nonzeros=row_nonzeros,
            column_nonzeros=column_nonzeros,
            norm=norm,
            row_sum=rows,
            column_sum=columns,
        )

    @classmethod
    def linear(cls, shifted: ShapedTensor) -> ShapedTensor:
        """Return F_1 from I + F_1, by the triangle inequality; the diagonal is among the entries."""
        return replace(
            shifted,
            norm=1 + shifted.norm,
            row_sum=1 + shifted.row_sum,
            column_sum=1 + shifted.column_sum,
            shifted=shifted,
        )

    @property
    def lost(self) -> float:
        """Nothing is set to zero in a shape."""
        return 0.0

    @property
    def nnz(self) -> int:
        """Number of entries, n s; 0 of a tensor of norm 0."""
        return self.n * self.row_nonzeros if self.norm else 0

    @property
    def tuples(self) -> int:
        """Number of column tuples that have entries: n s / c, rounded up."""
        return -(-self.nnz // self.column_nonzeros)

    @property
    def alpha(self) -> float:
        """sqrt(||F||_1 ||F||_inf), at most: the subnormalization of an amplitude leaf."""
        return math.sqrt(self.row_sum * self.column_sum)

    def scale(self, factor: float) -> ShapedTensor:
        """Return the tensor times a positive number."""
        return replace(
            self,
            norm=self.norm * factor,
            row_sum=self.row_sum * factor,
            column_sum=self.column_sum * factor,
            shifted=self.shifted if factor == 1 else None,
        )

    def plus_identity(self) -> ShapedTensor:
        """Return I + F for F_1."""
        if self.shifted is None:
            raise InternalError("the shape of I + F_1 is not known")
        return self.shifted

    @property
    def norm2(self) -> float:
        """||F||_2 as it was given."""
        return self.norm

    @property
    def encoded_norm2(self) -> float:
        """`norm2`: the given norm is that of the encoded flattening."""
        return self.norm

    @property
    def symmetric_norm2(self) -> float:
        """`norm2`, which is at least ||F Pi_sym||."""
        return self.norm

    @property
    def norm_inf(self) -> float:
        """The largest row sum of absolute values, at most."""
        return self.row_sum

    @property
    def norm1(self) -> float:
        """The largest column sum of absolute values, at most."""
        return self.column_sum


def no_entries_known(what: str) -> InputError:
    """Return the error of anything that needs the entries of a tensor known by its shape."""
    return InputError(
        "a map known by its shape has no entries",
        [
            Problem(
                where="map.shape",
                found=f"a shape alone, and {what}",
                allowed='a table [map] with file = "map.npz", a [loss] or a [network]',
                help="estimate, sweep, solvers and report work on a shape",
            )
        ],
    )


def shaped_tensors(
    n: int,
    *,
    norms: Sequence[float],
    row_nonzeros: int,
    column_nonzeros: int = 1,
    linear_row_nonzeros: int | None = None,
    linear_row_sum: float | None = None,
) -> dict[int, ShapedTensor]:
    """Return F_1..F_q by degree.

    Args:
        n: number of weights.
        norms: ||I + F_1||_2, ||F_2||_2, .., ||F_q||_2; a zero leaves F_l out.
        row_nonzeros: s, entries of a row of every F_l.
        column_nonzeros: c, entries that share their l column indices, l >= 2.
        linear_row_nonzeros: s of I + F_1, where it is another.
        linear_row_sum: largest sum of absolute values of a row of I + F_1; by default sqrt(s) ||I + F_1||.
    """
    found: dict[int, ShapedTensor] = {}
    for degree, norm in enumerate(norms, start=1):
        rows = (linear_row_nonzeros or row_nonzeros) if degree == 1 else row_nonzeros
        if not norm:
            continue
        tensor = ShapedTensor.of(
            n=n,
            degree=degree,
            row_nonzeros=rows,
            column_nonzeros=rows if degree == 1 else column_nonzeros,
            norm=norm,
            row_sum=linear_row_sum if degree == 1 else None,
        )
        found[degree] = ShapedTensor.linear(tensor) if degree == 1 else tensor
    return found
