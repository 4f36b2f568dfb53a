r"""The part of a polynomial that is no sum of squares: two events of a Hadamard test with one row of tensors.

$\sum_l <u, F_l u^{(x) l}> / (l + 1) = \gamma^2 <y_1, R y>$ with the row R_l = F_l gamma^(l-1) / (l + 1), l >= 1, and
$<y_1, R y> = \alpha (m_+ - m_-)$, m_+- = ||y_1 +- R y / alpha||^2 / 4 (proved).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from carlemanc.model.weights import Point, point_norm
from carlemanc.observables.encoded_row import EncodedRow
from carlemanc.observables.event import Event
from carlemanc.observables.vectors import added, image

if TYPE_CHECKING:
    from carlemanc.observables.row_probe import Branch


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
                row=encoded,
            )
        )
    return found[0], found[1]


def image_event(encoded: EncodedRow, u: Point, sign: int = 1) -> Event:
    """Return the event that adds sign ||sum_l R_l u^l||^2: the row alone."""
    unit = encoded.gamma * encoded.alpha
    return Event(
        name="R y",
        kind="square",
        weight=sign * unit**2,
        size=(point_norm(image(encoded.row, u)) / unit) ** 2,
        make_probe=partial(encoded.probe, "alone"),
        row=encoded,
    )
