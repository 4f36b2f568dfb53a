"""Shots of a program on a device: transpiled for it, run, counted.

A fake device is simulated by Aer's state-vector method with its recorded noise: after every gate the depolarizing
channel of the recorded gate error (relaxation during the gate is part of what that error measures), and readout
errors. Every shot is a run of its own, because noise differs from shot to shot. A real device runs through the
runtime's sampler, which decouples idle qubits and twirls where it is told to.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

from carlemanc.backends.device_options import AS_IT_IS, DeviceOptions
from carlemanc.backends.devices import Device, refuse_noise
from carlemanc.backends.file_layout import readout_registers
from carlemanc.backends.qiskit_backend import to_qiskit
from carlemanc.backends.readout_mitigation import calibration_circuits, shot_weights
from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InternalError
from carlemanc.core.progress import task
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_state import BasisStates


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceCounts:
    """Outcomes of one circuit on a device.

    Args:
        values: register -> (shots,) measured integers; every register of the program that was measured.
        weights: (shots,) of each shot: 1, or what takes readout errors out of the counts.
        shots: number of runs.
        two_qubit, depth: of the transpiled circuit.
        qubits: the device's qubits that the transpiled circuit uses.
    """

    values: dict[str, BasisStates]
    weights: FloatArray
    shots: int
    two_qubit: int
    depth: int
    qubits: int


def run_on_device(
    program: Program, device: Device, *, shots: int, seed: int, options: DeviceOptions = AS_IT_IS
) -> DeviceCounts:
    """Transpile a measured program (ANDs undone unitarily) for the device and run it.

    Args:
        program: ends with `measure` on every register that is read.
        device: from `devices.find_device`.
        shots: number of runs.
        seed: of the transpiler, and of the simulation of a fake device.
        options: layout and level of the transpiler, and what suppresses errors.

    Raises TooLarge where a fake device's circuit uses more qubits than Aer holds, or where readout errors are to be
    taken out of too many different readings.
    """
    circuit = transpiled(program, device, seed=seed, options=options)
    circuits = [circuit, *(calibration_circuits(circuit) if options.mitigation else ())]
    used = {qubit for instruction in circuit.data for qubit in instruction.qubits}
    with task(f"{shots} shots on {device.name}, {len(used)} qubits, {circuit.size()} gates"):
        if device.is_fake:
            read = [_fake_bits(one, device, shots, seed) for one in circuits]
        else:
            read = _runtime_bits(circuits, device, shots, options)
    values, calibrations = read[0], read[1:]
    names = readout_registers(program)
    return DeviceCounts(
        values={names[name]: found for name, found in values.items()},
        weights=shot_weights(values, *calibrations) if calibrations else np.ones(shots),
        shots=shots,
        two_qubit=sum(len(item.qubits) == 2 for item in circuit.data if item.operation.name != "barrier"),
        depth=int(circuit.depth()),
        qubits=len(used),
    )


def transpiled(
    program: Program, device: Device, *, seed: int, options: DeviceOptions = AS_IT_IS
) -> QuantumCircuit:
    """Return the circuit in the device's gates on its coupled pairs; of a longer layout the first qubits are used."""
    manager = generate_preset_pass_manager(
        options.level,
        backend=device.backend,
        seed_transpiler=seed,
        initial_layout=None if options.layout is None else list(options.layout[: program.width]),
    )
    return manager.run(to_qiskit(program, uncompute="unitary"))


def _fake_bits(circuit: QuantumCircuit, device: Device, shots: int, seed: int) -> dict[str, BasisStates]:
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import NoiseModel

    refuse_noise(device.name, len({qubit for instruction in circuit.data for qubit in instruction.qubits}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        noise = NoiseModel.from_backend(device.backend, thermal_relaxation=False)
    simulator = AerSimulator(method="statevector", noise_model=noise, max_parallel_threads=1)
    result = simulator.run(circuit, shots=shots, seed_simulator=seed, memory=True).result()
    if not result.success:
        raise InternalError(f"Aer could not run the circuit of {device.name}: {result.status}")
    words = [word.split() for word in result.get_memory()]
    names = [register.name for register in circuit.cregs][::-1]  # the last register is printed first
    return {
        name: np.array([int(word[place], 2) for word in words], dtype=object)
        for place, name in enumerate(names)
    }


def _runtime_bits(
    circuits: list[QuantumCircuit], device: Device, shots: int, options: DeviceOptions
) -> list[dict[str, BasisStates]]:
    """Run circuits in one job."""
    from qiskit_ibm_runtime import SamplerV2

    sampler = SamplerV2(mode=device.backend, options=sampler_options(options))
    results = sampler.run(circuits, shots=shots).result()
    return [
        {
            register.name: np.array(
                [int(word, 2) for word in getattr(result.data, register.name).get_bitstrings()], dtype=object
            )
            for register in circuit.cregs
        }
        for circuit, result in zip(circuits, results, strict=True)
    ]


def sampler_options(options: DeviceOptions) -> dict[str, dict[str, object]]:
    """Return what the runtime's `SamplerV2` is told."""
    told: dict[str, dict[str, object]] = {}
    if options.decoupling is not None:
        told["dynamical_decoupling"] = {"enable": True, "sequence_type": options.decoupling}
    if options.twirling is not None:
        told["twirling"] = {
            "enable_gates": options.twirling in ("gates", "both"),
            "enable_measure": options.twirling in ("measure", "both"),
        }
    return told
