"""Pass 2: the fewest bits of loaded angles that keep their share, and the plan at the polynomial's share."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from carlemanc.access.access import Access
from carlemanc.access.facts import Facts
from carlemanc.core.errors import TooLarge
from carlemanc.core.memo import Memo
from carlemanc.costs.error_split import ErrorSplit
from carlemanc.evaluation.design import Design, counter_of, opened, state_epsilon
from carlemanc.evaluation.draft import Draft, draft
from carlemanc.methods.method import AnyMethod
from carlemanc.methods.plan import Plan
from carlemanc.sources.configuration import Configuration

EXACT_ROWS = 256
"""Largest register size whose run is done without gates to plan it."""
_ROUNDS = 4


def settle(memo: Memo, drafted: Draft, *, phases: bool = True, rough: bool = False) -> Design:
    """Return the design of a draft.

    Args:
        memo: of this process.
        drafted: the configuration and its shares of epsilon.
        phases: with everything that its circuit needs, or for counts alone.
        rough: take a success that follows from the whole spectrum as it is outlined, also where it could be worked out.

    Raises InputError or TooLarge as planning does, TooLarge where no number of bits is fine enough.
    """
    at, shares = drafted.at, drafted.shares
    access = opened(memo, at)
    access = settled(memo, at, access, coefficients_limit(at, access, shares))
    epsilon = state_epsilon(at.method, access.facts, at.epsilon) * shares.polynomial
    if phases:
        plan = at.method.plan(access.facts, epsilon)
    else:
        plan = memo(counted_plan, at.method, access.facts, epsilon)
    return Design(
        at=at,
        shares=shares,
        access=access,
        plan=plan if rough else with_exact_success(plan, at, access),
        counter=memo(counter_of, access),
    )


def counted_plan(method: AnyMethod, facts: Facts, epsilon: float) -> Plan:
    """Return a plan for counts alone, to be called through a memo: it depends on values alone."""
    plan: Plan = method.plan(facts, epsilon, phases=False)
    return plan


def coefficients_limit(at: Configuration, access: Access[Facts], shares: ErrorSplit) -> float:
    """Return the error of the encoded operator that the share of loaded coefficients allows; infinite without one."""
    return access.rounding.limit(
        lambda: shares.coefficients * state_epsilon(at.method, access.facts, at.epsilon)
    )


def settled(memo: Memo, at: Configuration, access: Access[Facts], limit: float) -> Access[Facts]:
    """Return the access with the fewest angle bits that keep the rounding of what is encoded within `limit`.

    The access is returned as it is where it loads no angles, or no bound of what they do is known.
    Raises TooLarge where the most bits are too few.
    """
    if not access.rounding.is_adjustable:
        return access
    most, bits = access.rounding.most, access.rounding.bits
    for _ in range(_ROUNDS):  # fewer bits make loading cheaper, so that more angles may be loaded
        wanted = bits + math.ceil(math.log2(access.rounding.error / limit))
        if wanted == bits:
            return access
        if wanted > most:
            raise _too_fine(limit, wanted, most)
        bits = wanted
        access = opened(memo, at, bits)
        if not access.rounding.error:
            return access
    while access.rounding.error > limit:
        bits += 1
        if bits > most:
            raise _too_fine(limit, bits, most)
        access = opened(memo, at, bits)
    return access


def counted_access(memo: Memo, at: Configuration) -> Access[Facts]:
    """Return what a configuration queries, as fine as its own share asks; no share is weighed where none is needed."""
    access = opened(memo, at)
    if not access.rounding.is_adjustable:
        return access
    drafted = memo(draft, memo, at, coefficients=None)
    return settled(memo, at, access, coefficients_limit(drafted.at, access, drafted.shares))


def _too_fine(limit: float, bits: int, most: int) -> TooLarge:
    return TooLarge(
        "the rounding of loaded coefficients",
        size=f"{bits} bits an angle, to keep L within {limit:.3g}",
        limit=f"{most} bits",
        instead="Raise solver.epsilon, or lower T: the error allowed falls with ||L^-1||.",
    )


def with_exact_success(plan: Plan, at: Configuration, access: Access[Facts]) -> Plan:
    """Return the plan with the success probability of its run by exact block arithmetic, or as it is.

    As it is where the method's own formula is exact, the system is larger than `EXACT_ROWS` or known by its shape, or
    the plan was made for counting alone.
    """
    rows = 1 << int(access.encodings[0].system_bitsize)
    if not at.method.traits.rough_success or not plan.is_solved or rows > EXACT_ROWS:
        return plan
    if access.make_exact is None:
        return plan
    vector = at.method.amplitudes(plan, access)
    return replace(plan, success_probability=float(np.vdot(vector, vector).real), success_is_bound=False)
