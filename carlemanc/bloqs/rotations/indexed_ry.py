"""The cheaper way to turn a qubit by an angle that depends on an address: multiplexed or loaded."""

from __future__ import annotations

from carlemanc.bloqs.loading import Loading
from carlemanc.bloqs.lookup_data import fill_unused
from carlemanc.bloqs.rotations.loaded_ry import LoadedRy, angle_table
from carlemanc.bloqs.rotations.multiplexed_ry import MultiplexedRy
from carlemanc.core.arrays import FloatArray, Mask

IndexedRy = MultiplexedRy | LoadedRy
_MULTIPLEXED_SIZE = 1 << 14
"""More angles than this are not transformed to look for a cheap multiplexed form."""


def indexed_ry(
    angles: FloatArray,
    loading: Loading | None,
    eps: float = 0.0,
    unused: Mask | None = None,
) -> IndexedRy:
    """Return the rotation by angles[x] of fewer T gates; without `loading` the multiplexed one, which is exact.

    Args:
        angles: (2^k,) radians.
        loading: prices a rotation and a lookup.
        eps: synthesis precision of each rotation.
        unused: (2^k,) addresses whose angle is free.
    """
    if unused is not None:
        angles = angles.copy()
        fill_unused(angles[None, :], unused[None, :].copy())
    multiplexed = MultiplexedRy(angles, eps) if len(angles) <= _MULTIPLEXED_SIZE or loading is None else None
    if loading is None or (
        multiplexed is not None and multiplexed.rotation_count <= loading.bits - 2 - _FREE_WEIGHTS
    ):
        assert multiplexed is not None
        return multiplexed
    candidate = LoadedRy(angle_table(angles, loading.bits, unused), loading.bits, loading, eps)
    if multiplexed is not None and price(multiplexed, loading) <= price(candidate, loading):
        return multiplexed
    return candidate


_FREE_WEIGHTS = 8
"""A loaded angle of b bits hardly ever takes fewer rotations than b less this."""


def price(rotation: IndexedRy, loading: Loading | None) -> float:
    """Return the T gates, ANDs undone by measurement; without `loading` the number of rotations."""
    if isinstance(rotation, MultiplexedRy):
        return rotation.rotation_count * (loading.rotation_t if loading else 1.0)
    assert loading is not None
    return rotation.rotation_count * loading.rotation_t + 4 * rotation.toffoli_count
