"""The shortest word within epsilon of a z rotation: candidates for its corner, tried in turn.

Comes in: an angle and a precision, as fractions. Goes out: a `RotationWord`. Each candidate that the norm equation
completes to a matrix gives a word; the first is taken. It has the fewest T gates of all words within epsilon up to a
global phase, unless a norm was too long to factor (Ross and Selinger, arXiv:1403.2975, Theorem 6.2). All arithmetic
that decides is in integers, the order of candidates is fixed and nothing is remembered: the word is a function of
angle and epsilon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from carlemanc.programs.ross_selinger.candidates import candidates
from carlemanc.programs.ross_selinger.exact_word import exact_word
from carlemanc.programs.ross_selinger.fixed_point import cosine_sine, pi, root
from carlemanc.programs.ross_selinger.norm_equation import norm_equation
from carlemanc.programs.ross_selinger.rings import Number, turned


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationWord:
    """A word of Clifford+T gates near R_z(angle) = diag(e^{-i angle/2}, e^{i angle/2}).

    Args:
        names: gates in time order: h, x, z, s, sdg, t, tdg.
        eighths: the word times e^{i pi eighths / 8} is near R_z, global phase included; modulo 16.
        corner: upper left entry of the matrix near R_z, or near e^{i pi/8} R_z, times sqrt(2)^exponent.
        exponent: see `corner`.
        is_shifted: which of the two.
    """

    names: tuple[str, ...]
    eighths: int
    corner: Number
    exponent: int
    is_shifted: bool

    @property
    def t(self) -> int:
        """Return the number of T gates."""
        return sum(name in ("t", "tdg") for name in self.names)

    @property
    def phase(self) -> float:
        """Global phase, in radians."""
        return self.eighths * math.pi / 8

    def error(self, angle: Fraction) -> float:
        """Return the operator-norm distance from R_z(angle), global phase included.

        With z the corner, the square is |z - e|^2 + |w|^2 = 2 - 2 Re(z e*): a matrix of determinant 1 and its distance
        from another are multiples of unitaries.
        """
        bits = 4 * self.exponent + 128
        half = (angle.numerator << bits) // (2 * angle.denominator) - self.is_shifted * (pi(bits) >> 3)
        c, s = cosine_sine(half, bits)
        half_root = root(1 << (bits - 1), bits)
        p, q, r, t = self.corner
        part = p * c + ((q - t) * c - (q + t) * s) * half_root // (1 << bits) - r * s
        size = part >> (self.exponent // 2)
        if self.exponent % 2:
            size = size * half_root >> bits
        return root(max(0, (2 << bits) - 2 * size), bits) / (1 << bits)


def shortest_word(angle: Fraction, epsilon: Fraction) -> RotationWord:
    """Return the shortest word within epsilon of R_z(angle) in operator norm, global phase included.

    Args:
        angle: of at most 2 in size, in radians.
        epsilon: positive, below 1.
    """
    for candidate in candidates(angle, epsilon):
        w = norm_equation(candidate.missing)
        if w is None:
            continue
        z, k, determinant = candidate.corner, candidate.exponent, int(candidate.is_shifted)
        words = [exact_word(z, entry, k, determinant) for entry in (w, turned(w))]
        names, turn = min(words, key=lambda word: sum(name in ("t", "tdg") for name in word[0]))
        return RotationWord(
            names=names,
            eighths=(2 * turn - determinant) % 16,
            corner=z,
            exponent=k,
            is_shifted=candidate.is_shifted,
        )
    raise AssertionError("candidates never end")
