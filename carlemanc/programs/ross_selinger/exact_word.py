r"""The word of a Clifford+T matrix: from exact entries to the fewest T gates that make it.

Comes in: the first column (z, w) / sqrt(2)^k of a matrix with determinant 1, or omega. Goes out: gates. The column is a
point of the Bloch sphere whose three coordinates are numbers of Z[sqrt 2] over a power of sqrt 2. As long as that power
is not 0, exactly two of them are odd, and a T gate about the axis of the even one lowers the power by 1; no gate lowers
it by more, so the word has the fewest T gates (the normal form of K. Matsumoto and K. Amano, arXiv:0806.3834, peeled
off as in Gosset et al., arXiv:1308.4134, on one column; derived here). What is left is an axis, reached by a Clifford
gate, and a diagonal of powers of omega, found by multiplying the word out in exact arithmetic: the word is the matrix.
"""

from __future__ import annotations

from typing import Final

from carlemanc.core.errors import InternalError
from carlemanc.programs.angles import PHASE_WORDS
from carlemanc.programs.ross_selinger.rings import (
    Number,
    Real,
    conjugate,
    half_even,
    square,
    times,
    turned,
)

_Vector = tuple[Real, Real, Real]
_TO_AXIS: Final[dict[tuple[int, int, int], tuple[str, ...]]] = {
    (0, 0, 1): (), (0, 0, -1): ("x",), (1, 0, 0): ("h",), (-1, 0, 0): ("x", "h"),
    (0, 1, 0): ("h", "s"), (0, -1, 0): ("x", "h", "s"),
}  # fmt: skip
"""Gates in time order that take |0> to an axis of the Bloch sphere."""
_DETERMINANT: Final = {"h": 4, "x": 4, "s": 2, "t": 1}
"""Powers of omega."""


def exact_word(z: Number, w: Number, k: int, determinant: int) -> tuple[tuple[str, ...], int]:
    """Return (gate names in time order, i): a word and the power of omega by which it is less than the matrix.

    Args:
        z: upper left entry times sqrt(2)^k.
        w: lower left entry times sqrt(2)^k.
        k: not negative.
        determinant: of the matrix, as a power of omega: 0 or 1.
    """
    names = _word_to_column(z, w, k)
    turn = _turn(names, z, w, k)
    other = determinant - sum(_DETERMINANT[name] for name in names) - turn
    return (*PHASE_WORDS[(other - turn) % 8], *names), turn


def _word_to_column(z: Number, w: Number, k: int) -> list[str]:
    """Return gates in time order that take |0> to the column, up to a phase."""
    (x, y, up), left = _bloch_vector(z, w, k)
    names: list[str] = []  # last gate first
    while left:
        if x[0] % 2 == 0:
            names.append("h")
            x, y, up = up, (-y[0], -y[1]), x
        elif y[0] % 2 == 0:
            names += ["s", "h"]
            x, y, up = up, x, y
        names.append("t")
        total, difference = (x[0] + y[0], x[1] + y[1]), (y[0] - x[0], y[1] - x[1])
        x, y, up = half_even(half_even(total)), half_even(half_even(difference)), half_even(up)
        left -= 1
    return [*_TO_AXIS[x[0], y[0], up[0]], *reversed(names)]


def _bloch_vector(z: Number, w: Number, k: int) -> tuple[_Vector, int]:
    """Return the column's Bloch vector in lowest terms: numerators, and the power of 1/sqrt 2."""
    p, q, r, s = times(conjugate(z), w)
    (a, b), (c, d) = square(z), square(w)
    vector, left = ((2 * p, q - s), (2 * r, q + s), (a - c, b - d)), 2 * k
    while left and not any(part[0] % 2 for part in vector):
        vector, left = (half_even(vector[0]), half_even(vector[1]), half_even(vector[2])), left - 1
    return vector, left


def _turn(names: list[str], z: Number, w: Number, k: int) -> int:
    """Return i with (z, w) / sqrt(2)^k = omega^i times the word's first column, multiplied out."""
    up: Number = (1, 0, 0, 0)
    down: Number = (0, 0, 0, 0)
    halves = 0
    for name in names:
        if name == "h":
            up, down = _sum(up, down), _sum(up, _minus(down))
            halves += 1
        elif name == "x":
            up, down = down, up
        else:
            down = turned(turned(down)) if name == "s" else turned(down)
    up, down = (_times_root(part, k) for part in (up, down))
    wanted = tuple(_times_root(part, halves) for part in (z, w))
    for turn in range(8):
        if (up, down) == wanted:
            return turn
        up, down = turned(up), turned(down)
    raise InternalError("a Clifford+T word is not the matrix it was made for")


def _times_root(x: Number, times_: int) -> Number:
    """Return x sqrt(2)^n."""
    p, q, r, s = (part << (times_ // 2) for part in x)
    return (q - s, p + r, q + s, r - p) if times_ % 2 else (p, q, r, s)


def _sum(x: Number, y: Number) -> Number:
    return (x[0] + y[0], x[1] + y[1], x[2] + y[2], x[3] + y[3])


def _minus(x: Number) -> Number:
    return (-x[0], -x[1], -x[2], -x[3])
