"""What truncation does at each order, and the least order for which that is little: `carleman.order = "auto"`.

Certified where a finite certificate fits (`carleman.certificate`); else measured, where gradient descent and the
truncated iterate are both run; else refused, with the least bound that is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from carlemanc.carleman.certificate import certify_sequence
from carlemanc.carleman.dropped_entries import dropped_error
from carlemanc.carleman.trajectory import measured_orders, measured_sequence_errors, sizes_along
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import rounded_up
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.weights import Point, as_array, point_norm

MOST = 8
"""Largest order that is tried."""


def certified_errors(
    sequence: MapSequence, u_in: Point, orders: Iterable[int], corrections: int | None
) -> dict[int, float]:
    """Return certified ||u(T) - truncated iterate||_2 per order: the smaller of both forms of the certificate.

    u(T) is that of the map with the entries that were dropped as rounding: what these can do is added.
    """
    wanted = tuple(orders)
    found = [
        certify_sequence(
            sequence, u_in=u_in, orders=wanted, corrections=corrections, a_posteriori=a_posteriori
        ).bounds
        for a_posteriori in (False, True)
    ]
    beside = dropped_error(sequence, u_in)
    return {order: min(found[0][order], found[1][order]) + beside for order in wanted}


def least_order(
    sequence: MapSequence, u_in: Point, corrections: int | None, *, allowed: float, origin: str
) -> int:
    """Return the least order whose truncation error, over ||u(T)||, is at most `allowed`.

    Args:
        sequence, u_in: the maps, and u(0).
        corrections: of the truncation.
        allowed: relative error.
        origin: where the training is described.

    The same on every processor: errors are compared when rounded up to four digits.
    Raises InputError where no order is known to do.
    """
    size = float(sizes_along(sequence, u_in)[-1])
    if sequence.maps[0].is_shaped or not 0 < size < math.inf:
        raise _refused(origin, allowed, "no truncation error is known for this training")
    bounds = certified_errors(sequence, u_in, range(1, MOST + 1), corrections)
    for order, bound in bounds.items():
        if math.isfinite(bound) and rounded_up(bound / size) <= allowed:
            return order
    tried = measured_orders(sequence, bounds)
    for order in tried:
        error = measured_sequence_errors(
            sequence, as_array(u_in), (order,), gamma=point_norm(u_in) or 1.0, corrections=corrections
        )[order]
        if math.isfinite(error) and rounded_up(error / size) <= allowed:
            return order
    known = f"certificates of {min(bounds.values()) / size:.3g} of ||theta(T) - center|| and more up to order {MOST}"
    raise _refused(origin, allowed, known + (f", measured up to order {tried[-1]}" if tried else ""))


def _refused(origin: str, allowed: float, found: str) -> InputError:
    problem = Problem(
        where=f"{origin}: carleman.order",
        found=f'"auto", and {found}',
        allowed=f"a truncation error that is known to be at most {allowed:g}",
        help="name the order, as carleman.order = 3, or raise solver.epsilon; carlemanc analyze prints the bounds",
    )
    return InputError("no order is known to do", [problem])
