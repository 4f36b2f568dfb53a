"""||L|| and ||L^-1|| of a history: computed where that fits, else the proved bound, and why.

Everything that follows from them (a degree, a share of epsilon) is decided on values rounded up to `DIGITS`
significant digits, so that the last bits of an iteration turn nothing. What took over a second or so to compute is
kept between processes (`core.disk_cache`), by the digest of L; what is kept is the rounded value, so that a
cached one is what would be computed.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

from carlemanc.core.disk_cache import remembered
from carlemanc.core.errors import CheckFailed, InputError
from carlemanc.core.forecast import NORMS, announce
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import DIGITS, rounded_up
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.norm_bounds import FORMULAS, Bound
from carlemanc.linear_system.singular_values import COMPUTED, Workload, computed_norms, workload

REMEMBERED_WORK = 2_000_000_000
"""Operations of a workload, about two seconds, from which on the numbers are kept between processes."""
_NORM, _INVERSE = "norm", "inverse_norm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditioning:
    """||L^-1|| and ||L||, rounded up, whether they were computed or are proved bounds, and by which formula."""

    inverse_norm: float
    norm: float
    source: str
    formula: Formula
    reason: str = ""
    """Why it was not computed, where the source is "bound"."""

    @property
    def kappa(self) -> float:
        """||L|| ||L^-1||."""
        return self.norm * self.inverse_norm


def outward(bound: Bound) -> Bound:
    """Return a proved bound with both norms rounded up to `DIGITS` significant digits."""
    norm, inverse = rounded_up(bound.norm), rounded_up(bound.inverse_norm)
    return replace(
        bound,
        value=norm * inverse,
        inverse_norm=inverse,
        norm=norm,
        alternatives={name: rounded_up(value) for name, value in bound.alternatives.items()},
    )


def conditioned(history: HistorySystem, bound: Bound, refusal: Callable[[str], InputError]) -> Conditioning:
    """Return ||L|| and ||L^-1|| of a history, computed if its workload fits, else its proved bound, rounded up.

    Args:
        history: the linear system.
        bound: its proved bound, rounded up.
        refusal: the error to raise, given why nothing was computed, where the bound is infinite too.

    Raises CheckFailed where the computation breaks down and the bound is infinite.
    """
    ahead = workload(history)
    if not ahead.fits:
        reason = f"computing it takes {ahead.size}; the limit is {ahead.limit}"
        if not math.isfinite(bound.inverse_norm):
            raise refusal(reason)
        return proved(bound, reason)
    try:
        found = _computed(history, ahead, bound)
    except CheckFailed as failure:  # named in the result: its source is then "bound"
        if not math.isfinite(bound.inverse_norm):
            raise
        warnings.warn(f"{failure}; the proved bound of kappa is used", stacklevel=3)
        return proved(bound, str(failure))
    return Conditioning(  # a residual may lift it above what is proved
        inverse_norm=min(found[_INVERSE], bound.inverse_norm),
        norm=min(found[_NORM], bound.norm),
        source="computed",
        formula=COMPUTED,
    )


def proved(bound: Bound, reason: str) -> Conditioning:
    """Return a proved bound as the norms that are planned with, and why nothing was computed."""
    return Conditioning(
        inverse_norm=bound.inverse_norm,
        norm=bound.norm,
        source="bound",
        formula=FORMULAS[bound.formula],
        reason=reason,
    )


def _computed(history: HistorySystem, ahead: Workload, bound: Bound) -> dict[str, float]:
    def compute() -> dict[str, float]:
        announce(f"computing the condition number of {ahead.unknowns:.2g} unknowns", ahead.work, NORMS)
        found = computed_norms(history, bound)
        return {_NORM: rounded_up(found.norm), _INVERSE: rounded_up(found.inverse_norm)}

    if ahead.work < REMEMBERED_WORK:
        return compute()
    return remembered("conditioning", f"{history.matrix_fingerprint()}|{DIGITS} digits", compute)
