"""`run`: compile, run the circuit, read theta(T), compare with gradient descent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from carlemanc.backends.device_options import Decoupling, DeviceOptions, Level, Twirling
from carlemanc.backends.devices import Device, is_device, named_device
from carlemanc.backends.registry import BACKENDS, expect_fit
from carlemanc.commands.backend_choice import DEFAULT, Amplitudes, run_circuit
from carlemanc.commands.circuit_run import Clock, circuit_run
from carlemanc.commands.observed import ObservedValue, read_observables, run_alone
from carlemanc.commands.opening import Opened, open_spec, warn_idle
from carlemanc.commands.run_options import check_observables, check_run_options, check_shots
from carlemanc.commands.run_paths import NAME as PATHS
from carlemanc.commands.run_paths import PathsRun, run_paths
from carlemanc.commands.run_result import Run, SystemRun
from carlemanc.commands.run_system import run_given
from carlemanc.commands.shot_readout import ShotReadout, read_amplitudes
from carlemanc.commands.tomography_readout import TomographyReadout, read_rounds
from carlemanc.core.arrays import FloatArray
from carlemanc.core.option_check import check_seed
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.faults import uncorrected
from carlemanc.linear_system.given import Given
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
    layout: Sequence[int] | None = None,
    optimization_level: Level | None = None,
    decoupling: Decoupling | None = None,
    twirling: Twirling | None = None,
    mitigation: bool = False,
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
        layout: of a device, the qubit for each qubit of the circuit, in the order of the manifest.
        optimization_level: of Qiskit's transpiler for a device; by default 3.
        decoupling: pulses on idle qubits of a real device, "XX", "XpXm" or "XY4".
        twirling: random Paulis on a real device, around "gates", before a "measure"-ment, or "both".
        mitigation: readout errors of a device are measured by two circuits more and taken out of the counts.

    A `[system]` gives a `SystemRun`: x beside scipy's; `paths` a `PathsRun`. Raises InputError, TooLarge. The result's
    own check is its `failure`.
    """
    check_seed(seed)
    options = DeviceOptions(
        layout=None if layout is None else tuple(layout),
        optimization_level=optimization_level,
        decoupling=decoupling,
        twirling=twirling,
        mitigation=mitigation,
    )
    check_run_options(backend, uncompute)
    options.check(backend)
    on_device = backend is not None and is_device(backend)
    named = named_device(backend) if on_device and backend is not None else None
    if backend == PATHS:
        return run_paths(spec, overrides=overrides, shots=shots, seed=seed, upload=upload)
    opened = open_spec(
        spec,
        overrides,
        upload=upload,
        command="run",
        emits=True,
        sampled=on_device,
    )
    clock = Clock()
    opened.warn()
    design = opened.design
    check_observables(design, backend, shots)
    check_shots(design, shots, on_device=on_device)
    warn_idle(design)
    device = _device(design, backend, named, options)
    _refuse_wide(design, backend)
    clock.lap("plan")
    run_it = run_given if isinstance(opened.system, Given) else _run_lifted
    return run_it(opened, backend, clock, device=device, options=options, shots=shots, seed=seed)


def _run_lifted(
    opened: Opened,
    backend: str | None,
    clock: Clock,
    *,
    device: Device | None,
    options: DeviceOptions,
    shots: int | None,
    seed: int,
) -> Run:
    """Run the circuit of a lifted training, beside its truncated iterate and gradient descent."""
    design, lifted = opened.design, opened.lifted
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
        theta, readout, report = _read(design, name, found, device, options=options, shots=shots, seed=seed)
    if readout:
        clock.lap("shots")
    addresses, kept = lifted.training.addresses, lifted.approximation
    shared = circuit_run(design, opened, found, uncorrected(design) if device else None)
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


def _read(
    design: Design,
    name: str,
    found: Amplitudes,
    device: Device | None,
    *,
    options: DeviceOptions,
    shots: int | None,
    seed: int,
) -> tuple[FloatArray, ShotReadout | TomographyReadout | None, DeviceReport | None]:
    """Return theta(T), and what its shots and the device were: from exact amplitudes, by shots or by a device."""
    lifted = design.lifted
    assert lifted is not None
    exact = np.real(design.plan.solution(found.values[0], found.success))
    theta = lifted.center + lifted.gamma * exact
    if device:
        from carlemanc.commands.run_on_device import read_device

        noiseless = (theta, found.success)
        return read_device(design, name, device, noiseless, shots=shots, seed=seed, options=options)
    if shots is None:
        return theta, None, None
    plan = design.readout
    if isinstance(plan, TomographyWeights):
        return *read_rounds(design, plan, found.values, found.success, shots=shots, seed=seed), None
    return *read_amplitudes(design, found.values, found.success, shots=shots, seed=seed), None


def _device(
    design: Design, backend: str | None, named: Device | None, options: DeviceOptions
) -> Device | None:
    """The device a back end's name stands for, None for simulators; found before anything runs."""
    if backend is None or not is_device(backend):
        return None
    from carlemanc.commands.run_on_device import fitting_device

    return fitting_device(design, backend, named, options)


def _refuse_wide(design: Design, backend: str | None) -> None:
    """Raise TooLarge where a simulator cannot hold the solver circuit: told from its counts, before any work."""
    if backend is not None and backend in BACKENDS:
        counts = design.counter.count(design.circuit)
        gates = counts.t + counts.toffoli + counts.rotation_count
        expect_fit(backend, qubits=counts.qubits, gates=gates)
