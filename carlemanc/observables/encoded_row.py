"""A row of tensors on the levels of a lift: what is encoded, in which flattening, and the probes made of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from carlemanc.carleman.system import CarlemanSystem
from carlemanc.model.polynomial_map import PolynomialMap

if TYPE_CHECKING:
    from carlemanc.block_encoding.history.step_parts import AnySlotStep
    from carlemanc.bloqs.loading import Loading
    from carlemanc.observables.row_probe import Branch, RowProbe


@dataclass(frozen=True, kw_only=True, eq=False)
class EncodedRow:
    """A row of tensors on the levels of a lift, and its block encoding, made where it is asked for and once.

    Args:
        row: R_l, l >= 1, as the F_l of a map.
        gamma: the unit of u in the lift.
        levels: those of the lift.
        loading: how tables are read, which decides between leaves and so the subnormalization.
    """

    row: PolynomialMap
    gamma: float
    levels: tuple[int, ...]
    loading: Loading | None

    @property
    def alpha(self) -> float:
        """Subnormalization of sum_l R_l gamma^(l-1)."""
        return _step(self, 0.0).alpha

    @cached_property
    def system(self) -> CarlemanSystem:
        """The tensors R_l gamma^(l-1) as `factor_operators`, in the flattening that is encoded."""
        from carlemanc.observables.row_probe import row_system

        return row_system(self.row, self.gamma, self.levels)

    def probe(self, branch: Branch, eps: float) -> RowProbe:
        """Return the probe of one branch."""
        from carlemanc.observables.row_probe import RowProbe

        return RowProbe(step=_step(self, eps), slot_count=self.levels[-1], branch=branch)


@lru_cache(maxsize=32)
def _step(encoded: EncodedRow, eps: float) -> AnySlotStep:
    from carlemanc.observables.row_probe import row_step

    return row_step(encoded.row, encoded.gamma, encoded.levels, eps=eps, loading=encoded.loading)
