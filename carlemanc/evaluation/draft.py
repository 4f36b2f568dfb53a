"""Pass 1: what runs at given shares of epsilon would cost, and the shares that cost least.

Nothing is emitted: the bloqs are counted once, and the method is outlined at two precisions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from carlemanc.access.access import Access
from carlemanc.access.facts import Facts
from carlemanc.core.memo import Memo
from carlemanc.costs.error_split import CostModel, ErrorSplit, Trend, optimal_split
from carlemanc.evaluation.design import counter_of, opened, state_epsilon
from carlemanc.methods.method import AnyMethod, Outline
from carlemanc.programs.rotation_prices import smooth_price
from carlemanc.sources.configuration import Configuration

OUTLINED = (1 / 4, 1 / 64)
"""Shares of epsilon that the method is outlined at."""
_OWN_ANDS = 2
"""ANDs of a method's own for each query, beside a reflection of the block's ancillas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A configuration with the shares of epsilon that were weighed for it.

    Args:
        at: the configuration.
        shares: of epsilon.
    """

    at: Configuration
    shares: ErrorSplit


def draft(memo: Memo, at: Configuration, *, coefficients: float | None = None) -> Draft:
    """Weigh the shares of epsilon. Raises InputError or TooLarge as planning does.

    Args:
        memo: of this process.
        at: the configuration.
        coefficients: that share, where it is decided already: all methods that invert call one encoding of L.
    """
    access = opened(memo, at)
    at = replace(at, epsilon=at.goal.epsilon(access.system, at.epsilon))
    model = cost_model(memo, at, access)
    return Draft(at=at, shares=optimal_split(model, coefficients=coefficients))


def cost_model(memo: Memo, at: Configuration, access: Access[Facts]) -> CostModel:
    """Return what all runs of a configuration cost at given shares, as a smooth function."""
    counter, traits = memo(counter_of, access), at.method.traits
    first, second = (
        memo(outlined, at.method, access.facts, state_epsilon(at.method, access.facts, at.epsilon) * share)
        for share in OUTLINED
    )
    queries = [counter.count(encoding) for encoding in access.encodings]
    begun = counter.count(access.start)

    def trend(name: str, kind: Literal["linear", "power"] = "linear") -> Trend:
        return Trend(shares=OUTLINED, values=(getattr(first, name), getattr(second, name)), kind=kind)

    moved = second.readout_probability / first.readout_probability  # 1, unless one of them alone takes rounds
    success = Trend(
        shares=OUTLINED,
        values=(first.success_probability, second.success_probability * moved),
        kind="power",
    )

    return CostModel(
        epsilon=at.epsilon,
        readout_amplitude=math.sqrt(first.readout_probability),
        queries=trend("queries_L", "power" if traits.law == "power" else "linear"),
        starts=trend("queries_b"),
        success=success,
        query_t=_mean([count.t_in_file for count in queries]) + 4 * (access.block_bits + _OWN_ANDS),
        query_rotations=_mean([count.rotation_count for count in queries]) + traits.own_rotations,
        start_t=begun.t_in_file,
        start_rotations=begun.rotation_count,
        **_loaded_bits(memo, at, access),
        price=smooth_price(at.synthesis),
        readout_exponent=at.goal.exponent(access.system, at.epsilon),
        faults_bias=not at.goal.bounds_failures,
    )


def outlined(method: AnyMethod, facts: Facts, epsilon: float) -> Outline:
    """Return what a method costs to about a percent, to be called through a memo: it depends on values alone."""
    return method.outline(facts, epsilon)


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)


def _loaded_bits(memo: Memo, at: Configuration, access: Access[Facts]) -> dict[str, float]:
    """Rotations of a query for each bit of its loaded angles, and the share at which the draft's bits suffice.

    Each loaded angle has one rotation by its last bit, 2 pi / 2^bits, which tells how many there are.
    """
    rounding = access.rounding
    if not rounding.error or rounding.harm is None:
        return {"bit_rotations": 0, "bits_share": 1.0}
    count = memo(counter_of, access).count(access.encodings[0])
    last = count.rotations.get(2 * math.pi * 2.0**-rounding.bits, 0)
    share = rounding.harm / math.sqrt(access.facts.readout_probability) / at.method.inner_epsilon(at.epsilon)
    return {"bit_rotations": max(last, 1), "bits_share": min(share, 1e6)}
