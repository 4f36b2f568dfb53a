"""Circuits out: a `Program` as OpenQASM 3 or 2, Qiskit QPY, Cirq JSON or its own JSON, on simulators, on devices.

Comes in: a `Program`. Goes out: files whose qubit indices are those of `canonical_wires`,
`SimulatedState`s, and the counts of shots on devices.
Nothing here knows a bloq or a spec. Names load on first use, so Qiskit and Cirq are imported only when
needed.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

_HOME: Final = {
    "BACKENDS": "registry",
    "Device": "devices",
    "FORMATS": "registry",
    "SimulatedState": "simulated_state",
    "canonical_wires": "file_layout",
    "default_uncompute": "registry",
    "export": "registry",
    "file_name": "registry",
    "find_device": "devices",
    "is_device": "devices",
    "manifest": "manifest_document",
    "manifest_counts": "manifest_document",
    "run_on_device": "device_run",
    "simulate": "registry",
    "simulate_aer": "qiskit_backend",
    "simulate_cirq": "cirq_backend",
    "simulate_sparse": "sparse_backend",
    "to_cirq": "cirq_backend",
    "to_qasm2": "qasm2",
    "to_qasm3": "qasm3",
    "to_qiskit": "qiskit_backend",
    "to_qpy": "qiskit_backend",
    "write_qasm2": "qasm2",
    "write_qasm3": "qasm3",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
