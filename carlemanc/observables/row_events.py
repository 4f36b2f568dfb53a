r"""The part of a polynomial that is no lattice square: two events of a Hadamard test with one row of tensors.

$\sum_l <u, F_l u^{(x) l}> / (l + 1) = \gamma^2 <y_1, R y>$ with the row R_l = F_l gamma^(l-1) / (l + 1), l >= 1, and
$<y_1, R y> = \alpha (m_+ - m_-)$, m_+- = ||y_1 +- R y / alpha||^2 / 4 (proved).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import Point, point_norm
from carlemanc.observables.event import Event
from carlemanc.observables.vectors import added, image

if TYPE_CHECKING:
    from carlemanc.bloqs.loading import Loading
    from carlemanc.observables.row_probe import Branch, RowProbe


def row_alpha(row: PolynomialMap, gamma: float, levels: Sequence[int], loading: Loading | None) -> float:
    """Return the subnormalization of the encoded row, in units of gamma."""
    from carlemanc.observables.row_probe import row_step

    return row_step(row, gamma, levels, loading=loading).alpha


def row_events(
    row: PolynomialMap, u: Point, gamma: float, levels: Sequence[int], loading: Loading | None
) -> tuple[Event, Event]:
    """Return the two events, which add -<u, sum_l R_l u^l> to the observable.

    Args:
        row: R_l = F_l / (l + 1), l >= 1.
        u: theta(T) - center as planned.
        gamma: the unit of u in the lift.
        levels: those of the lift.
        loading: how tables are read, which decides between leaves and so alpha.
    """
    alpha = row_alpha(row, gamma, levels, loading)
    moved = image(row, u)
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
                make_probe=partial(row_probe, row, gamma, tuple(levels), branch),
            )
        )
    return found[0], found[1]


def row_probe(
    row: PolynomialMap,
    gamma: float,
    levels: tuple[int, ...],
    branch: Branch,
    eps: float,
    loading: Loading | None,
) -> RowProbe:
    """Return the probe of one branch."""
    from carlemanc.observables.row_probe import RowProbe, row_step

    step = row_step(row, gamma, levels, eps=eps, loading=loading)
    return RowProbe(step=step, slot_count=levels[-1], branch=branch)
