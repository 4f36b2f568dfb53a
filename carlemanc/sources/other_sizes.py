"""The same source at other sizes of its lattice: whether n is free to vary, and the source there."""

from __future__ import annotations

import json

from carlemanc.linear_system.lifted import Lifted
from carlemanc.sources.source import Source, source_of
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema_training import SparseStart


def n_is_free(source: Source, lifted: Lifted) -> bool:
    """Whether n can vary: a lattice with a sparse start, no upload and no file of n numbers."""
    spec = source.spec
    if spec.loss is None or source.upload is not None:
        return False
    free_start = isinstance(spec.training.initial, SparseStart) and isinstance(spec.training.center, str)
    files = any(isinstance(value, str) for value in spec.loss.parameters.values())
    return free_start and not files and all(item.lattice is not None for item in lifted.sequence.maps)


def why_n_is_fixed(source: Source) -> str:
    """Return what fixes n where it is not free, in words."""
    return "its data fix n" if source.spec.data is not None else "it is written for this n"


def dimensions(source: Source) -> int:
    """Return the number of dimensions of the lattice."""
    return len(source.spec.model.dims or (0,))


def family(source: Source) -> str:
    """Return what sources share that differ in n alone."""
    tables = json.loads(source.text)
    tables["model"] = {k: v for k, v in tables.get("model", {}).items() if k not in ("n", "dims")}
    return json.dumps([tables, dimensions(source), source.base], sort_keys=True)


def at_size(source: Source, exponent: int) -> Source:
    """Return the source with 2^exponent sites, the first dimensions of its lattice twice the others if need be."""
    dims = source.spec.model.dims
    if dims is None:
        return at_point(source, n=2**exponent)
    each, more = divmod(exponent, len(dims))
    extents = [str(2 ** (each + (axis < more))) for axis in range(len(dims))]
    return source_of(load_spec(source.spec, (f"model.dims=[{', '.join(extents)}]",)))


def at_point(source: Source, *, n: int | None = None, steps: int | None = None) -> Source:
    """Return the source with other numbers of weights or steps."""
    given = {"model.n": n, "training.steps": steps}
    overrides = [f"{key}={value}" for key, value in given.items() if value is not None]
    return source_of(load_spec(source.spec, overrides))


def least_exponent(source: Source) -> int:
    """Return the least m at which 2^m sites hold every site of the start."""
    initial = source.spec.training.initial
    sites = initial.sparse if isinstance(initial, SparseStart) else {}
    return max((int(site).bit_length() for site in sites), default=0)
