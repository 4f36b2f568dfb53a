"""How finely the rotations of a circuit are synthesized: the precision that keeps both their shares of epsilon.

Comes in: a spec's circuits and the circuit of one run. Goes out: the operator-norm precision of each rotation, the same
for `compile` and `estimate`, the prices of rotations at it, and what synthesis then does to the final state.
"""

from __future__ import annotations

from dataclasses import dataclass

from qualtran import Bloq

from carlemanc.circuit.angles import distinct_angles
from carlemanc.circuit.rotation_prices import (
    GRIDSYNTH,
    MIXED_FALLBACK,
    RotationPrices,
    rotation_prices,
)
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import rounded_down, rounded_up
from carlemanc.pipeline.circuit_parts import preparation_calls
from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.error_budget import SynthesisError
from carlemanc.solvers.plan import SolverPlan

SYNTHESIZED_ANGLES = 2_000
"""Up to this many distinct angles are synthesized to count T exactly; beyond it the fitted length is used."""
PRICED_ANGLES = 256
"""The same for gridsynth where rotations are kept and their T gates stand beside the counts: a word takes 2 to 5 ms, so
these take at most a second; the mean of more is within 1 % of the fit."""
FINEST_PRICED = 1e-11
"""And where the precision is finer than this: two machines agree on an angle to about 1e-15, and one word in a thousand
would be that of the next cell (`circuit.gridsynth`)."""


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


def rotation_groups(circuits: Circuits, solver: Bloq, method: str | None = None) -> RotationGroups:
    """Return the rotations of one run of a method, the spec's own by default; controlled preparations of b are rest."""
    counter, start = circuits.counter, circuits.started_by(method or circuits.method)
    prepared = preparation_calls(solver, start) * counter.count(start).rotation_count
    return RotationGroups(preparation=prepared, rest=counter.count(solver).rotation_count - prepared)


def rotation_precision(circuits: Circuits, plan: SolverPlan, groups: RotationGroups) -> float:
    """Return the precision (operator norm) of every rotation: the finer of what the two shares of epsilon allow.

    Operator-norm errors of a circuit's rotations add up to that of its state, and `SolverPlan.synthesis_error`
    gives what that does to x (proved). It is rounded down to few digits: words are the same wherever it is computed.
    """
    split = circuits.split_of(plan.method)
    shares = ((split.rotations, groups.rest), (split.preparation, groups.preparation))
    epsilon = circuits.epsilon_of(plan.method)
    allowed = [plan.rotation_precision(share * epsilon, number) for share, number in shares if number]
    precision = min(allowed, default=plan.rotation_precision(split.synthesis * epsilon, 1) or 0.5)
    return min(0.5, rounded_down(precision))


def price_rotations(circuits: Circuits, solver: Bloq, epsilon: float, *, exact: bool) -> RotationPrices:
    """Return the prices of one run's rotations by `compile.synthesis`.

    Args:
        circuits: of the spec.
        solver: the circuit of one run.
        epsilon: precision of each rotation.
        exact: work the angles out where they are few; otherwise T is by a fit or a bound.

    Raises InputError where the method has no inverse and the readout needs one.
    """
    table = circuits.spec.compile
    if table.synthesis == MIXED_FALLBACK and circuits.spec.readout.method == "amplitude-estimation":
        problem = Problem(
            where=f"{circuits.spec.origin}: compile.synthesis",
            found=f'"{MIXED_FALLBACK}" with readout.method = "amplitude-estimation"',
            allowed='"gridsynth" or "phase-gradient": amplitude estimation runs the circuit and its inverse '
            "coherently many times, and the mixture's precision is worked out for one run",
        )
        raise InputError("these rotations cannot be used coherently", [problem])
    rotations = circuits.counter.count(solver).rotations
    most = SYNTHESIZED_ANGLES
    if table.synthesis == GRIDSYNTH and not circuits.synthesized:
        most = PRICED_ANGLES if epsilon >= FINEST_PRICED else 0
    exact = exact and distinct_angles(rotations) <= most
    return rotation_prices(rotations, epsilon, table.synthesis, exact=exact)


def synthesis_error(circuits: Circuits, solver: Bloq, prices: RotationPrices) -> SynthesisError:
    """Return what the rotations of one run do to its state; what they share is divided by their number.

    Where each angle has its own word, the sum has about eight digits that do not depend on the last bits of the
    angles: it is rounded up to three.
    """
    groups = rotation_groups(circuits, solver)
    start, every = (
        circuits.counter.count(circuits.started).rotations,
        circuits.counter.count(solver).rotations,
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
        source=f"{groups.total} rotations by {prices.synthesis}: {prices.bound}; of the solver circuit's state, which "
        "that of the sign circuit is taken to share",
    )


def _shortened(error: float, most: float) -> float:
    """An error rounded up to the digits of words, but not above what their precision allows together."""
    return max(error, min(rounded_up(error, _DIGITS_OF_WORDS), most))
