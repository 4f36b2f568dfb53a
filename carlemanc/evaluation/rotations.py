"""How finely the rotations of a circuit are synthesized: the precision that keeps both their shares of epsilon.

Comes in: a design. Goes out: the operator-norm precision of each rotation, the same for `compile` and `estimate`, the
prices of rotations at it, and what synthesis then does to the final state.
"""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import rounded_down, rounded_up
from carlemanc.evaluation.budget import SynthesisError
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.ledger import preparation_calls
from carlemanc.programs.angles import distinct_angles
from carlemanc.programs.rotation_prices import (
    GRIDSYNTH,
    MIXED_FALLBACK,
    RotationPrices,
    rotation_prices,
)
from carlemanc.sources.configuration import Configuration

SYNTHESIZED_ANGLES = 2_000
"""Up to this many distinct angles are synthesized to count T exactly; beyond it the fitted length is used."""
PRICED_ANGLES = 256
"""The same for gridsynth where rotations are kept and their T gates stand beside the counts: a word takes 2 to 5 ms, so
these take at most a second; the mean of more is within 1 % of the fit."""
FINEST_PRICED = 1e-11
"""And where the precision is finer than this: two machines agree on an angle to about 1e-15, and one word in a thousand
would be that of the next cell (`programs.gridsynth`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationGroups:
    """Numbers of rotations in a circuit: in the preparations of b, and all others."""

    preparation: int
    rest: int

    @property
    def total(self) -> int:
        """All rotations."""
        return self.preparation + self.rest


_DIGITS_OF_WORDS = 3
"""Significant digits of a sum of errors of words."""


def rotation_groups(design: Design) -> RotationGroups:
    """Return the rotations of one run; controlled preparations of b are rest."""
    counter = design.counter
    prepared = preparation_calls(design) * counter.count(design.access.start).rotation_count
    return RotationGroups(preparation=prepared, rest=counter.count(design.circuit).rotation_count - prepared)


def rotation_precision(design: Design, groups: RotationGroups) -> float:
    """Return the precision (operator norm) of every rotation: the finer of what the two shares of epsilon allow.

    Operator-norm errors of a circuit's rotations add up to that of its state, and `Plan.synthesis_error`
    gives what that does to x (proved). It is rounded down to few digits: words are the same wherever it is computed.
    """
    split, plan = design.shares, design.plan
    shares = ((split.rotations, groups.rest), (split.preparation, groups.preparation))
    allowed = [plan.rotation_precision(share * design.epsilon, number) for share, number in shares if number]
    precision = min(allowed, default=plan.rotation_precision(split.synthesis * design.epsilon, 1) or 0.5)
    return min(0.5, rounded_down(precision))


def price_rotations(design: Design, epsilon: float, *, exact: bool, synthesized: bool) -> RotationPrices:
    """Return the prices of one run's rotations by `compile.synthesis`.

    Args:
        design: of the run.
        epsilon: precision of each rotation.
        exact: work the angles out where they are few; otherwise T is by a fit or a bound.
        synthesized: whether the file has words in place of rotations.

    Raises InputError where the method has no inverse and the readout needs one.
    """
    synthesis = design.at.synthesis
    check_synthesis(design.at)
    rotations = design.counter.count(design.circuit).rotations
    most = SYNTHESIZED_ANGLES
    if synthesis == GRIDSYNTH and not synthesized:
        most = PRICED_ANGLES if epsilon >= FINEST_PRICED else 0
    exact = exact and distinct_angles(rotations) <= most
    return rotation_prices(rotations, epsilon, synthesis, exact=exact)


def check_synthesis(at: Configuration) -> None:
    """Raise InputError where rotations have no inverse and the readout needs one."""
    if at.synthesis != MIXED_FALLBACK or not at.goal.is_coherent:
        return
    problem = Problem(
        where=f"{at.source.origin}: compile.synthesis",
        found=f'"{MIXED_FALLBACK}" with readout.method = "amplitude-estimation"',
        allowed='"gridsynth" or "phase-gradient": amplitude estimation runs the circuit and its inverse '
        "coherently many times, and the mixture's precision is worked out for one run",
    )
    raise InputError("these rotations cannot be used coherently", [problem])


def synthesis_error(design: Design, prices: RotationPrices) -> SynthesisError:
    """Return what the rotations of one run do to its state; what they share is divided by their number.

    Where each angle has its own word, the sum has about eight digits that do not depend on the last bits of the
    angles: it is rounded up to three.
    """
    groups = rotation_groups(design)
    start, every = (
        design.counter.count(design.access.start).rotations,
        design.counter.count(design.circuit).rotations,
    )
    calls = groups.preparation // max(1, sum(start.values()))
    prepared = calls * prices.total_error(start)
    rest = max(0.0, prices.total_error(every) - prepared)
    if len({prices.error(angle) for angle in every}) > 1:
        prepared = _shortened(prepared, groups.preparation * prices.epsilon)
        rest = _shortened(rest, groups.rest * prices.epsilon)
    part = groups.preparation / max(1, groups.total)
    return SynthesisError(
        preparation=prepared + part * prices.shared_error,
        rest=rest + (1 - part) * prices.shared_error,
        status="model" if not prices.is_emitted else "proved",
        source=f"{groups.total} rotations by {prices.synthesis}: {prices.bound}; of {_state(design)}",
    )


def _state(design: Design) -> str:
    """Whose state the bound is of."""
    if design.readout.amplifies:
        return "the state of one use, as each of the readout's circuits has it"
    return "the solver circuit's state, which that of the sign circuit is taken to share"


def _shortened(error: float, most: float) -> float:
    """An error rounded up to the digits of words, but not above what their precision allows together."""
    return max(error, min(rounded_up(error, _DIGITS_OF_WORDS), most))
