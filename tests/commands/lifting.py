"""The lifted training of a spec, as tests of a training ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from carlemanc.linear_system.lifted import Lifted
from carlemanc.sources.source import SpecLike
from carlemanc.sources.systems import lifted_of
from tests.fixed import fixed


def lifted(spec: SpecLike, overrides: Iterable[str] = ()) -> Lifted:
    """Return what the classical stages are of."""
    return lifted_of(fixed(spec, overrides))
