"""Other sizes of the lattice of a spec: whether n is free to vary, and what to set for it."""

from __future__ import annotations

from carlemanc.pipeline.circuits import Circuits
from carlemanc.spec.schema_training import SparseStart


def n_is_free(circuits: Circuits) -> bool:
    """Whether n can vary: a lattice with a sparse start, no upload and no file of n numbers."""
    spec = circuits.spec
    if circuits.given_system or circuits.upload is not None or spec.loss is None:
        return False
    free_start = isinstance(spec.training.initial, SparseStart) and isinstance(spec.training.center, str)
    files = any(isinstance(value, str) for value in spec.loss.parameters.values())
    return free_start and not files and all(item.lattice is not None for item in circuits.sequence.maps)


def axes_of(circuits: Circuits) -> int:
    """Return the number of dimensions of the lattice."""
    return len(circuits.spec.model.dims or (0,))


def size_override(circuits: Circuits, exponent: int) -> str:
    """Return the override that gives the lattice 2^exponent sites, its first dimensions twice the others if need be."""
    dims = circuits.spec.model.dims
    if dims is None:
        return f"model.n={2**exponent}"
    each, more = divmod(exponent, len(dims))
    extents = [str(2 ** (each + (axis < more))) for axis in range(len(dims))]
    return f"model.dims=[{', '.join(extents)}]"
