"""Long stretches of x, cx, and, and_dg: run on one integer a wire, bit k for column k of a sparse state.

A lookup of 2^16 words is millions of such gates and moves no amplitude. Here a gate is one operation on Python
integers, some 80 ns where few columns are alive (measured), against 3 us through the rows of `BitRows`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import InternalError
from carlemanc.programs.bit_rows import VARIES, BitRows
from carlemanc.programs.program import CODE

_X, _CX, _AND, _AND_DG = (CODE[name] for name in ("x", "cx", "and", "and_dg"))
SHORTEST: Final = 1024
"""Gates of a stretch, at least: it is a barrier to reordering, so short ones are left to the planner."""
_CHUNK: Final = 1 << 18
STRETCH: Final = "stretch"


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Consecutive permutation gates, planned like one gate that changes every wire.

    Args:
        codes: (ops,) primitives x, cx, and, and_dg.
        places: (ops, 3) where their wires are held, unused places -1.
    """

    codes: npt.NDArray[np.uint8]
    places: npt.NDArray[np.int32]
    kind: str = field(default=STRETCH, init=False)
    wires: tuple[int, ...] = field(default=(), init=False)
    targets: int = field(default=-1, init=False)
    touches: int = field(default=-1, init=False)

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def used(self) -> list[int]:
        """The places that some gate touches, ascending."""
        touched = np.zeros(int(self.places.max()) + 2, dtype=bool)
        touched[self.places] = True
        return np.flatnonzero(touched[:-1]).tolist()


def segments(codes: npt.NDArray[np.uint8]) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, stop, whether a stretch) over all gates, in order; what is no stretch comes in chunks."""
    is_move = np.isin(codes, [_X, _CX, _AND, _AND_DG])
    edges = np.flatnonzero(np.diff(is_move, prepend=False, append=False)).reshape(-1, 2)
    done = 0
    for start, stop in edges[edges[:, 1] - edges[:, 0] >= SHORTEST].tolist():
        yield from _chunks(done, start)
        yield start, stop, True
        done = stop
    yield from _chunks(done, len(codes))


def _chunks(start: int, stop: int) -> Iterator[tuple[int, int, bool]]:
    for first in range(start, stop, _CHUNK):
        yield first, min(first + _CHUNK, stop), False


def run_stretch(bits: BitRows, stretch: Stretch) -> None:
    """Apply the gates to every column.

    Raises InternalError where an `and` meets a target that is not |0>, or an `and_dg` another value than it undoes.
    """
    used = stretch.used
    before = {place: _packed(bits, place) for place in used}
    values = [before.get(place, 0) for place in range(used[-1] + 1)]
    full = (1 << bits.size) - 1
    for start in range(0, len(stretch), _CHUNK):
        part = stretch.places[start : start + _CHUNK]
        _run(
            values,
            full,
            stretch.codes[start : start + _CHUNK].tolist(),
            *(part[:, k].tolist() for k in range(3)),
        )
    for place in used:
        if values[place] != before[place]:
            _unpack(bits, place, values[place], full)


def _run(
    values: list[int], full: int, codes: Sequence[int], a: Sequence[int], b: Sequence[int], t: Sequence[int]
) -> None:
    for code, first, second, target in zip(codes, a, b, t, strict=True):
        if code == _CX:
            values[second] ^= values[first]
        elif code == _X:
            values[first] ^= full
        elif code == _AND:
            if values[target]:
                raise InternalError(f"an AND is computed into wire {target}, which is not |0>")
            values[target] = values[first] & values[second]
        else:
            if values[target] != values[first] & values[second]:
                raise InternalError(
                    f"wire {target} is undone as the AND of wires {first} and {second}, but does not hold it"
                )
            values[target] = 0


def _packed(bits: BitRows, place: int) -> int:
    constant = bits.constant[place]
    if constant != VARIES:
        return ((1 << bits.size) - 1) * constant
    return int.from_bytes(np.packbits(bits.live(place), bitorder="little").tobytes(), "little")


def _unpack(bits: BitRows, place: int, value: int, full: int) -> None:
    if value in (0, full):
        bits.fix(place, int(value != 0))
        return
    packed = np.frombuffer(value.to_bytes((bits.size + 7) // 8, "little"), dtype=np.uint8)
    bits.put(place, np.unpackbits(packed, count=bits.size, bitorder="little"))
