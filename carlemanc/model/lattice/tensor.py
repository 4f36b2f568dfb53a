"""F_l of a lattice with its norms: it answers what a `SparseTensor` answers, from stencils alone, at any n."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from carlemanc.core.errors import InternalError
from carlemanc.model.lattice import stencil_norms
from carlemanc.model.lattice.stencil_norms import SpectralNorm
from carlemanc.model.lattice.stencil_sum import StencilSum


@dataclass(frozen=True, kw_only=True, eq=False)
class LatticeTensor(StencilSum):
    """The sum of stencils and of explicit entries; its norms are computed when they are first asked for."""

    @cached_property
    def norm_inf(self) -> float:
        """The largest row sum of absolute values: exact."""
        return stencil_norms.largest_row(self, 1)

    @cached_property
    def norm1(self) -> float:
        """The largest column sum of absolute values; for an open lattice that of the endless one."""
        return stencil_norms.largest_column(self)

    @cached_property
    def slot_norm(self) -> float:
        """A bound of ||F (v (x) w ... w)||_2 over ||v||_2 ||w||_inf^(l-1), v in slot 1; F_0 has none.

        It is that of |F| with all slots but the first summed over, by Schur's test: a stencil has one row for
        every first site.
        """
        if not self.degree:
            raise InternalError("F_0 has no slot")
        return math.sqrt(self.norm_inf * stencil_norms.first_site_sum(self))

    @property
    def norm2(self) -> float:
        """The spectral norm where n is small, else a proved upper bound (`norm2_formula`)."""
        return self._spectral.value

    @property
    def symmetric_norm2(self) -> float:
        """The spectral norm of F Pi_sym, or an upper bound, as `norm2` is."""
        return self._symmetric_spectral.value

    @property
    def encoded_norm2(self) -> float:
        """An upper bound of the spectral norm of every flattening of F that has one entry a monomial.

        Another order of the indices splits columns: row sums stay, column sums can only fall, so that Schur's
        bound holds for all of them.
        """
        return self.norm2 if self.degree < 2 else math.sqrt(self.norm1 * self.norm_inf)

    @property
    def norm2_formula(self) -> str:
        """How `norm2` was found, in words."""
        return self._spectral.formula

    @property
    def norm2_is_exact(self) -> bool:
        """Whether `norm2` is the spectral norm itself (to rounding) rather than a bound."""
        return self._spectral.is_exact

    @cached_property
    def row_sparsity(self) -> int:
        """The most entries of one row."""
        return round(stencil_norms.largest_row(self, 0))

    @cached_property
    def largest_row_norm(self) -> float:
        """The largest 2-norm of a row."""
        return float(stencil_norms.largest_row(self, 2) ** 0.5)

    @cached_property
    def _spectral(self) -> SpectralNorm:
        return stencil_norms.spectral(self, symmetric=False)

    @cached_property
    def _symmetric_spectral(self) -> SpectralNorm:
        return stencil_norms.spectral(self, symmetric=True)
