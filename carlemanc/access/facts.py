"""The numbers that a method plans by: nothing here knows a bloq, so that planning imports no circuit library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Facts(Protocol):
    """What every access knows."""

    @property
    def readout_probability(self) -> float:
        """Share of a successful final state that is the answer."""

    @property
    def is_part(self) -> bool:
        """Whether the answer is a part of a successful final state, which `Answer.flag` tells from the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InversionFacts:
    """What a method that inverts plans by.

    Args:
        alpha: the block encoding holds L/alpha, alpha >= ||L||.
        inverse_norm: a bound on ||L^-1||.
        rhs_norm: ||b||.
        solution_norm: ||x||, x = L^-1 b.
        readout_probability: share of ||x||^2 that is read.
        is_part: whether that is a part of x.
    """

    alpha: float
    inverse_norm: float
    rhs_norm: float
    solution_norm: float
    readout_probability: float = 1.0
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """What a method that marches plans by; steps and vectors hold the constant 1 too where there are sources.

    Args:
        alphas: subnormalization of each distinct step's encoding.
        norms: a bound on the norm of each step; 0 < norm <= alpha.
        schedule: (T,) for each step the position of its map.
        start_norm, end_norm: ||y(0)|| and ||y(T)||.
        readout_probability: share of ||y(T)||^2 that is read.
        is_part: whether that is a part of y(T).
    """

    alphas: tuple[float, ...]
    norms: tuple[float, ...]
    schedule: tuple[int, ...]
    start_norm: float
    end_norm: float
    readout_probability: float = 1.0
    is_part: bool = False
