"""The results of `run`: theta(T) of a training, or x of a linear system as it is, and what the run was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carlemanc.commands.observed import ObservedValue
from carlemanc.commands.shot_readout import ShotReadout
from carlemanc.commands.system_shots import MagnitudeReadout
from carlemanc.commands.tomography_readout import TomographyReadout
from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.core.rounding import without_noise
from carlemanc.core.shown import Shown
from carlemanc.evaluation.budget import missed
from carlemanc.evaluation.budget_part import BudgetPart

if TYPE_CHECKING:
    from carlemanc.commands.run_on_device import DeviceReport

_ROUNDING = 1e-9
"""Relative slack of the checks for double-precision arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CircuitRun(Document):
    """What a run was, whatever was read from it."""

    name: str
    epsilon: float
    error_budget: dict[str, BudgetPart]
    """What each cause may take of epsilon and takes; rotations are exact on simulators."""
    success_probability: float
    planned_success_probability: float
    backend: str
    backend_reason: str | None
    """Why this back end was chosen; None where the default or the one asked for ran."""
    alpha: float
    qubits: int | None
    """Of the circuit, as `gates`; None where exact arithmetic ran in its place."""
    gates: int | None
    method: str
    degree: int | None
    amplification: dict[str, Any]
    """What the circuit amplifies, and in how many rounds."""
    seconds: dict[str, float]
    choices: dict[str, dict[str, Any]]
    """Each key that can be searched with its value, and whether the spec or the search chose it."""

    @property
    def solver_share(self) -> float:
        """What polynomial and loaded coefficients may take of epsilon together, all else being exact."""
        return math.fsum(
            self.error_budget[name].share or 0.0 for name in ("solver_polynomial", "coefficients")
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run(CircuitRun, Shown):
    """theta(T) from the circuit, beside the truncated Carleman iterate and gradient descent."""

    theta: FloatArray | None
    """None: nothing was read, or observables were."""
    theta_classical: FloatArray
    theta_carleman: FloatArray
    center: FloatArray
    truncation_bound: float
    readout_probability: float
    observables: tuple[ObservedValue, ...] = ()
    """What was read in place of theta, where the spec asks for it."""
    readout: ShotReadout | TomographyReadout | None = None
    """The shots theta was read from; None: from exact amplitudes."""
    device: DeviceReport | None = None
    """The device that ran the circuits, with the noiseless values; None: a simulator."""
    approximation_error: float = 0.0
    """||u(T) - u_true(T)|| of the map of a network and the network itself, measured classically."""
    addresses: tuple[int, ...] | None = None
    """The original address of each weight of theta, where the model is pruned to its survivors."""

    BRIEF = "name method backend qubits error epsilon failure"
    KEYS = """
        theta observables=observed theta_classical theta_carleman error truncation_error truncation_bound
        approximation_error addresses solver_error epsilon error_budget success_probability planned_success_probability
        readout_probability backend backend_reason alpha qubits method degree amplification gates
        shots=readout.shots readout device seconds choices
    """

    @property
    def error(self) -> float | None:
        """||theta - theta_classical||_2; None where nothing was read."""
        return None if self.theta is None else _distance(self.theta, self.theta_classical)

    @property
    def truncation_error(self) -> float:
        """||theta_carleman - theta_classical||_2."""
        return _distance(self.theta_carleman, self.theta_classical)

    @property
    def solver_error(self) -> float | None:
        """||theta - theta_carleman||_2 relative to ||theta_carleman - center||_2: `solver_share` bounds it."""
        if self.theta is None:
            return None
        distance = float(np.linalg.norm(self.theta_carleman - self.center))
        return _distance(self.theta, self.theta_carleman) / distance if distance else 0.0

    @property
    def allowed(self) -> float:
        """Bound of the error: truncation bound + epsilon ||theta_carleman - center||, + approximation and shots."""
        distance = float(np.linalg.norm(self.theta_carleman - self.center))
        return self.truncation_bound + self.epsilon * distance + self.shot_error + self.approximation_error

    @property
    def shot_error(self) -> float:
        """Bound of the l2 error from shots; 0 for exact amplitudes."""
        return self.readout.l2_bound(self.theta_carleman - self.center) if self.readout else 0.0

    @property
    def observed(self) -> list[ObservedValue]:
        """The observables, as the document lists them."""
        return list(self.observables)

    @property
    def failure(self) -> str | None:
        """What is wrong with the result, or None. A device's noise is reported and not held against it."""
        if self.observables:
            return "; ".join(one.failure for one in self.observables if one.failure) or missed(
                self.error_budget
            )
        if self.readout and self.readout.unread:
            return self.readout.unread
        if self.theta is None or self.error is None or self.solver_error is None:
            return "theta was not read"
        slack = _ROUNDING * (1 + float(np.linalg.norm(self.theta_classical)))
        if not np.all(np.isfinite(self.theta)):
            return "theta is not finite"
        if self.device:
            return None
        distance = float(np.linalg.norm(self.theta_carleman - self.center))
        if self.solver_error > self.solver_share + slack + (self.shot_error / distance if distance else 0.0):
            return (
                f"theta is {self.solver_error:.3g} (relative) from the Carleman iterate; the solver's share of epsilon "
                f"is {self.solver_share:.3g}"
            )
        if above := missed(self.error_budget):
            return above
        if math.isfinite(self.truncation_bound) and self.error > self.allowed + slack:
            return f"the error {self.error:.3g} exceeds truncation bound + epsilon = {self.allowed:.3g}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SystemRun(CircuitRun, Shown):
    """x of L x = b from the circuit, beside that of scipy's spsolve."""

    x: FloatArray | None
    """None: shots told magnitudes alone."""
    x_classical: FloatArray
    keeps_norm: bool
    magnitudes: FloatArray | None = None
    """|x| from shots; None: exact amplitudes told x, or nothing was read."""
    readout: MagnitudeReadout | None = None
    """The shots that |x| was read from; None: x is from exact amplitudes."""
    device: DeviceReport | None = None

    BRIEF = "name method backend qubits solver_error epsilon failure"
    KEYS = """
        x magnitudes? x_classical error solver_error epsilon error_budget success_probability
        planned_success_probability norm_from backend backend_reason alpha qubits gates method degree amplification
        shots=readout.shots readout? device? seconds choices
    """

    @property
    def error(self) -> float | None:
        """||x - x_classical||_2, of magnitudes || |x| - |x_classical| ||_2; None where nothing was read."""
        if self.x is not None:
            return math.hypot(*(self.x - self.x_classical).tolist())
        if self.magnitudes is None:
            return None
        return math.hypot(*(self.magnitudes - np.abs(self.x_classical)).tolist())

    @property
    def solver_error(self) -> float | None:
        """The same relative to ||x_classical||: the polynomial's share of epsilon, and the shots, bound it."""
        return None if self.error is None else self.error / self._norm

    @property
    def allowed(self) -> float:
        """Bound of `solver_error`: the polynomial's share of epsilon, and what the shots may add."""
        return self.solver_share + (self.readout.error_bound / self._norm if self.readout else 0.0)

    @property
    def _norm(self) -> float:
        return math.hypot(*self.x_classical.tolist())

    @property
    def norm_from(self) -> str:
        """Whether ||x|| was read or is that of the plan."""
        return "amplitudes" if self.keeps_norm else "plan"

    @property
    def failure(self) -> str | None:
        """What is wrong with the result, or None. A device's noise is reported and not held against it."""
        if self.solver_error is None:
            return self.readout.unread if self.readout else "x was not read"
        if self.device:
            return None
        if self.solver_error <= self.allowed + _ROUNDING:
            return missed(self.error_budget)
        what, beside = ("|x|", " and the error of the shots are") if self.x is None else ("x", " is")
        return (
            f"{what} is {self.solver_error:.3g} (relative) from scipy's; the solver's share of epsilon{beside} "
            f"{self.allowed:.3g}"
        )


def _distance(found: FloatArray, other: FloatArray) -> float:
    """||found - other||_2, 0 where it is rounding."""
    return without_noise(float(np.linalg.norm(found - other)), float(np.linalg.norm(other)))
