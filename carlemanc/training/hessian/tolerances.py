"""Steps of finite differences and what passes, in double and in single precision (`finite_differences` says why)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """Steps of differences and largest relative differences that pass, in one precision.

    `enough` is the relative difference of gradients at which no better step is looked for.
    """

    steps: tuple[float, ...]
    enough: float
    repeatability: float
    symmetry: float
    gradient: float
    loss: float


DOUBLE = Tolerances(
    steps=(1e-6, 1e-8, 1e-4, 1e-10), enough=1e-3, repeatability=1e-9, symmetry=1e-6, gradient=1e-3, loss=1e-3
)
SINGLE = Tolerances(
    steps=(1e-3, 1e-4, 1e-2, 1e-5), enough=1e-2, repeatability=1e-4, symmetry=1e-2, gradient=2.0, loss=0.1
)
"""For a model that runs in single precision only. There kinks may be all of a difference of gradients, which is told
and decides nothing (2 is the largest possible); a loss has them in its slope only, and decides with the symmetry."""
