"""F_0 / gamma as a loader, without an array of n on a lattice."""

from __future__ import annotations

from carlemanc.bloqs.amplitudes.point_loader import Loaded, load_point
from carlemanc.carleman import CarlemanSystem


def source_of(system: CarlemanSystem, slot_bits: int, eps: float) -> Loaded:
    """Return the loader of F_0 / ||F_0|| and ||F_0|| / gamma.

    Raises InputError where F_0 has too many different values.
    """
    return load_point(system.constant_point(), slot_bits, eps, "F_0")
