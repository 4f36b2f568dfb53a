"""Circuits out: a `Program` as OpenQASM 3 or 2, Qiskit QPY, Cirq JSON or its own JSON, on simulators, on devices.

Comes in: a `Program`. Goes out: files whose qubit indices are those of `canonical_wires`, `SimulatedState`s,
and the counts of shots on devices. Nothing here knows a bloq or a spec, and no paper is needed: the formats
have specifications. Names load on first use, so Qiskit and Cirq are imported only when needed.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
