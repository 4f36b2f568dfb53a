"""carleman.order = "auto" where observables are read: the least N whose certificates fit their precisions.

Where theta is read the order follows from the training alone (`linear_system.truncation_order`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.memo import Memo
from carlemanc.linear_system.truncation_order import MOST
from carlemanc.observables.observable import Observable
from carlemanc.readout.observables import Observables
from carlemanc.sources.configuration import AUTO, Request
from carlemanc.sources.systems import system_of


def with_order(memo: Memo, request: Request) -> Request:
    """Return a request whose order is a number where observables are read.

    Certified orders come first, then orders whose truncated values were solved and are close enough (measured).
    Raises InputError where no order up to `MOST` is known to do.
    """
    goal = request.at.goal
    if request.at.lift.order != AUTO or not isinstance(goal, Observables):
        return request
    found: dict[int, Sequence[Observable]] = {}
    reason = ""
    for order in range(1, MOST + 1):
        lift = replace(request.at.lift, order=order)
        try:
            found[order] = goal.observed(system_of(memo, request.at.source, lift))
        except InputError as refusal:  # the levels that it takes are those of a higher order
            reason = str(refusal)
            continue
        if all(one.certificate <= goal.precision * one.scale for one in found[order]):
            return _at_order(request, order)
    for order, observed in found.items():
        if all(_is_close(one, goal.precision) for one in observed):
            return _at_order(request, order)
    if not found:
        raise InputError(reason)
    least = min(max(one.certificate / one.scale for one in observed) for observed in found.values())
    problem = Problem(
        where=f"{request.at.source.origin}: carleman.order",
        found=f'"auto", and certificates of {least:.3g} of the magnitudes and more up to order {MOST}',
        allowed=f"a truncation that is known to change them by at most readout.precision = {goal.precision:g}",
        help="name the order, as carleman.order = 3, or raise readout.precision",
    )
    raise InputError("no order is known to do", [problem])


def _at_order(request: Request, order: int) -> Request:
    return replace(request, at=replace(request.at, lift=replace(request.at.lift, order=order)))


def _is_close(one: Observable, precision: float) -> bool:
    """Whether the truncated value was solved, and is as near to gradient descent as is asked for."""
    if one.truncated is None or one.classical is None:
        return False
    return abs(one.truncated - one.classical) <= precision * one.scale
