"""Rotation angles that are Clifford+T exactly: one classification for emitter, counts and synthesis.

Comes in: an angle in radians. Goes out: how many eighth turns it is (None where it is a true rotation), and the
exact word of primitives for it. Every word below is an identity of 2x2 matrices, global phase included (derived
here; tests multiply them out).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import inf, pi
from typing import Final

EIGHTH: Final = pi / 4
TOLERANCE: Final = 1e-12
"""An angle within this of a multiple of pi/4 is that multiple: far above rounding, far below any precision asked."""
_SAME: Final = 1e-11
"""Angles closer than this are one: the last bits of two equal angles may differ, here and not elsewhere."""

Word = tuple[tuple[str, float], ...]
"""Primitives on one wire in time order: (name, angle); `gphase` takes no wire."""

PHASE_WORDS: Final[tuple[tuple[str, ...], ...]] = (
    (), ("t",), ("s",), ("s", "t"), ("z",), ("z", "t"), ("sdg",), ("tdg",),
)  # fmt: skip
"""diag(1, e^{i k pi/4})."""
_HALF_TURNS: Final[dict[int, tuple[str, ...]]] = {
    0: (), 2: ("z", "h"), 4: ("z", "x"), 6: ("z", "h", "z", "x"),
    8: ("z", "x", "z", "x"), 10: ("h", "z", "x", "z"), 12: ("x", "z"), 14: ("h", "z"),
}  # fmt: skip
"""ry(k pi/4), k even, in gates alone: the sign of a turn beyond pi is no global phase that a reader may drop."""


def eighths(angle: float) -> int | None:
    """Return k in 0..15 with angle = k pi/4 modulo 4 pi, or None for a true rotation."""
    k = round(angle / EIGHTH)
    if abs(angle - k * EIGHTH) > TOLERANCE:
        return None
    return k % 16


def distinct_angles(angles: Iterable[float]) -> int:
    """Return the number of angles that are not one another but for rounding."""
    return sum(later - earlier > _SAME for earlier, later in pairwise([-inf, *sorted(angles)]))


def phase_word(angle: float) -> Word:
    """Return a word for diag(1, e^{i angle}), exact, global phase included."""
    k = eighths(angle)
    if k is None:
        return (("rz", angle), ("gphase", angle / 2))
    return tuple((name, 0.0) for name in PHASE_WORDS[k % 8])


def rz_word(angle: float) -> Word:
    """Return a word for diag(e^{-i angle/2}, e^{i angle/2})."""
    k = eighths(angle)
    if k is None:
        return (("rz", angle),)
    word = tuple((name, 0.0) for name in PHASE_WORDS[k % 8])
    return (*word, ("gphase", -k * EIGHTH / 2)) if k else word


def ry_word(angle: float) -> Word:
    """Return a word for exp(-i angle Y / 2)."""
    k = eighths(angle)
    if k is None:
        return (("ry", angle),)
    if k % 2:
        return (("sdg", 0.0), ("h", 0.0), *rz_word(angle), ("h", 0.0), ("s", 0.0))
    return tuple((name, 0.0) for name in _HALF_TURNS[k])
