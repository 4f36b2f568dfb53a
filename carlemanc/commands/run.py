"""`run`: compile, run the circuit, read theta(T), compare with gradient descent."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from carlemanc.backends.devices import Device, is_device, require_extra
from carlemanc.backends.registry import BACKENDS
from carlemanc.commands.backend_choice import DEFAULT, Amplitudes, run_circuit
from carlemanc.commands.opening import open_spec, warn_idle
from carlemanc.commands.run_given import SystemRun, refuse_wide, run_system
from carlemanc.commands.shot_readout import ShotReadout, read_amplitudes
from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.option_check import check_seed
from carlemanc.core.rounding import without_noise
from carlemanc.core.shown import Shown
from carlemanc.evaluation.budget import error_budget, missed
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.faults import uncorrected
from carlemanc.methods.amplified import amplification_document
from carlemanc.model.upload import Upload
from carlemanc.sources.source import SpecLike, loaded
from carlemanc.spec.loading import load_spec

if TYPE_CHECKING:
    from carlemanc.commands.run_on_device import DeviceReport

_ROUNDING = 1e-9
"""Relative slack of the check for double-precision arithmetic."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run(Shown, Document):
    """theta(T) from the circuit, beside the truncated Carleman iterate and gradient descent."""

    name: str
    theta: FloatArray | None
    """None: nothing was read."""
    theta_classical: FloatArray
    theta_carleman: FloatArray
    center: FloatArray
    truncation_bound: float
    epsilon: float
    success_probability: float
    planned_success_probability: float
    readout_probability: float
    backend: str
    backend_reason: str | None
    """Why this back end was chosen; None where the default or the one asked for ran."""
    alpha: float
    qubits: int | None
    method: str
    degree: int | None
    gates: int | None
    seconds: dict[str, float]
    error_budget: dict[str, BudgetPart]
    """What each cause may take of epsilon and takes; rotations are exact on simulators."""
    amplification: dict[str, Any]
    """What the circuit amplifies, and in how many rounds."""
    readout: ShotReadout | None = None
    """The shots theta was read from; None: from exact amplitudes."""
    device: DeviceReport | None = None
    """The device that ran the circuits, with the noiseless values; None: a simulator."""
    approximation_error: float = 0.0
    """||u(T) - u_true(T)|| of the map of a network and the network itself, measured classically."""
    addresses: tuple[int, ...] | None = None

    KEYS = """
        theta theta_classical theta_carleman error truncation_error truncation_bound approximation_error
        addresses solver_error epsilon error_budget success_probability planned_success_probability
        readout_probability backend backend_reason alpha qubits method degree amplification gates
        shots=readout.shots readout device seconds
    """
    """The original address of each weight of theta, where the model is pruned to its survivors."""

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
    def solver_share(self) -> float:
        """What polynomial and loaded coefficients may take of epsilon together, all else being exact."""
        return math.fsum(
            self.error_budget[name].share or 0.0 for name in ("solver_polynomial", "coefficients")
        )

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
    def failure(self) -> str | None:
        """What is wrong with the result, or None. A device's noise is reported and not held against it."""
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


def run(
    spec: SpecLike,
    *,
    overrides: Iterable[str] = (),
    backend: str | None = None,
    shots: int | None = None,
    seed: int = 0,
    uncompute: Literal["measure", "unitary"] | None = None,
    upload: Upload | None = None,
) -> Run | SystemRun:
    """Compile a spec, run it on a back end and read theta(T), from the exact amplitudes or from shots.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.
        backend: `sparse`, `matrix`, `aer` or `cirq`; or a device: `fake:NAME`, `fake:smallest`, `ibm:NAME`. None:
            `sparse`, or `matrix` where a forecast says that the sparse simulator would take more than minutes.
        shots: runs of the circuits to draw, 0: those that an estimate counts (`readout.shots`, or as many as
            solver.epsilon asks for); None: exact amplitudes on simulators, `readout.shots` or a default on devices.
        seed: of the draws.
        uncompute: only "unitary" has exact amplitudes; "measure" is refused.
        upload: a segment of the spec's schedule, to be run instead of all steps.

    A `[system]` gives a `SystemRun`: x beside scipy's. Raises InputError, TooLarge. The result's own check is
    its `failure`.
    """
    check_seed(seed)
    _check_options(backend, uncompute)
    model = loaded(spec, overrides) if upload is None else load_spec(spec, overrides)
    if model.system is not None:
        return run_system(model, backend=backend, shots=shots)
    clock = _Clock()
    opened = open_spec(model, upload=upload, command="run")
    opened.warn()
    design, lifted = opened.design, opened.lifted
    plan = design.plan
    warn_idle(design)
    device = _device(design, backend)
    refuse_wide(design, backend)
    clock.lap("plan")
    carleman = lifted.carleman_iterate()
    bound = lifted.truncation_bounds([lifted.order])[lifted.order]
    clock.lap("classical")
    found = run_circuit(design, model.name, DEFAULT if device else backend, clock.lap)
    clock.lap("simulate")
    theta, readout, report = _read(design, model.name, found, device, shots=shots, seed=seed)
    if readout:
        clock.lap("shots")
    addresses, kept = lifted.training.addresses, lifted.approximation
    return Run(
        name=model.name,
        theta=None if readout and readout.unread else theta,
        theta_classical=lifted.classical(),
        theta_carleman=carleman,
        center=lifted.center,
        truncation_bound=bound,
        epsilon=design.at.epsilon,
        success_probability=readout.success_probability if readout else found.success,
        planned_success_probability=plan.success_probability,
        readout_probability=design.readout_probability,
        backend=backend if device and backend else found.backend,
        backend_reason=found.reason,
        alpha=plan.alpha,
        qubits=found.width,
        method=plan.method,
        degree=plan.degree,
        gates=found.gates,
        seconds=clock.seconds,
        error_budget=error_budget(design, faults=uncorrected(design) if device else None),
        amplification=amplification_document(plan),
        readout=readout,
        device=report,
        approximation_error=0.0 if kept is None or kept.is_exact else kept.deviation,
        addresses=None if addresses is None else tuple(addresses.tolist()),
    )


def _read(
    design: Design, name: str, found: Amplitudes, device: Device | None, *, shots: int | None, seed: int
) -> tuple[FloatArray, ShotReadout | None, DeviceReport | None]:
    """Return theta(T), and what its shots and the device were: from exact amplitudes, by shots or by a device."""
    lifted = design.lifted
    assert lifted is not None
    exact = np.real(design.plan.solution(found.values[0], found.success))
    theta = lifted.center + lifted.gamma * exact
    if device:
        from carlemanc.commands.run_on_device import read_device

        return read_device(design, name, device, (theta, found.success), shots=shots, seed=seed)
    if shots is None:
        return theta, None, None
    return *read_amplitudes(design, found.values, found.success, shots=shots, seed=seed), None


def _distance(found: FloatArray, other: FloatArray) -> float:
    """||found - other||_2, 0 where it is rounding."""
    return without_noise(float(np.linalg.norm(found - other)), float(np.linalg.norm(other)))


def _device(design: Design, backend: str | None) -> Device | None:
    """The device a back end's name stands for, None for simulators; found before anything runs."""
    if backend is None or not is_device(backend):
        return None
    from carlemanc.commands.run_on_device import fitting_device

    return fitting_device(design, backend)


def _check_options(backend: str | None, uncompute: str | None) -> None:
    allowed = ["matrix", *sorted(BACKENDS), "fake:NAME", "fake:smallest", "ibm:NAME"]
    if backend is not None and is_device(backend):
        require_extra(backend)
    elif backend is not None and backend not in allowed:
        raise InputError(
            "unknown back end",
            [Problem(where="--backend", found=backend, allowed=", ".join(allowed))],
        )
    if uncompute == "measure":
        raise InputError(
            "this run has no exact amplitudes",
            [
                Problem(
                    where="--uncompute",
                    found="measure",
                    allowed="unitary: simulators read exact amplitudes of a circuit without measurements",
                )
            ],
        )


class _Clock:
    """Wall time of the parts of a run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Record the time since the last lap."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self._last, 3)
        self._last = now
