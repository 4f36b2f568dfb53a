"""`run`: compile, run the circuit, read theta(T), compare with gradient descent."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from carlemanc.backends.devices import Device, is_device, require_extra
from carlemanc.backends.registry import BACKENDS, expect_fit
from carlemanc.commands.backend_choice import DEFAULT, Amplitudes, run_circuit
from carlemanc.commands.observed import ObservedValue, read_observables, run_alone
from carlemanc.commands.opening import Opened, open_spec, warn_idle
from carlemanc.commands.run_paths import NAME as PATHS
from carlemanc.commands.run_paths import PathsRun, run_paths
from carlemanc.commands.run_result import Run, SystemRun
from carlemanc.commands.shot_readout import ShotReadout, read_amplitudes
from carlemanc.commands.tomography_readout import TomographyReadout, read_rounds
from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.option_check import check_seed
from carlemanc.evaluation.budget import error_budget
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.faults import uncorrected
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.lifted import Lifted
from carlemanc.methods.amplified import amplification_document
from carlemanc.model.upload import Upload
from carlemanc.readout.observables import Observables
from carlemanc.readout.ways.tomography import TomographyWeights
from carlemanc.sources.source import SpecLike

if TYPE_CHECKING:
    from carlemanc.commands.run_on_device import DeviceReport


def run(
    spec: SpecLike,
    *,
    overrides: Iterable[str] = (),
    backend: str | None = None,
    shots: int | None = None,
    seed: int = 0,
    uncompute: Literal["measure", "unitary"] | None = None,
    upload: Upload | None = None,
) -> Run | SystemRun | PathsRun:
    """Compile a spec, run it on a back end and read theta(T), from the exact amplitudes or from shots.

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.
        backend: `sparse`, `matrix`, `aer` or `cirq`; `paths`: no circuit, but walks over the encoded step of a march;
            or a device: `fake:NAME`, `fake:smallest`, `ibm:NAME`. None: `sparse`, or `matrix` where a forecast says
            that the sparse simulator would take more than minutes.
        shots: runs of the circuits to draw, 0: those that an estimate counts (`readout.shots`, or as many as
            solver.epsilon asks for); None: exact amplitudes on simulators, `readout.shots` or a default on devices.
            Of `paths` the number of walks.
        seed: of the draws.
        uncompute: only "unitary" has exact amplitudes; "measure" is refused.
        upload: a segment of the spec's schedule, to be run instead of all steps.

    A `[system]` gives a `SystemRun`: x beside scipy's; `paths` a `PathsRun`. Raises InputError, TooLarge. The result's
    own check is its `failure`.
    """
    check_seed(seed)
    _check_options(backend, uncompute)
    if backend == PATHS:
        return run_paths(spec, overrides=overrides, shots=shots, seed=seed, upload=upload)
    opened = open_spec(
        spec,
        overrides,
        upload=upload,
        command="run",
        emits=True,
        sampled=backend is not None and is_device(backend),
    )
    model = opened.spec
    if model.system is not None:
        _check_exact(backend, shots)
    clock = _Clock()
    opened.warn()
    design = opened.design
    _check_observables(design, backend, shots)
    warn_idle(design)
    device = _device(design, backend)
    _refuse_wide(design, backend)
    clock.lap("plan")
    if isinstance(opened.system, Given):
        return _run_given(design, opened.system, opened, backend, clock)
    return _run_lifted(design, opened.lifted, opened, backend, clock, device=device, shots=shots, seed=seed)


def _run_given(design: Design, given: Given, opened: Opened, backend: str | None, clock: _Clock) -> SystemRun:
    """Run the circuit of a linear system as it is, beside scipy's spsolve."""
    found = run_circuit(design, opened.spec.name, backend)
    x = np.real(design.plan.solution(found.values[0], found.success))
    clock.lap("simulate")
    return SystemRun(
        **_circuit_run(design, opened, found),
        x=given.system.as_asked(x),
        x_classical=given.system.as_asked(given.system.solution),
        keeps_norm=design.plan.amplitude_scale is not None,
        seconds={"all": round(math.fsum(clock.seconds.values()), 3)},
    )


def _run_lifted(
    design: Design,
    lifted: Lifted,
    opened: Opened,
    backend: str | None,
    clock: _Clock,
    *,
    device: Device | None,
    shots: int | None,
    seed: int,
) -> Run:
    """Run the circuit of a lifted training, beside its truncated iterate and gradient descent."""
    name, carleman = opened.spec.name, lifted.carleman_iterate()
    bound = lifted.truncation_bounds([lifted.order])[lifted.order]
    clock.lap("classical")
    reads_theta = not isinstance(design.goal, Observables)
    if reads_theta:
        found = run_circuit(design, name, DEFAULT if device else backend, clock.lap)
    else:
        found = run_alone(design, backend or DEFAULT)
    clock.lap("simulate")
    theta, readout, report = None, None, None
    observables: tuple[ObservedValue, ...] = ()
    if not reads_theta:
        observables = read_observables(design, backend, seed=seed if shots is not None else None)
        clock.lap("observables")
    else:
        theta, readout, report = _read(design, name, found, device, shots=shots, seed=seed)
    if readout:
        clock.lap("shots")
    addresses, kept = lifted.training.addresses, lifted.approximation
    shared = _circuit_run(design, opened, found, uncorrected(design) if device else None)
    if readout:
        shared["success_probability"] = readout.success_probability
    if device:
        shared["backend"] = backend
    return Run(
        **shared,
        theta=None if readout and readout.unread else theta,
        theta_classical=lifted.classical(),
        theta_carleman=carleman,
        center=lifted.center,
        truncation_bound=bound,
        readout_probability=design.readout_probability,
        seconds=clock.seconds,
        readout=readout,
        observables=observables,
        device=report,
        approximation_error=0.0 if kept is None or kept.is_exact else kept.deviation,
        addresses=None if addresses is None else tuple(addresses.tolist()),
    )


def _circuit_run(
    design: Design, opened: Opened, found: Amplitudes, faults: BudgetPart | None = None
) -> dict[str, Any]:
    """Return the fields of a `CircuitRun` from exact amplitudes, but for its seconds."""
    plan = design.plan
    return {
        "name": opened.spec.name,
        "choices": opened.choices,
        "epsilon": design.at.epsilon,
        "error_budget": error_budget(design, faults=faults),
        "success_probability": found.success,
        "planned_success_probability": plan.success_probability,
        "backend": found.backend,
        "backend_reason": found.reason,
        "alpha": plan.alpha,
        "qubits": found.width,
        "gates": found.gates,
        "method": plan.method,
        "degree": plan.degree,
        "amplification": amplification_document(plan),
    }


def _read(
    design: Design, name: str, found: Amplitudes, device: Device | None, *, shots: int | None, seed: int
) -> tuple[FloatArray, ShotReadout | TomographyReadout | None, DeviceReport | None]:
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
    plan = design.readout
    if isinstance(plan, TomographyWeights):
        return *read_rounds(design, plan, found.values, found.success, shots=shots, seed=seed), None
    return *read_amplitudes(design, found.values, found.success, shots=shots, seed=seed), None


def _device(design: Design, backend: str | None) -> Device | None:
    """The device a back end's name stands for, None for simulators; found before anything runs."""
    if backend is None or not is_device(backend):
        return None
    from carlemanc.commands.run_on_device import fitting_device

    return fitting_device(design, backend)


def _refuse_wide(design: Design, backend: str | None) -> None:
    """Raise TooLarge where a simulator cannot hold the solver circuit: told from its counts, before any work."""
    if backend is not None and backend in BACKENDS:
        counts = design.counter.count(design.circuit)
        gates = counts.t + counts.toffoli + counts.rotation_count
        expect_fit(backend, qubits=counts.qubits, gates=gates)


def _check_exact(backend: str | None, shots: int | None) -> None:
    """Refuse shots and devices for a linear system as it is. Raises InputError."""
    if shots is None and backend in (None, "matrix", *BACKENDS):
        return
    problem = Problem(
        where="--shots" if shots is not None else "--backend",
        found=str(backend if shots is None else shots),
        allowed="exact amplitudes on sparse, matrix, aer or cirq for a [system]",
    )
    raise InputError("a [system] is read from exact amplitudes", [problem])


def _check_observables(design: Design, backend: str | None, shots: int | None) -> None:
    """Refuse what observables are not read by. Raises InputError."""
    if not isinstance(design.goal, Observables):
        return
    problems = []
    if backend is not None and backend not in BACKENDS:
        allowed = "sparse, aer or cirq: each event of an observable is a circuit of its own"
        problems.append(Problem(where="--backend", found=backend, allowed=allowed))
    if shots:
        allowed = "0: the circuits that readout.precision asks for are drawn"
        problems.append(Problem(where="--shots", found=str(shots), allowed=allowed))
    if problems:
        raise InputError("observables are not read so", problems)


def _check_options(backend: str | None, uncompute: str | None) -> None:
    allowed = ["matrix", PATHS, *sorted(BACKENDS), "fake:NAME", "fake:smallest", "ibm:NAME"]
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
