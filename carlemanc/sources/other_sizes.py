"""The same source at other sizes of its lattice: whether n is free to vary, and the source there."""

from __future__ import annotations

import json

from carlemanc.core.errors import InputError
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.initial import initial_point
from carlemanc.sources.source import Source, source_of
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema_training import FunctionStart, SparseStart

_TRIED = (12, 24, 60)
"""n = 2^m at which a start that is a function must have a meaning, for its n to be free."""


def n_is_free(source: Source, lifted: Lifted) -> bool:
    """Whether n can vary: a lattice from few sites, no upload and no file of n numbers."""
    spec = source.spec
    if spec.loss is None or source.upload is not None or not isinstance(spec.training.center, str):
        return False
    files = any(isinstance(value, str) for value in spec.loss.parameters.values())
    if files or not all(item.lattice is not None for item in lifted.sequence.maps):
        return False
    if isinstance(spec.training.initial, FunctionStart):
        return lifted.support < lifted.n and _has_every_size(source)
    return isinstance(spec.training.initial, SparseStart)


def _has_every_size(source: Source) -> bool:
    """Whether a start that is a function has a meaning, and a low rank, at small and at large n."""
    try:
        for exponent in _TRIED:
            other = at_size(source, exponent).spec
            assert other.model.weights is not None
            initial_point(
                other.training.initial_value, other.model.weights, other.base, dims=other.model.dims
            )
    except InputError:
        return False
    return True


def why_n_is_fixed(source: Source, lifted: Lifted) -> str:
    """Return what fixes n where it is not free, and what that means for a comparison, in words."""
    if isinstance(source.spec.training.initial, FunctionStart) and lifted.support == lifted.n:
        if lifted.systems[0].levels != (1,):
            return "from a dense start at an order above 1 a run tells theta(T) ever more seldom as n grows"
        return (
            "from a dense start a program that samples sites or walks answers, where it applies, at a cost free "
            "of n"
        )
    own = "its data fix n" if source.spec.data is not None else "it is written for this n"
    return f"the model has no other sizes: {own}, and a run loads each of its coefficients, like a classical step"


def why_steps_are_fixed(source: Source, lifted: Lifted) -> str:
    """Return what fixes T where another number of steps is not this training, in words; empty where it is free."""
    if lifted.is_shaped:
        return "of a map known by its shape, how theta(T) fades with T is assumed"
    if source.upload is not None:
        return "a segment of a schedule has the steps of its schedule"
    return ""


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
