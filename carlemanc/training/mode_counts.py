"""How many modes of a Hessian are dissipative, divergent or neither, in either of two units.

A mode with eigenvalue h is multiplied by 1 - eta h in a step of gradient descent. a = -h is the paper's
variable (Hessian units), a = -eta h the same in units of the learning rate. Beyond a threshold tau, a < -tau
is dissipative, a > tau divergent, the rest near zero; tau = 0 is the definition by sign. In discrete time a
mode shrinks only where 0 < eta h < 2, whatever its sign says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from carlemanc.core.document import Document
from carlemanc.training.hessian.spectrum import Interval, Spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeCounts:
    """Numbers of modes at one threshold, with error bars.

    Attributes:
        unit: "hessian" (a = -h) or "learning rate" (a = -eta h).
        threshold: tau.
        dissipative, near_zero, divergent: numbers of modes.
        n: all modes.
    """

    unit: str
    threshold: float
    dissipative: Interval
    near_zero: Interval
    divergent: Interval
    n: int

    def to_json(self) -> dict[str, Any]:
        """Return the counts and fractions."""
        parts = {
            "dissipative": self.dissipative,
            "near_zero": self.near_zero,
            "divergent": self.divergent,
        }
        counts = {
            name: {**part.to_json(), "fraction": part.value / self.n if self.n else None}
            for name, part in parts.items()
        }
        return {"unit": self.unit, "threshold": self.threshold, **counts}


def mode_counts(spectrum: Spectrum, threshold: float, *, scale: float = 1.0, unit: str) -> ModeCounts:
    """Count the modes with a = -scale h beyond a threshold."""
    return ModeCounts(
        unit=unit,
        threshold=threshold,
        dissipative=spectrum.count(lambda h: scale * h > threshold),
        near_zero=spectrum.count(lambda h: abs(scale * h) <= threshold),
        divergent=spectrum.count(lambda h: -scale * h > threshold),
        n=spectrum.n,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepGains(Document):
    """What one step of gradient descent does to the extreme modes, and to how many it does good.

    Attributes:
        a_max: the largest a = -h.
        growth: 1 + eta a_max, the factor of the most divergent mode; at most 1 where there is none.
        flip: |1 - eta h_max|, the factor of the stiffest mode.
        shrinking: number of modes with 0 < eta h < 2.
        unstable: number of modes with eta h >= 2, which grow with alternating sign.
    """

    a_max: float
    growth: float
    flip: float
    shrinking: Interval
    unstable: Interval

    KEYS = """
        a_max growth_per_step=growth stiffest_factor_per_step=flip largest_gain_per_step=largest
        modes_with_0_lt_eta_h_lt_2=shrinking modes_with_eta_h_ge_2=unstable
    """

    @property
    def largest(self) -> float:
        """The largest factor of a mode in one step."""
        return max(abs(self.growth), self.flip)

    def log10_after(self, steps: int) -> float:
        """Return log10 of the largest factor after `steps` steps."""
        return steps * math.log10(self.largest) if self.largest > 0 else -math.inf

    def steps_within(self, order: int) -> int | None:
        """Return the most steps T with (1 + eta a)^(order T) <= e for the largest gain; None for any T.

        Levels of the Carleman system multiply, so level N gains (1 + eta a)^N in a step: THEORY section 4 (b).
        A condition on the linear part alone, so necessary and not sufficient.
        """
        if self.largest <= 1:
            return None
        return int(1.0 / (order * math.log(self.largest)))


def step_gains(spectrum: Spectrum, learning_rate: float) -> StepGains:
    """Return the gains of a step with this learning rate."""
    low, high = spectrum.extreme(-1)[0], spectrum.extreme(1)[0]
    return StepGains(
        a_max=-low,
        growth=1.0 - learning_rate * low,
        flip=abs(1.0 - learning_rate * high),
        shrinking=spectrum.count(lambda h: (learning_rate * h > 0) & (learning_rate * h < 2)),
        unstable=spectrum.count(lambda h: learning_rate * h >= 2),
    )
