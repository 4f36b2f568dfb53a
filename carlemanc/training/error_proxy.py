"""The error proxy of Liu et al. 2024, eqs. (7)-(8): the mean gain of the strong modes after t steps.

    E(t) = (1/N_c) [ int_{-1}^{-0.4} rho(a) |1 + a|^t da + int_{0.4}^{1} rho(a) |1 + a|^t da ],
    N_c  = int_{-1}^{-0.4} rho + int_{0.4}^{1} rho,    a = -(eigenvalue of the Hessian).

A mode of the linearized step is multiplied by 1 + eta a in each step of gradient descent; the paper writes 1 + a,
and its main text does not say whether a is in units of the learning rate or t in units of 1/eta. So the gain
here is |1 + eta_s a|^t with eta_s a parameter: 1 is the literal reading, the learning rate the other (THEORY
section 8). A mean over modes of the linear part: a heuristic, no bound; one growing mode hides in it for long.

E(t) is a sum of exponentials with positive weights, so convex in t: it has one minimum, and after falling it
reaches 1 again at most once. Sums are taken in logarithms, so no t overflows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.search import first_where

WINDOW = (0.4, 1.0)
"""The paper keeps modes with 0.4 <= |a| <= 1."""
HORIZON = 2**29
"""The largest t that a minimum or a crossing is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErrorProxy:
    """E(t) of kept modes.

    Attributes:
        rates: (k,) log |1 + eta_s a| of each kept mode, -inf where a mode dies in one step.
        log_weights: (k,) their log weights, normalized so that E(0) = 1; k = 0 where no mode is in the window.
        eta_s: the factor of a.
    """

    rates: FloatArray
    log_weights: FloatArray
    eta_s: float

    @property
    def kept(self) -> int:
        """The number of kept nodes."""
        return len(self.rates)

    def log_values(self, steps: npt.ArrayLike) -> FloatArray:
        """Return log E(t) for each t >= 0; nan where no mode is kept."""
        t = np.asarray(steps, dtype=np.float64)
        if not self.kept:
            return np.full(t.shape, np.nan)
        flat = t.reshape(-1)
        terms = self.log_weights[:, None] + np.where(flat == 0, 0.0, _times(self.rates, flat))
        top = terms.max(axis=0)
        shift = np.where(np.isfinite(top), top, 0.0)
        with np.errstate(divide="ignore"):
            found = shift + np.log(np.exp(terms - shift).sum(axis=0))
        return np.asarray(found.reshape(t.shape))

    def values(self, steps: npt.ArrayLike) -> FloatArray:
        """Return E(t) for each t; inf where it exceeds double precision."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.log_values(steps)))

    @property
    def t_min(self) -> int | None:
        """The t >= 0 with the least E(t), the first of several; None where E falls for ever or is undefined."""
        if not self.kept or not (self.rates > 0).any():
            return None
        return first_where(lambda t: self._at(t + 1) >= self._at(t), 0, HORIZON)

    @property
    def t_cross(self) -> int | None:
        """The first t > 0 with E(t) >= 1; None where there is none."""
        if not self.kept or not (self.rates >= 0).any():
            return None
        found = first_where(lambda t: self._at(t + 1) >= 0.0, 0, HORIZON)
        return None if found is None else found + 1

    @property
    def period(self) -> int | None:
        """The suggested steps between re-uploads: where E is least; None where it falls for ever.

        At least 1: where E grows from the first step no period helps, and 1 is the shortest.
        """
        found = self.t_min
        return None if found is None else max(found, 1)

    def _at(self, t: int) -> float:
        return float(self.log_values(t))

    def to_json(self, steps: int) -> dict[str, Any]:
        """Return E(t) for t = 0..steps with what follows from it."""
        log_values = self.log_values(np.arange(steps + 1))
        with np.errstate(over="ignore"):
            values = np.exp(log_values)
        return {
            "eta_s": self.eta_s,
            "kept_nodes": self.kept,
            "t_min": self.t_min,
            "E_min": None if self.t_min is None else float(self.values(self.t_min)),
            "t_cross": self.t_cross,
            "reupload_period": self.period,
            "E": values,
            "log_E": log_values,
        }


def error_proxy(
    a: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    eta_s: float = 1.0,
    window: tuple[float, float] = WINDOW,
) -> ErrorProxy:
    """Return the proxy of samples or of a quadrature rule.

    Args:
        a: (k,) minus the eigenvalues, or nodes of their density.
        weights: (k,) >= 0; None is one each. Any common factor drops out.
        eta_s: factor of a in the gain, above 0.
        window: least and largest |a| kept.

    Raises InputError for eta_s or a window out of range.
    """
    low, high = window
    if not eta_s > 0 or not math.isfinite(eta_s):
        raise _refused("eta_s", str(eta_s), "a number above 0")
    if not 0 <= low < high:
        raise _refused("window", f"{low}, {high}", "0 <= least < largest |a|")
    nodes = np.asarray(a, dtype=np.float64).reshape(-1)
    masses = np.ones(len(nodes)) if weights is None else np.asarray(weights, dtype=np.float64).reshape(-1)
    keep = (np.abs(nodes) >= low) & (np.abs(nodes) <= high) & (masses > 0)
    with np.errstate(divide="ignore"):
        rates = np.log(np.abs(1.0 + eta_s * nodes[keep]))
        log_weights = np.log(masses[keep] / masses[keep].sum()) if keep.any() else np.empty(0)
    return ErrorProxy(rates=rates, log_weights=log_weights, eta_s=eta_s)


def _times(rates: FloatArray, t: FloatArray) -> FloatArray:
    """Return rates times t, with -inf * 0 = 0."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(t == 0, 0.0, rates[:, None] * t[None, :]))


def _refused(where: str, found: str, allowed: str) -> InputError:
    return InputError(
        "The error proxy cannot be computed.", [Problem(where=where, found=found, allowed=allowed)]
    )
