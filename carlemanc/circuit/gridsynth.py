"""Certified words of Clifford+T gates for single rotations, by gridsynth.

The words are those of N. J. Ross and P. Selinger, arXiv:1403.2975, as implemented in Qiskit; each is multiplied out and
found within epsilon in operator norm, global phase included. A word is computed once per angle modulo quarter turns
and sign.

Qiskit 2.6 keeps tables of primes, roots and factors, failures included, for as long as the process lives, and gives up
factoring after 50 ms: the word of an angle depends on what was synthesized before it in the same process (measured:
5 of 90 words by 1 to 3 T of about 94), and may depend on the machine. Words are therefore asked for in the order of
their angles, and counts that must be the same everywhere go by the fit `gridsynth_t`.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import lru_cache
from math import pi
from typing import Final

import numpy as np

from carlemanc.circuit.angles import Word, eighths, rz_word
from carlemanc.circuit.program import CODE, INVERSE, OPS
from carlemanc.core.errors import InternalError

_HALF: Final = 0.5**0.5
_PHASES: Final = {"z": -1.0, "s": 1j, "sdg": -1j, "t": cmath.exp(0.25j * pi), "tdg": cmath.exp(-0.25j * pi)}
_ROUNDING: Final = 1e-13
"""Rounding of a product of a few hundred matrices, granted on top of epsilon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gridsynth:
    """Every rotation as its own word.

    Args:
        epsilon: operator-norm precision of each.
    """

    epsilon: float

    def t(self, angle: float) -> int:
        """Return the T gates of rz(angle), and of ry(angle)."""
        return sum(name in ("t", "tdg") for name, _ in self.word(angle))

    def error(self, angle: float) -> float:
        """Return the operator-norm error of rz(angle)."""
        if eighths(angle) is not None:
            return 0.0
        rest = abs(rest_of(angle))
        return word_error(*certified_word(rest, self.epsilon), rest)

    def word(self, angle: float) -> Word:
        """Return a word for rz(angle): quarter turns, then a synthesized word of at most pi/4 or its inverse."""
        if eighths(angle) is not None:
            return rz_word(angle)
        turns, rest = round(angle / (pi / 2)), rest_of(angle)
        names, phase = certified_word(abs(rest), self.epsilon)
        if rest < 0:
            names, phase = tuple(OPS[INVERSE[CODE[name]]] for name in reversed(names)), -phase
        return (*rz_word(turns * (pi / 2)), *((name, 0.0) for name in names), ("gphase", phase))


def gridsynth_t(error: float) -> float:
    """Return the mean T count of a gridsynth word within `error` in operator norm.

    3.02 log2(1/delta) + 1.77 at a diamond distance of delta = 2 error (fit of Kliuchnikov et al., Quantum 7, 1208
    (2023), to the words of Ross and Selinger, arXiv:1403.2975); measured within 1 T on words that are multiplied out.
    """
    return max(0.0, 3.02 * math.log2(0.5 / error) + 1.77)


def rest_of(angle: float) -> float:
    """Return the angle less its quarter turns, between -pi/4 and pi/4."""
    return angle - round(angle / (pi / 2)) * (pi / 2)


@lru_cache(maxsize=100_000)
def certified_word(angle: float, epsilon: float) -> tuple[tuple[str, ...], float]:
    """Return (gate names in time order, global phase) of a word for rz(angle), 0 < angle < pi/4.

    gridsynth is asked for twice the precision wanted, because its words are about twice as good as asked
    (measured: at most 0.5 epsilon in 720 words); the word is multiplied out, and where it misses epsilon,
    gridsynth is asked again for more. Raises InternalError where no word within epsilon is found.
    """
    from qiskit.synthesis import gridsynth_rz

    for asked in (2.0, 1.0, 0.5, 0.1):
        circuit = gridsynth_rz(angle, asked * epsilon)
        names = tuple(item.operation.name for item in circuit.data)
        phase = float(circuit.global_phase)
        if word_error(names, phase, angle) <= epsilon + _ROUNDING:
            return names, phase
    raise InternalError(f"no Clifford+T word within {epsilon} of rz({angle}) was found")


def word_error(names: tuple[str, ...], phase: float, angle: float) -> float:
    """Return the operator-norm distance of a word from rz(angle), multiplied out in double precision."""
    a, b, c, d = cmath.exp(1j * phase), 0j, 0j, cmath.exp(1j * phase)
    for name in names:
        if name == "h":
            a, b, c, d = _HALF * (a + c), _HALF * (b + d), _HALF * (a - c), _HALF * (b - d)
        elif name == "x":
            a, b, c, d = c, d, a, b
        else:
            c, d = c * _PHASES[name], d * _PHASES[name]
    difference = np.asarray([[a - cmath.exp(-0.5j * angle), b], [c, d - cmath.exp(0.5j * angle)]])
    return float(np.linalg.norm(difference, 2))
