"""Certified words of Clifford+T gates for single rotations, by gridsynth: one word an angle and a precision.

The words are the shortest there are (N. J. Ross and P. Selinger, arXiv:1403.2975; `ross_selinger`), found in integers
alone, and multiplied out exactly. A word does not depend on what was synthesized before, on the speed of the machine or
on the last bits of an angle: before synthesis an angle is rounded to a multiple of a power of two of at most epsilon/8.
That moves the rotation by at most epsilon/32 in operator norm, and the word is asked for what is left of epsilon (0.1 T
gates more on average). Angles on both sides of a boundary still differ; one a billionth of a cell away is met once in
a billion angles.

Qiskit's `gridsynth_rz` is no help here: it keeps tables of primes, roots and factors, failures included, for as long as
the process lives and gives up factoring after 50 ms, so its words depend on history and on speed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import pi
from typing import Final

from carlemanc.core.errors import TooLarge
from carlemanc.programs.angles import Word, eighths, rz_word
from carlemanc.programs.placed_gates import PlacedGate, on_wire
from carlemanc.programs.program import CODE, INVERSE, OPS
from carlemanc.programs.ross_selinger import RotationWord, fixed_point, shortest_word

LEAST_EPSILON: Final = 1e-30
"""A finer precision of one rotation is refused: a word takes more than a second, and angles are doubles."""
_QUARTER_TURN: Final = Fraction(fixed_point.pi(256), 1 << 257)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gridsynth:
    """Every rotation as its own word.

    Args:
        epsilon: operator-norm precision of each, between `LEAST_EPSILON` and 1.
    """

    epsilon: float

    def t(self, angle: float) -> int:
        """Return the T gates of rz(angle), and of ry(angle)."""
        k = eighths(angle)
        return k % 2 if k is not None else self._word(_reduced(angle)[1]).t

    def ands(self, angle: float) -> int:
        """Return the ANDs of rz(angle): none."""
        return 0

    def error(self, angle: float) -> float:
        """Return the operator-norm error of rz(angle)."""
        if eighths(angle) is not None:
            return 0.0
        rest = _reduced(angle)[1]
        return self._word(rest).error(abs(rest))

    def word(self, angle: float) -> Word:
        """Return a word for rz(angle): quarter turns, then a synthesized word of at most pi/4 or its inverse."""
        if eighths(angle) is not None:
            return rz_word(angle)
        turns, rest = _reduced(angle)
        word = self._word(rest)
        names, phase = word.names, word.phase
        if rest < 0:
            names, phase = tuple(OPS[INVERSE[CODE[name]]] for name in reversed(names)), -phase
        return (*rz_word(turns * (pi / 2)), *((name, 0.0) for name in names), ("gphase", phase))

    def rotation_gates(self, angle: float, first: int) -> list[PlacedGate]:
        """Return the gates of rz(angle) on `TARGET`."""
        return on_wire(self.word(angle))

    def catalyst_gates(self, first: int) -> list[PlacedGate]:
        """Return the gates that all rotations share: none."""
        return []

    def added_wires(self, angles: Iterable[float]) -> int:
        """Return the wires that rotations need beside their own: none."""
        return 0

    def _word(self, rest: Fraction) -> RotationWord:
        """Return the word for the size of an angle of at most pi/4."""
        bits = 4 - math.frexp(self.epsilon)[1]  # a cell of 2^-bits is between epsilon/16 and epsilon/8
        return _word_of_cell(round(abs(rest) * (1 << bits)), bits, self.epsilon)


def gridsynth_t(error: float) -> float:
    """Return the mean T count of a gridsynth word within `error` in operator norm.

    3.02 log2(1/delta) + 1.77 at a diamond distance of delta = 2 error (fit of Kliuchnikov et al., Quantum 7, 1208
    (2023), to the words of Ross and Selinger, arXiv:1403.2975); measured within 1 T on words that are multiplied out.
    """
    return max(0.0, 3.02 * math.log2(0.5 / error) + 1.77)


def rest_of(angle: float) -> float:
    """Return the angle less its quarter turns, between -pi/4 and pi/4."""
    return angle - round(angle / (pi / 2)) * (pi / 2)


def _reduced(angle: float) -> tuple[int, Fraction]:
    """Return the nearest number of quarter turns, and what they leave of the angle, to 250 bits."""
    turns = round(angle / (pi / 2))
    return turns, Fraction(angle) - turns * _QUARTER_TURN


@lru_cache(maxsize=100_000)
def _word_of_cell(cell: int, bits: int, epsilon: float) -> RotationWord:
    """Return the word for rz(cell / 2^bits) within epsilon less what rounding an angle to the cell costs."""
    if epsilon < LEAST_EPSILON:
        raise TooLarge(
            "a gridsynth word",
            size=f"a precision of {epsilon:.3g} a rotation",
            limit=f"{LEAST_EPSILON:g}",
            instead="Raise solver.epsilon or --rotation-epsilon.",
        )
    return shortest_word(Fraction(cell, 1 << bits), Fraction(epsilon) - Fraction(1, 1 << (bits + 2)))
