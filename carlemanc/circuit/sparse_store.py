"""The state of the sparse simulator: for every nonzero amplitude one column of bits.

Comes in: basis indices with amplitudes, then moves and blocks of a plan. Goes out: the same for the final state.

Layout (measured, see tests/benchmarks/simulator.py): a wire is a constant, or a row of uint8 (one per amplitude), or
packed with others in 64-bit words; rows are unpacked only when a gate needs them and packed only before a branch, so
a permutation costs a few microseconds per 1e5 amplitudes. A branch groups the columns that agree on all other wires
through a hash table (no sort: a column is placed by the hash of its words and checked against the words
themselves), applies the multiplexed matrices to dense (2^branch wires, groups) arrays, and drops what vanished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from carlemanc.circuit.multiplexer import PHASES, Op, Run
from carlemanc.core.errors import InternalError

Bits = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_MULTIPLIERS: Final = tuple(
    np.uint64(m)
    for m in (
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0xD6E8FEB86659FD93,
        0xA0761D6478BD642F,
        0xE7037ED1A0B428DB,
    )
)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


class SparseStore:
    """Amplitudes and bits of a state on numbered places.

    Args:
        indices: basis indices, place p = bit p (Python integers of any size), distinct.
        amplitudes: (K,) complex128.
        width: number of places.
        threshold: amplitudes of smaller modulus are dropped after a branch.
    """

    def __init__(
        self, indices: Sequence[int], amplitudes: npt.NDArray[np.complex128], width: int, threshold: float
    ) -> None:
        self.size = len(indices)
        self.discarded = 0.0
        self._threshold = threshold**2
        real = not np.any(amplitudes.imag)
        parts = [amplitudes.real] if real else [amplitudes.real, amplitudes.imag]
        self._parts: Floats = np.ascontiguousarray(np.stack(parts))
        self._constant: list[int] = [0] * width
        """0 or 1 for a constant wire, -1 for one that varies."""
        self._rows: dict[int, Bits] = {}
        self._dirty: set[int] = set()
        self._position: dict[int, int] = {}
        self._free: list[int] = []
        self._next = 0
        self._stale: dict[int, int] = {}
        self._bytes: dict[int, Bits] = {}
        self._words: list[Words] = []
        self._table: npt.NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        for place in range(width):
            row = np.asarray([(index >> place) & 1 for index in indices], dtype=np.uint8)
            self._write(place, row)
        self._settle(set(self._dirty))

    # --- reading -----------------------------------------------------------------------------------------------

    def amplitudes(self) -> npt.NDArray[np.complex128]:
        """Return (K,) complex128 amplitudes."""
        if len(self._parts) == 1:
            return self._parts[0].astype(np.complex128)
        return np.asarray(self._parts[0] + 1j * self._parts[1])

    def row(self, place: int) -> Bits:
        """Return the (K,) values of one place."""
        if self._constant[place] >= 0:
            return np.full(self.size, self._constant[place], dtype=np.uint8)
        return self._live_row(place)

    def varying(self) -> list[int]:
        """Return the places that are not known to be constant."""
        return [place for place, value in enumerate(self._constant) if value < 0]

    # --- rows --------------------------------------------------------------------------------------------------

    def _live_row(self, place: int) -> Bits:
        row = self._rows.get(place)
        if row is None:
            position = self._position[place]
            packed = self._byte(position >> 3)
            row = packed >> np.uint8(position & 7)
            np.bitwise_and(row, 1, out=row)
            self._rows[place] = row
        return row

    def _byte(self, byte: int) -> Bits:
        packed = self._bytes.get(byte)
        if packed is None:
            packed = np.ascontiguousarray(self._words[byte >> 3].view(np.uint8)[byte & 7 :: 8])
            self._bytes[byte] = packed
        return packed

    def _write(self, place: int, row: Bits) -> None:
        self._constant[place] = -1
        self._rows[place] = row
        self._dirty.add(place)

    def _fix(self, place: int, value: int) -> None:
        """Make a place constant; its packed bit, if any, is cleared before the next grouping."""
        self._constant[place] = value
        self._rows.pop(place, None)
        self._dirty.discard(place)
        position = self._position.pop(place, None)
        if position is not None:
            self._stale[position >> 3] = self._stale.get(position >> 3, 0) | 1 << (position & 7)
            self._free.append(position)

    def _settle(self, places: set[int]) -> None:
        """Turn changed rows that hold one value only into constants."""
        for place in places:
            row = self._rows[place]
            if not row.size:
                continue
            if not row.max():
                self._fix(place, 0)
            elif row.min():
                self._fix(place, 1)

    def _pack(self, skip: Sequence[int]) -> None:
        """Bring the words up to date with every changed row except those of `skip` (whose bits are cleared)."""
        changed = self._dirty.difference(skip)
        self._settle(changed)
        changed &= self._dirty
        edits: dict[int, tuple[int, list[tuple[int, Bits]]]] = {
            byte: (mask, []) for byte, mask in self._stale.items()
        }
        self._stale = {}
        for place in sorted(changed):
            position = self._position.get(place)
            if position is None:
                position = self._assign(place)
                self._ensure_word(position >> 6)
                mask = 0
            else:
                mask = 1 << (position & 7)
            old, rows = edits.get(position >> 3, (0, []))
            edits[position >> 3] = (old | mask, [*rows, (position & 7, self._rows[place])])
        for byte, (mask, rows) in edits.items():
            packed = self._byte(byte)
            if mask:
                packed &= np.uint8(~mask & 0xFF)
            for shift, row in rows:
                packed |= row << np.uint8(shift)
            self._words[byte >> 3].view(np.uint8)[byte & 7 :: 8] = packed
        self._dirty &= set(skip)

    def _assign(self, place: int) -> int:
        if self._free:
            position = self._free.pop()
        else:
            position = self._next
            self._next += 1
        self._position[place] = position
        return position

    def _ensure_word(self, word: int) -> None:
        while len(self._words) <= word:
            self._words.append(np.zeros(self.size, dtype=np.uint64))

    # --- moves -------------------------------------------------------------------------------------------------

    def move(self, ops: Sequence[Op]) -> None:
        """Apply basis permutations and phases one by one."""
        for op in ops:
            kind = op.kind
            if kind == "cx":
                self._cx(*op.wires)
            elif kind == "and":
                self._and(*op.wires)
            elif kind == "and_dg":
                self._and_dg(*op.wires)
            elif kind == "x":
                self._x(*op.wires)
            else:
                self._diagonal(op)

    def _x(self, place: int) -> None:
        if self._constant[place] >= 0:
            self._constant[place] ^= 1
            return
        row = self._live_row(place)
        np.bitwise_xor(row, 1, out=row)
        self._dirty.add(place)

    def _cx(self, control: int, target: int) -> None:
        known = self._constant[control]
        if known >= 0:
            if known:
                self._x(target)
            return
        row = self._live_row(control)
        value = self._constant[target]
        if value >= 0:
            self._write(target, row ^ 1 if value else row.copy())
            return
        changed = self._live_row(target)
        np.bitwise_xor(changed, row, out=changed)
        self._dirty.add(target)

    def _product(self, a: int, b: int) -> Bits | int:
        """Return a AND b: a value where it is constant, else a fresh row."""
        x, y = self._constant[a], self._constant[b]
        if x == 0 or y == 0:
            return 0
        if x == 1:
            return 1 if y == 1 else self._live_row(b).copy()
        return self._live_row(a).copy() if y == 1 else self._live_row(a) & self._live_row(b)

    def _and(self, a: int, b: int, target: int) -> None:
        if self._constant[target] < 0:
            self._settle({target} if target in self._rows else set())
        if self._constant[target] != 0:
            raise InternalError(f"an AND is computed into wire {target}, which is not |0>")
        product = self._product(a, b)
        if isinstance(product, int):
            self._constant[target] = product
        else:
            self._write(target, product)

    def _and_dg(self, a: int, b: int, target: int) -> None:
        product = self._product(a, b)
        value = self._constant[target]
        if isinstance(product, int):
            held = value if value >= 0 else self._live_row(target)
            right = held == product if isinstance(held, int) else bool((held == product).all())
        elif value >= 0:
            right = bool((product == value).all())
        else:
            np.bitwise_xor(product, self._live_row(target), out=product)
            right = not product.max(initial=0)
        if not right:
            raise InternalError(
                f"wire {target} is undone as the AND of wires {a} and {b}, but does not hold it"
            )
        self._fix(target, 0)

    # --- phases ------------------------------------------------------------------------------------------------

    def _diagonal(self, op: Op) -> None:
        """Multiply amplitudes by a phase that depends on one wire, or by -1 where both wires of a cz are 1."""
        if op.kind == "cz":
            product = self._product(*op.wires)
            self._phase_where(product, 1.0 + 0j, -1.0 + 0j)
            return
        (place,) = op.wires
        value: Bits | int = self._constant[place]
        if value < 0:
            value = self._live_row(place)
        if op.kind == "rz":
            self._phase_where(value, np.exp(-0.5j * op.angle), np.exp(0.5j * op.angle))
        else:
            self._phase_where(value, 1.0 + 0j, PHASES[op.kind])

    def _phase_where(self, value: Bits | int, zero: complex, one: complex) -> None:
        if isinstance(value, int):
            phase = one if value else zero
            if phase != 1.0:
                self._scale(np.float64(phase.real), np.float64(phase.imag))
            return
        if zero.imag == 0.0 and one.imag == 0.0:
            self._parts *= np.asarray([zero.real, one.real])[value]
            return
        self._scale(np.asarray([zero.real, one.real])[value], np.asarray([zero.imag, one.imag])[value])

    def _scale(self, real: Floats | np.float64, imag: Floats | np.float64) -> None:
        if not np.any(imag):
            self._parts *= real
            return
        self._make_complex()
        x, y = self._parts
        self._parts = np.stack([x * real - y * imag, x * imag + y * real])

    def _make_complex(self) -> None:
        if len(self._parts) == 1:
            self._parts = np.concatenate([self._parts, np.zeros_like(self._parts)])

    # --- branches ----------------------------------------------------------------------------------------------

    def branch(self, branch_wires: Sequence[int], runs: Sequence[Run]) -> None:
        """Apply a block of multiplexed matrices on `branch_wires`."""
        pattern = self._pattern(branch_wires)
        varying = [place for place in branch_wires if self._constant[place] < 0]
        for place in varying:
            self._rows.pop(place)
            self._dirty.discard(place)
            position = self._position.pop(place, None)
            if position is not None:
                self._stale[position >> 3] = self._stale.get(position >> 3, 0) | 1 << (position & 7)
                self._free.append(position)
        self._pack(())
        representatives, group = self._groups() if varying else (None, None)
        count = self.size if representatives is None else len(representatives)
        dense = _Dense(len(branch_wires), count, self._parts, pattern, group)
        controls = {place for run in runs for place in run.outside}
        rows = {place: self._at(place, representatives) for place in controls}
        for run in runs:
            dense.apply(run, branch_wires, rows)
        values, columns, self._parts, lost = dense.compress(self._threshold)
        self.discarded += lost
        self._keep(columns if representatives is None else representatives[columns])
        for bit, place in enumerate(branch_wires):
            self._rows[place] = (values >> np.uint8(bit)) & np.uint8(1)
            self._constant[place] = -1
            self._dirty.add(place)
        self._settle(set(branch_wires))

    def _pattern(self, branch_wires: Sequence[int]) -> Bits | int:
        """Return the value of the branch wires (bit k = wire k): a number if they are constant, else (K,)."""
        fixed = 0
        pattern: Bits | None = None
        for bit, place in enumerate(branch_wires):
            if self._constant[place] >= 0:
                fixed |= self._constant[place] << bit
            else:
                shifted = self._live_row(place) << np.uint8(bit)
                pattern = shifted if pattern is None else pattern | shifted
        return fixed if pattern is None else pattern | np.uint8(fixed)

    def _at(self, place: int, columns: Indices | None) -> Bits | int:
        if self._constant[place] >= 0:
            return self._constant[place]
        row = self._live_row(place)
        return row if columns is None else row[columns]

    def _groups(self) -> tuple[Indices, Indices]:
        """Return one column of each group of equal words, and the group number of every column."""
        owner = self._owners()
        own = owner == np.arange(self.size)
        representatives = np.flatnonzero(own)
        number = np.empty(self.size, dtype=np.int64)
        number[representatives] = np.arange(len(representatives))
        return representatives, number[owner]

    def _owners(self) -> Indices:
        """Return for every column the number of one column with the same words, the same for all of them."""
        bits = max(10, int(self.size).bit_length() + 3)
        if len(self._table) != 1 << bits:
            self._table = np.zeros(1 << bits, dtype=np.int32)
        owner = self._look_up(self._words, np.arange(self.size, dtype=np.int32), bits, 0)
        wrong = np.zeros(self.size, dtype=bool)
        for word in self._words:
            wrong |= word[owner] != word
        open_ = np.flatnonzero(wrong)
        attempt = 1
        while open_.size:
            words = [word[open_] for word in self._words]
            found = self._look_up(words, open_.astype(np.int32), bits, attempt)
            wrong = np.zeros(open_.size, dtype=bool)
            for word, mine in zip(self._words, words, strict=True):
                wrong |= word[found] != mine
            owner[open_] = found
            open_ = open_[wrong]
            attempt += 1
        return owner

    def _look_up(
        self, words: Sequence[Words], names: npt.NDArray[np.int32], bits: int, attempt: int
    ) -> Indices:
        mixed = np.zeros(len(names), dtype=np.uint64)
        for k, word in enumerate(words):
            multiplier = _MULTIPLIERS[(attempt + k) % len(_MULTIPLIERS)] + np.uint64(2 * attempt)
            mixed ^= word * multiplier
            if len(words) > 1:
                mixed *= _MULTIPLIERS[(attempt + k + 2) % len(_MULTIPLIERS)]
                mixed ^= mixed >> np.uint64(29)
        slots = (mixed >> np.uint64(64 - bits)).view(np.int64)
        self._table[slots] = names
        return self._table[slots].astype(np.int64)

    def _keep(self, columns: Indices) -> None:
        self._words = [word[columns] for word in self._words]
        self.size = len(columns)
        self._rows = {}
        self._bytes = {}


class _Dense:
    """The amplitudes of one block: component v (values of the branch wires) x group, real and imaginary parts.

    Components that are zero for every group are None.
    """

    def __init__(
        self, wires: int, groups: int, parts: Floats, pattern: Bits | int, group: Indices | None
    ) -> None:
        self.components: list[Floats | None] = [None] * (1 << wires)
        if isinstance(pattern, int):
            if group is not None:
                raise InternalError("constant branch wires need no grouping")
            self.components[pattern] = parts
            return
        assert group is not None
        for value in range(1 << wires):
            chosen = np.flatnonzero(pattern == value)
            if chosen.size:
                component = np.zeros((len(parts), groups))
                places = group[chosen]
                for part, source in zip(component, parts, strict=True):
                    part[places] = source[chosen]
                self.components[value] = component

    def apply(self, run: Run, branch_wires: Sequence[int], rows: Mapping[int, Bits | int]) -> None:
        """Multiply the pairs of components that differ in the run's target."""
        bit = 1 << branch_wires.index(run.target)
        inside = [branch_wires.index(wire) for wire in run.inside]
        outside = _outside(run, rows)
        for low in range(len(self.components)):
            if low & bit or (self.components[low] is None and self.components[low | bit] is None):
                continue
            index = sum(((low >> position) & 1) << k for k, position in enumerate(inside))
            self._multiply(low, low | bit, run.table[index], outside)

    def _multiply(
        self,
        low: int,
        high: int,
        table: npt.NDArray[np.float64] | npt.NDArray[np.complex128],
        outside: Indices | int,
    ) -> None:
        pair = (self.components[low], self.components[high])
        new = []
        for out in (0, 1):
            total: Floats | None = None
            for source in (0, 1):
                vector = pair[source]
                entries = table[:, out, source]
                if vector is None or not np.any(entries):
                    continue
                coefficient = entries[outside] if isinstance(outside, int) else entries.take(outside)
                term = _times(coefficient, vector)
                if total is None:
                    total = term
                elif len(total) == len(term):
                    total += term
                else:
                    total = _padded(total) + _padded(term)
            new.append(total)
        self.components[low], self.components[high] = new

    def compress(self, threshold: float) -> tuple[Bits, Indices, Floats, float]:
        """Return (branch values, group numbers, parts, discarded weight) of what does not vanish."""
        values, columns, parts = [], [], []
        lost = 0.0
        width = max((len(c) for c in self.components if c is not None), default=1)
        for value, component in enumerate(self.components):
            if component is None:
                continue
            weight = component[0] * component[0]
            if len(component) == 2:
                weight += component[1] * component[1]
            chosen = np.flatnonzero(weight > threshold)
            lost += float(weight.sum() - weight[chosen].sum()) if len(chosen) < len(weight) else 0.0
            if chosen.size:
                component = component if len(component) == width else _padded(component)
                values.append(np.full(len(chosen), value, dtype=np.uint8))
                columns.append(chosen)
                parts.append(component[:, chosen])
        if not values:
            return np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros((width, 0)), lost
        return np.concatenate(values), np.concatenate(columns), np.concatenate(parts, axis=1), max(lost, 0.0)


def _outside(run: Run, rows: Mapping[int, Bits | int]) -> Indices | int:
    """Return the index of each group into the run's table: a number where all outside controls are constant."""
    fixed = 0
    pattern: npt.NDArray[np.intp] | None = None
    for k, wire in enumerate(run.outside):
        row = rows[wire]
        if isinstance(row, int):
            fixed |= row << k
        else:
            shifted = row.astype(np.int64) << k
            pattern = shifted if pattern is None else pattern | shifted
    return fixed if pattern is None else pattern + fixed


def _padded(parts: Floats) -> Floats:
    return parts if len(parts) == 2 else np.concatenate([parts, np.zeros_like(parts)])


def _times(coefficient: npt.NDArray[np.float64] | npt.NDArray[np.complex128], vector: Floats) -> Floats:
    """Return coefficient * vector on real and imaginary parts."""
    if not np.iscomplexobj(coefficient):
        return np.asarray(vector * coefficient)
    real, imag = coefficient.real, coefficient.imag
    if len(vector) == 1:
        return np.stack([vector[0] * real, vector[0] * imag])
    return np.stack([vector[0] * real - vector[1] * imag, vector[0] * imag + vector[1] * real])
