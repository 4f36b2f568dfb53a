"""The lifted training of a spec, as tests of a training ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from carlemanc.linear_system.lifted import Lifted
from carlemanc.sources.source import SpecLike
from carlemanc.sources.systems import lifted_of
from carlemanc.spec.loading import load_spec


def lifted(spec: SpecLike, overrides: Iterable[str] = ()) -> Lifted:
    """Return what the classical stages are of."""
    return lifted_of(load_spec(spec, overrides))
