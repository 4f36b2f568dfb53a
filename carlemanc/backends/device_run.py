"""Shots of a program on a device: transpiled for it, run, counted.

A fake device is simulated by Aer's state-vector method with its recorded noise: after every gate the depolarizing
channel of the recorded gate error (relaxation during the gate is part of what that error measures), and readout
errors. Every shot is a run of its own, because noise differs from shot to shot.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

from carlemanc.backends.devices import Device, refuse_noise
from carlemanc.backends.file_layout import readout_registers
from carlemanc.backends.qiskit_backend import to_qiskit
from carlemanc.core.errors import InternalError
from carlemanc.core.progress import task
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_state import BasisStates

OPTIMIZATION_LEVEL: Final = 3
"""Of Qiskit's preset pass manager."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeviceCounts:
    """Outcomes of one circuit on a device.

    Args:
        values: register -> (shots,) measured integers; every register of the program that was measured.
        shots: number of runs.
        two_qubit, depth: of the transpiled circuit.
        qubits: the device's qubits that the transpiled circuit uses.
    """

    values: dict[str, BasisStates]
    shots: int
    two_qubit: int
    depth: int
    qubits: int


def run_on_device(program: Program, device: Device, *, shots: int, seed: int) -> DeviceCounts:
    """Transpile a measured program (ANDs undone unitarily) for the device and run it.

    Args:
        program: ends with `measure` on every register that is read.
        device: from `devices.find_device`.
        shots: number of runs.
        seed: of the transpiler, and of the simulation of a fake device.

    Raises TooLarge where a fake device's circuit uses more qubits than Aer holds.
    """
    circuit = transpiled(program, device, seed=seed)
    used = {qubit for instruction in circuit.data for qubit in instruction.qubits}
    with task(f"{shots} shots on {device.name}, {len(used)} qubits, {circuit.size()} gates"):
        bits = _fake_bits if device.is_fake else _runtime_bits
        values = bits(circuit, device, shots, seed)
    names = readout_registers(program)
    return DeviceCounts(
        values={names[name]: found for name, found in values.items()},
        shots=shots,
        two_qubit=sum(len(item.qubits) == 2 for item in circuit.data if item.operation.name != "barrier"),
        depth=int(circuit.depth()),
        qubits=len(used),
    )


def transpiled(program: Program, device: Device, *, seed: int) -> QuantumCircuit:
    """Return the circuit in the device's gates on its coupled pairs."""
    manager = generate_preset_pass_manager(OPTIMIZATION_LEVEL, backend=device.backend, seed_transpiler=seed)
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


def _runtime_bits(circuit: QuantumCircuit, device: Device, shots: int, seed: int) -> dict[str, BasisStates]:
    from qiskit_ibm_runtime import SamplerV2

    result = SamplerV2(mode=device.backend).run([circuit], shots=shots).result()[0]
    return {
        register.name: np.array(
            [int(word, 2) for word in getattr(result.data, register.name).get_bitstrings()], dtype=object
        )
        for register in circuit.cregs
    }
