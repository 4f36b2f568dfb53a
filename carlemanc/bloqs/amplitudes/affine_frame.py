"""Coordinates of GF(2)^m in which many of a set of indices lie on one coordinate face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SEARCHED_SIZE = 256
"""Sets up to this size choose each direction by what it gains; larger ones take directions as they come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AffineFrame:
    """The affine map y -> origin + y + sum_k y[pivot_k] (basis_k - unit_k) over GF(2).

    Args:
        origin: image of 0.
        pivots: b bits; the face is where all other bits are 0.
        basis: b vectors; vector k has bit pivot_k set and the other pivots clear.
    """

    origin: int
    pivots: tuple[int, ...]
    basis: tuple[int, ...]

    @property
    def face_mask(self) -> int:
        """The pivots as a mask."""
        return sum(1 << pivot for pivot in self.pivots)

    def on_face(self, place: int) -> bool:
        """Whether the place, in frame coordinates, lies on the face."""
        return place & ~self.face_mask == 0

    def coordinates(self, index: int) -> int:
        """Return y, the coordinates of an index."""
        place = index ^ self.origin
        for pivot, vector in zip(self.pivots, self.basis, strict=True):
            if place >> pivot & 1:
                place ^= vector ^ 1 << pivot
        return place

    def rank(self, place: int) -> int:
        """Return the number of a place on the face: pivot k is its bit k."""
        return sum((place >> pivot & 1) << k for k, pivot in enumerate(self.pivots))

    def face(self) -> list[int]:
        """Return the places of the face, by rank."""
        places = [0]
        for pivot in self.pivots:
            places += [place | 1 << pivot for place in places]
        return places


def affine_frame(indices: Sequence[int], size: int, dimension: int) -> AffineFrame:
    """Choose a face of the given dimension that holds many of the indices: greedy, no optimality claimed.

    Args:
        indices: distinct, below 2^size.
        size: m.
        dimension: b <= m; where b = m the frame is trivial.
    """
    if dimension >= size:
        return AffineFrame(origin=0, pivots=tuple(range(size)), basis=tuple(1 << i for i in range(size)))
    origin = indices[0]
    reduced: dict[int, int] = {}  # pivot -> vector, every pivot clear in the other vectors
    rest = [index ^ origin for index in indices[1:]]
    for _ in range(dimension):
        rest = [residue for residue in (_reduce(reduced, vector) for vector in rest) if residue]
        unit = next(1 << i for i in range(size) if i not in reduced)
        _insert(reduced, _best(rest) if rest else _reduce(reduced, unit))
    pivots = tuple(sorted(reduced))
    return AffineFrame(origin=origin, pivots=pivots, basis=tuple(reduced[pivot] for pivot in pivots))


def _best(residues: list[int]) -> int:
    """The residue that occurs most often: adding it to the span takes in all its copies. Small ones first."""
    if len(residues) > _SEARCHED_SIZE:
        return residues[0]
    return max(sorted(set(residues), key=lambda r: (r.bit_count(), r)), key=residues.count)


def _reduce(reduced: dict[int, int], vector: int) -> int:
    for pivot, known in reduced.items():
        if vector >> pivot & 1:
            vector ^= known
    return vector


def _insert(reduced: dict[int, int], vector: int) -> None:
    pivot = (vector & -vector).bit_length() - 1
    for other, known in reduced.items():
        if known >> pivot & 1:
            reduced[other] = known ^ vector
    reduced[pivot] = vector
