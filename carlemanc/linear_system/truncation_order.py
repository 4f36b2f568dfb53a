"""The least order N whose truncation is small enough: `carleman.order = "auto"`.

Certified where a finite certificate fits (`carleman.certificate`); else measured, where gradient descent and the
truncated iterate are both run; else refused, with the least bound that is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from carlemanc.carleman.trajectory import measured_sequence_errors, sizes_along
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import rounded_up

if TYPE_CHECKING:
    from carlemanc.linear_system.lifted import Lifted

MOST = 8
"""Largest order that is tried."""
MEASURED_SIZE = 10_000_000
"""Truncation errors are measured where T * sum n^j stays below this (CONTRACT section 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """What is known of an order.

    Args:
        order: N.
        error: ||u(T) - truncated iterate|| over ||u(T)||: proved, or measured.
        status: which of the two.
    """

    order: int
    error: float
    status: Literal["certified", "measured"]


def least_order(lifted: Lifted, allowed: float) -> Truncation:
    """Return the least order whose relative truncation error is at most `allowed`.

    The same on every processor: errors are compared when rounded up to four digits.
    Raises InputError where none is known.
    """
    size = float(sizes_along(lifted.sequence, lifted.displacement)[-1])
    if lifted.is_shaped or not 0 < size < math.inf:
        raise _refused(lifted, allowed, "no truncation error is known for this training")
    bounds = lifted.truncation_bounds(range(1, MOST + 1))
    for order, bound in bounds.items():
        if rounded_up(bound / size) <= allowed:
            return Truncation(order=order, error=rounded_up(bound / size), status="certified")
    tried = [
        order
        for order in bounds
        if lifted.steps * sum(lifted.n**j for j in range(1, order + 1)) <= MEASURED_SIZE
    ]
    for order in tried:
        error = measured_sequence_errors(
            lifted.sequence, lifted.u_in, (order,), gamma=size, corrections=lifted.lift.corrections
        )[order]
        if math.isfinite(error) and rounded_up(error / size) <= allowed:
            return Truncation(order=order, error=rounded_up(error / size), status="measured")
    least = min(bounds.values())
    known = f"the certificates up to order {MOST} are {least / size:.3g} and more of ||theta(T) - center||"
    measured = f", measured up to order {tried[-1]}" if tried else ""
    raise _refused(lifted, allowed, known + measured)


def _refused(lifted: Lifted, allowed: float, found: str) -> InputError:
    problem = Problem(
        where=f"{lifted.origin}: carleman.order",
        found=f'"auto", and {found}',
        allowed=f"a truncation error that is known to be at most {allowed:g}",
        help="name the order, as carleman.order = 3, or raise solver.epsilon; carlemanc analyze prints the bounds",
    )
    return InputError("no order is known to do", [problem])
