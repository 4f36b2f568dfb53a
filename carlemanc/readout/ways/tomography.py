"""Tomography with amplitude estimation: the residual of an estimate, amplified, sampled beside a reference.

The rounds and their constants are those of `estimators.tomography`; here they are a way to read all weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.methods.flagged import flagged
from carlemanc.readout.copies import Norm
from carlemanc.readout.estimators.tomography import TomographyPlan, tomography
from carlemanc.readout.estimators.tomography_circuit import round_circuit
from carlemanc.readout.readout_circuit import ReadoutCircuit
from carlemanc.readout.readout_plan import OwnCircuits, Setting, refuse_impossible

if TYPE_CHECKING:
    from qualtran import Bloq

MOST_ENTRIES = 20_000
"""Entries that are read: counting a loader of so many takes seconds, emitting it minutes."""
FAULTS = Formula(
    text="a use may fail with .05 delta / (2 sqrt(d)), delta the error of the vector, d its entries: failed circuits "
    "may end on any one of them",
    status="derived here",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TomographyWeights(OwnCircuits):
    """Uses of a run in the rounds of a tomography; `epsilon` is relative to the norm of what is read.

    Args:
        dimension: entries d that can be nonzero.
        norm: of the error.
    """

    dimension: int
    norm: Norm

    KEYS = "method dimension norm epsilon failure_probability source copies"

    def rounds(self, probability: float) -> TomographyPlan:
        """Return the rounds, `probability` being that of a run giving a copy of theta(T)."""
        refuse_impossible(probability)
        size = math.sqrt(min(1.0, probability))
        return tomography(self.dimension, size, self.epsilon * size, self.failure_probability)

    @property
    def inputs(self) -> Mapping[str, float | int]:
        """What the formula was given."""
        return {"d": self.dimension, "epsilon": self.epsilon, "delta": self.failure_probability}

    @property
    def need(self) -> str:
        """What the rounds make of them."""
        return f"and circuits of one or more uses of a run read its entries ({self.source})"

    @property
    def target(self) -> str:
        """The error that the rounds come to."""
        return (
            f"in the circuits of a tomography with amplitude estimation: an error of {self.epsilon:g} with "
            f"probability {1 - self.failure_probability:g}"
        )

    def runs(self, probability: float, setting: Setting | None = None) -> int:
        """Return the uses of all circuits; see `ReadoutPlan.runs`.

        Raises InputError for a method that loses the norm of x: the rounds tell amplitudes, and nothing their unit.
        """
        if setting is not None and setting.scale is None:
            problem = Problem(
                where="solver.method",
                found='one that loses the norm of x, read by "tomography" (which "auto" takes for theta)',
                allowed='a method that keeps it, such as "march" or "qsvt", or readout.method = "sampling"',
            )
            raise InputError("these amplitudes have no unit", [problem])
        return self.rounds(probability).uses

    def achieved(self, runs: float, probability: float) -> float:
        """Return the error of so many uses: it falls as their inverse."""
        return self.epsilon * self.rounds(probability).uses / runs

    def check_size(self) -> None:
        """Raise TooLarge for more than `MOST_ENTRIES` entries: each round loads one number for each."""
        if self.dimension > MOST_ENTRIES:
            raise TooLarge(
                "the estimate that a round of the tomography loads",
                size=f"{self.dimension:,} weights that can be nonzero",
                limit=f"{MOST_ENTRIES:,}",
                instead='Read less: readout.target = "observables" or "largest", or readout.method = "sampling".',
            )

    def circuits(self, run: Bloq, probability: float, setting: Setting) -> Sequence[ReadoutCircuit]:
        """Return the circuits of all rounds, with an estimate as good as any in place of that of a round.

        Raises TooLarge as `check_size` does.
        """
        self.check_size()
        answer, plan = setting.access.answer, self.rounds(probability)
        event, places = flagged(run, answer), answer.places(setting.access.system.read_sites)
        estimate, found = plan.some_estimate, []
        for number, (uses, shots) in enumerate(plan.rounds):
            circuit = round_circuit(event, places, estimate if number else np.zeros(self.dimension), uses)
            found.append(ReadoutCircuit(name=f"round {number}", bloq=circuit, times=Fraction(shots)))
        return found

    def drawn(
        self, run: Bloq, probability: float, setting: Setting, rng: np.random.Generator
    ) -> tuple[ReadoutCircuit, ...]:
        """Return the circuits of all rounds: the first, and those that need the estimate of the one before."""
        rounds = self.rounds(probability).rounds
        return tuple(
            replace(
                circuit,
                uses=one.uses,
                waits=f"it loads the estimate of round {number - 1}" if number else "",
            )
            for number, (one, circuit) in enumerate(
                zip(rounds, self.circuits(run, probability, setting), strict=True)
            )
        )

    def failure_budget(self, runs: int, probability: float) -> tuple[float, Formula]:
        """Return what a use may fail with."""
        return self.rounds(probability).fault_budget(), FAULTS


def plan_tomography(
    dimension: int,
    epsilon: float,
    failure_probability: float,
    *,
    norm: Norm = "l2",
    largest: int | None = None,
) -> TomographyWeights:
    """Return the plan, which has every weight; see `readout.ways.registry.plan_readout`.

    Raises InputError for the l_inf norm, in which its constants were not simulated.
    """
    if norm != "l2":
        problem = Problem(where="readout.norm", found=f'"{norm}"', allowed='"l2" by tomography')
        raise InputError("the error of a tomography is known in the 2-norm", [problem])
    return TomographyWeights(
        method="tomography",
        epsilon=epsilon,
        failure_probability=failure_probability,
        formula=tomography(dimension, 1.0, min(epsilon, 0.5), failure_probability).formula,
        dimension=dimension,
        norm=norm,
    )
