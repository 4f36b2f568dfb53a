r"""The part of a polynomial that is no sum of squares: two events of a Hadamard test with one row of tensors.

$\sum_l <u, F_l u^{(x) l}> / (l + 1) = \gamma^2 <y_1, R y>$ with the row R_l = F_l gamma^(l-1) / (l + 1), l >= 1, and
$<y_1, R y> = \alpha (m_+ - m_-)$, m_+- = ||y_1 +- R y / alpha||^2 / 4 (proved).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import Point, point_norm
from carlemanc.observables.event import Event
from carlemanc.observables.vectors import added, image

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

    def probe(self, branch: Branch, eps: float) -> RowProbe:
        """Return the probe of one branch."""
        from carlemanc.observables.row_probe import RowProbe

        return RowProbe(step=_step(self, eps), slot_count=self.levels[-1], branch=branch)


@lru_cache(maxsize=32)
def _step(encoded: EncodedRow, eps: float) -> AnySlotStep:
    from carlemanc.observables.row_probe import row_step

    return row_step(encoded.row, encoded.gamma, encoded.levels, eps=eps, loading=encoded.loading)


def row_events(encoded: EncodedRow, u: Point) -> tuple[Event, Event]:
    """Return the two events, which add -<u, sum_l R_l u^l> to the observable; u is theta(T) - center as planned."""
    alpha, gamma, moved = encoded.alpha, encoded.gamma, image(encoded.row, u)
    found = []
    branches: tuple[tuple[Branch, int], ...] = (("plus", 1), ("minus", -1))
    for branch, sign in branches:
        size = (point_norm(added(u, moved, sign / alpha)) / (2 * gamma)) ** 2
        found.append(
            Event(
                name=f"y_1 {'+' if sign > 0 else '-'} R y",
                kind="square",
                weight=-sign * gamma**2 * alpha,
                size=size,
                make_probe=partial(encoded.probe, branch),
            )
        )
    return found[0], found[1]
