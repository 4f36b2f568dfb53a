"""theta(T) by a tomography with amplitude estimation: outcomes of its rounds drawn from exact amplitudes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.evaluation.design import Design
from carlemanc.readout.ways.tomography import TomographyWeights


@dataclass(frozen=True, slots=True, kw_only=True)
class TomographyReadout(Document):
    """What the rounds were and what they guarantee.

    Args:
        shots: circuits that were run.
        uses: of the run in them.
        rounds: how often an estimate was made better.
        support: number of weights read: those that can be nonzero at T. All others are known to be at the center.
        success_probability: exact, of all ancillas |0>.
        error_bound: l2 error of theta, with probability 1 - failure_probability (simulated constants, not proved).
        failure_probability: of the bound.
        seed: of the draws.
        source: where the bound comes from.
    """

    shots: int
    uses: int
    rounds: int
    support: int
    success_probability: float
    error_bound: float
    failure_probability: float
    seed: int
    source: str

    @property
    def unread(self) -> str | None:
        """None: every round gives an estimate."""
        return None

    def l2_bound(self, weights: FloatArray) -> float:
        """Return the bound of the l2 error; `weights` say nothing here."""
        return self.error_bound


def check_rounds(design: Design, plan: TomographyWeights, shots: int | None) -> None:
    """Raise InputError for a number of shots (rounds follow from solver.epsilon), and as `runs` of the plan does."""
    if shots:
        problem = Problem(
            where="--shots",
            found=str(shots),
            allowed="0: the rounds of a tomography follow from solver.epsilon",
        )
        raise InputError("this readout has its own number of runs", [problem])
    plan.runs(design.plan.copy_probability, design.setting)  # refuses a method that loses the norm


def read_rounds(
    design: Design, plan: TomographyWeights, amplitudes: FloatArray, success: float, *, shots: int, seed: int
) -> tuple[FloatArray, TomographyReadout]:
    """Draw the rounds from exact amplitudes (p + 1, n) of one final state; return theta, (n,), and the readout.

    Raises InputError as `check_rounds` does.
    """
    check_rounds(design, plan, shots)
    lifted, scale = design.lifted, design.plan.amplitude_scale
    assert lifted is not None
    assert scale is not None
    sites = lifted.read_sites
    copies = np.real(amplitudes)[:, sites]
    unit = scale * math.sqrt(len(copies))  # the copies of time T are one vector, spread
    rounds = plan.rounds(design.plan.copy_probability)
    drawn = rounds.measured(copies.mean(axis=0) * math.sqrt(len(copies)), np.random.default_rng(seed))
    theta = np.array(lifted.center)
    theta[sites] += lifted.gamma * drawn / unit
    return theta, TomographyReadout(
        shots=rounds.circuits,
        uses=rounds.uses,
        rounds=len(rounds.rounds),
        support=len(sites),
        success_probability=success,
        error_bound=lifted.gamma * rounds.delta / unit,
        failure_probability=plan.failure_probability,
        seed=seed,
        source=plan.source,
    )
