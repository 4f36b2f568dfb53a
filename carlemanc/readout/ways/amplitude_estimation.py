"""Tomography by amplitude estimation as the literature states it: O~ of the uses, with constant 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

from carlemanc.core.formula import Formula
from carlemanc.readout.bounds import amplitude_estimation_queries
from carlemanc.readout.copies import Copies, Norm

_FORMULA = Formula(
    text="d ln(2 d/delta)/epsilon uses of the circuit (l2): O~ of the literature with constant 1, none is "
    "published; the other half of delta is left to failed operations",
    status="second-hand",
    sources=("apeldoorn2022",),
    where="Theorem and Proposition 22",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoherentPlan(Copies):
    """Uses of a circuit that runs coherently: amplification is part of them."""

    def share(self, probability: float) -> float:
        """Return sqrt(probability): the uses of a copy are 1/sqrt of its probability."""
        return math.sqrt(probability)

    def error_of(self, copies: float) -> float:
        """Return the error of so many: it falls as their inverse."""
        return self.epsilon * self.needed / copies


def plan_amplitude_estimation(
    dimension: int,
    epsilon: float,
    failure_probability: float,
    *,
    norm: Norm = "l2",
    largest: int | None = None,
) -> CoherentPlan:
    """Return the plan of [apeldoorn2022], which has every weight; see `readout.ways.registry.plan_readout`."""
    return CoherentPlan(
        method="amplitude-estimation",
        dimension=dimension,
        norm=norm,
        epsilon=epsilon,
        failure_probability=failure_probability,
        largest=None,
        magnitudes=amplitude_estimation_queries(dimension, epsilon, failure_probability / 2, norm=norm),
        signs=0.0,
        formula=_FORMULA,
    )
