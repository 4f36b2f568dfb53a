"""The flat circuit: bloqs emitted as a `Program`, its exact tallies, Clifford+T synthesis, and a simulator.

Names are imported on first use, so that a light command loads neither Qualtran nor numpy.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "Program": "program",
    "emit": "emitter",
    "Emitter": "emitter",
    "LogicalCounts": "counts",
    "tally": "counts",
    "rotation_angles": "counts",
    "BloqCounts": "bloq_counts",
    "BloqCounter": "bloq_counts",
    "count": "bloq_counts",
    "lower": "lowering",
    "LoweredProgram": "lowering",
    "synthesize": "synthesis",
    "t_count_of_rotation": "synthesis",
    "SparseState": "sparse_state",
    "simulate": "sparse_state",
    "simulate_columns": "sparse_state",
    "basis_index": "sparse_state",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
