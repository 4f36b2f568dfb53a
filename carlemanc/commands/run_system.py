"""The run of a linear system as it is: x beside that of scipy, from exact amplitudes, or its magnitudes from shots.

Shots of the solver circuit count the basis states where all ancillas are |0>, the flag of the answer: frequencies give
|x_i|. Signs would take the interference with a known vector, which a training has in its start and a given system does
not, so none is read and none is stated.
"""

from __future__ import annotations

import math

import numpy as np

from carlemanc.backends.device_options import DeviceOptions
from carlemanc.backends.devices import Device
from carlemanc.commands.backend_choice import DEFAULT, Amplitudes, run_circuit
from carlemanc.commands.circuit_run import Clock, circuit_run
from carlemanc.commands.opening import Opened
from carlemanc.commands.run_result import SystemRun
from carlemanc.commands.shot_readout import chosen_shots, norm_error
from carlemanc.commands.system_shots import MagnitudeReadout
from carlemanc.core.arrays import FloatArray
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.faults import uncorrected
from carlemanc.linear_system.given import Given
from carlemanc.readout.bounds import magnitude_error
from carlemanc.readout.sampling import Counts, SampledState


def run_given(
    opened: Opened,
    backend: str | None,
    clock: Clock,
    *,
    device: Device | None,
    options: DeviceOptions,
    shots: int | None,
    seed: int,
) -> SystemRun:
    """Run the circuit of a linear system as it is, beside scipy's spsolve."""
    design, given = opened.design, opened.system
    assert isinstance(given, Given)
    found = run_circuit(design, opened.spec.name, DEFAULT if device else backend)
    x = given.system.as_asked(np.real(design.plan.solution(found.values[0], found.success)))
    clock.lap("simulate")
    magnitudes, readout, report = None, None, None
    if device:
        from carlemanc.commands.run_on_device import DeviceSource, device_shots

        source = DeviceSource(design=design, name=opened.spec.name, device=device, seed=seed, options=options)
        counts = source.sample(device_shots(design, device, shots))
        magnitudes, readout = _read(design, given, counts, seed)
        report = source.report(readout.success_probability, found.success, np.abs(x))
    elif shots is not None:
        magnitudes, readout = _read(design, given, _drawn(found, chosen_shots(design, shots), seed), seed)
    clock.lap("shots")
    shared = circuit_run(design, opened, found, uncorrected(design) if device else None)
    if readout:
        shared["success_probability"] = readout.success_probability
    if device:
        shared["backend"] = backend
    return SystemRun(
        **shared,
        x=None if readout else x,
        magnitudes=None if readout is None or readout.unread else magnitudes,
        x_classical=given.system.as_asked(given.system.solution),
        keeps_norm=design.plan.amplitude_scale is not None,
        readout=readout,
        device=report,
        seconds={"all": round(math.fsum(clock.seconds.values()), 3)},
    )


def _drawn(found: Amplitudes, shots: int, seed: int) -> Counts:
    """Draw shots from exact amplitudes."""
    amplitudes, rng = np.real(found.values), np.random.default_rng(seed)
    return SampledState(amplitudes=amplitudes, success_probability=found.success, rng=rng).sample(shots)


def _read(design: Design, given: Given, counts: Counts, seed: int) -> tuple[FloatArray, MagnitudeReadout]:
    """Return |x|, (n,), and what the shots guarantee of it."""
    plan, failure = design.plan, design.readout.failure_probability
    share = failure if plan.amplitude_scale is not None else failure / 2
    success = max(counts.successes, 1) / counts.shots
    amplitudes = np.sqrt(counts.entries / counts.shots)
    scale = abs(float(plan.solution(np.array(1.0), success)))
    error = magnitude_error(given.n, counts.shots, share)
    error += norm_error(plan, amplitudes, counts.shots, success, failure - share)
    unit = float(given.system.as_asked(np.ones(1))[0])
    return given.system.as_asked(scale * amplitudes), MagnitudeReadout(
        shots=counts.shots,
        copies=int(counts.entries.sum()),
        success_probability=counts.successes / counts.shots,
        error_bound=unit * scale * error,
        failure_probability=failure,
        seed=seed,
    )
