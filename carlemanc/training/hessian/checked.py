"""What was checked of a Hessian before its spectrum was taken: figures with what was allowed, for JSON and text."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.document import Document

NOISE = 1e-9
"""A relative difference below this is rounding, and told as 0."""
COARSE = 0.05
"""Relative difference between products in single and double precision that is worth a warning."""


def percent(value: float) -> str:
    """Return a fraction in percent.

    >>> [percent(value) for value in (1e-6, 0.0123, 1.234, 50)]
    ['0.0001 %', '1.2 %', '123 %', 'more than 1000 %']
    """
    if not value <= 10:
        return "more than 1000 %"
    return f"{100 * value:.2g} %" if value < 1 else f"{100 * value:.0f} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A relative difference and the largest that passes."""

    value: float
    allowed: float

    @property
    def passes(self) -> bool:
        """Whether the difference is as small as it must be; NaN is not."""
        return self.value <= self.allowed

    def __str__(self) -> str:
        return "0" if self.value < NOISE else f"{self.value:.1g}"

    @property
    def words(self) -> str:
        """The difference and what is allowed, in percent."""
        return f"{percent(self.value)} ({percent(self.allowed)} is allowed)"

    def to_json(self) -> dict[str, float]:
        """Return value and limit."""
        return {"value": 0.0 if self.value < NOISE else self.value, "allowed": self.allowed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Document):
    """The findings of a Hessian that passed; None where there was nothing to compare.

    Attributes:
        symmetry: u.Hv against v.Hu, relative to |Hu| and |Hv|; of a spec the largest entry of F_1 - F_1^T, relative.
        repeatability: H v asked for twice.
        gradient: H v against central differences of the gradient.
        loss: the gradient against central differences of the loss.
        rounding: H v in the model's precision against H v in double precision.
        precision: of the comparisons.
        batches: how many batches took part, "3 of 8".
        notes: what a reader must know besides.
    """

    symmetry: Deviation
    repeatability: Deviation | None = None
    gradient: Deviation | None = None
    loss: Deviation | None = None
    rounding: float | None = None
    precision: str = "float64"
    batches: str | None = None
    notes: tuple[str, ...] = ()

    KEYS = "symmetry repeatability gradient loss rounding=noiseless_rounding precision batches notes"

    @property
    def figures(self) -> dict[str, Deviation]:
        """What was compared, by name."""
        names = ("symmetry", "repeatability", "gradient", "loss")
        found = {name: getattr(self, name) for name in names}
        return {name: item for name, item in found.items() if item is not None}

    @property
    def noiseless_rounding(self) -> float | None:
        """The figure of rounding, 0 where it is noise."""
        return 0.0 if self.rounding is not None and self.rounding < NOISE else self.rounding
