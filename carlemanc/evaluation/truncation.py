"""What is known of the truncation: certified, measured, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from carlemanc.core.document import Document
from carlemanc.evaluation.budget_part import BudgetPart

USEFUL = 1.0
"""A bound of the relative error that is no smaller tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation(Document):
    """The order, and what its truncation does to theta(T) - center, relative to the norm of that.

    Args:
        value: N.
        truncation: the certified bound, else the measured error; None where neither is known.
        status: "certified" by a bound below `USEFUL`, "measured" where gradient descent was followed, else "none".
    """

    value: int
    truncation: float | None
    status: Literal["certified", "measured", "none"]


def truncation_of(order: int, budget: Mapping[str, BudgetPart]) -> Truncation:
    """Return what the error budget tells of it."""
    part = budget["carleman_truncation"]
    if part.achieved is not None and part.achieved < USEFUL:
        return Truncation(value=order, truncation=part.achieved, status="certified")
    if part.measured is not None:
        return Truncation(value=order, truncation=part.measured, status="measured")
    return Truncation(value=order, truncation=part.achieved, status="none")
