"""The access of a linear system known by its circuits alone: a block encoding of L and a preparation of b/||b||.

No entry of either is known, so what a classical computer would find out is told: a bound of ||L^-1||, and where they
are known the norms of b and x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.access.access import Access, Answer, Rounding
from carlemanc.access.facts import InversionFacts
from carlemanc.access.register_parts import index_alone
from carlemanc.core.arrays import IntArray
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import rounded_up
from carlemanc.linear_system.inverse_norm import Conditioning

if TYPE_CHECKING:
    from carlemanc.programs.adopted_bloq import AdoptedBloq

TOLD = Formula(text="||L^-1|| as it is told, ||L|| <= alpha", status="assumed")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """Circuits and norms; the block of `encoding` is within `epsilon`/`alpha` of L/`alpha`, in operator norm.

    Args:
        encoding, preparation: the circuits, with registers as ours have them.
        alpha, epsilon: of the encoding.
        inverse_norm: a bound of ||L^-1||, times `epsilon` below 1.
        rhs_norm: ||b||.
        solution_norm: ||x||; None where it is not known.
    """

    encoding: AdoptedBloq
    preparation: AdoptedBloq
    alpha: float
    epsilon: float
    inverse_norm: float
    rhs_norm: float = 1.0
    solution_norm: float | None = None

    @property
    def n(self) -> int:
        """Number of unknowns."""
        return 1 << self.encoding.system_size

    @property
    def encoded_inverse_norm(self) -> float:
        """A bound of the norm of the inverse of what is encoded: its singular values are within `epsilon` of L's.

        It is rounded up to few digits, as a degree follows from it.
        """
        return rounded_up(1 / (1 / self.inverse_norm - self.epsilon))

    @property
    def norms_of_x(self) -> Sequence[float]:
        """||x|| where it is known; else the least and the largest that alpha and ||L^-1|| allow."""
        if self.solution_norm is not None:
            return (self.solution_norm,)
        return (self.rhs_norm / self.alpha, self.rhs_norm * self.encoded_inverse_norm)

    def facts(self, solution_norm: float) -> InversionFacts:
        """Return what a method plans by where x has this norm."""
        return InversionFacts(
            alpha=self.alpha,
            inverse_norm=self.encoded_inverse_norm,
            rhs_norm=self.rhs_norm,
            solution_norm=solution_norm,
        )

    def access(self) -> Access[InversionFacts]:
        """Return the access; its facts are those of the least norm of x."""

        def find(entries: IntArray | None) -> IntArray:
            return (np.arange(self.n, dtype=np.int64) if entries is None else entries)[None, :]

        return Access(
            known=None,
            encodings=(self.encoding,),
            names=("L",),
            start=self.preparation,
            make_facts=lambda: self.facts(self.norms_of_x[0]),
            answer=Answer(
                layout=index_alone(),
                is_solution=True,
                holds_start=False,
                find=find,
                pick=lambda vector: np.asarray(vector[None, :]),
            ),
            inverts=True,
            rounding=Rounding(
                bits=0,
                most=0,
                error=self.epsilon,
                words=f"the encoding is within {self.epsilon:.2g} of L",
                find_conditioning=lambda: Conditioning(
                    inverse_norm=self.inverse_norm, norm=self.alpha, source="told", formula=TOLD
                ),
            ),
            make_exact=None,
            size=lambda: (self.encoding.system_size, self.n**2),
        )
