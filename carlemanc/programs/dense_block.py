"""The amplitudes of one branching block: component (values of the branch wires) x group of columns.

Comes in: amplitudes with their branch values and groups. Goes out: the same after multiplexed matrices, without what
vanished. Complex numbers stay interleaved: one random access per amplitude, not two (measured).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import IntArray
from carlemanc.programs.multiplexer import Amplitudes, MultiplexedRun

Bits = npt.NDArray[np.uint8]


class DenseBlock:
    """Components that are zero in every group are None."""

    def __init__(self, components: list[Amplitudes | None]) -> None:
        self.components = components

    @classmethod
    def uniform(cls, wires: int, value: int, amplitudes: Amplitudes) -> DenseBlock:
        """Return the block of columns that all have branch value `value` and a group each."""
        components: list[Amplitudes | None] = [None] * (1 << wires)
        components[value] = amplitudes
        return cls(components)

    @classmethod
    def scattered(
        cls, wires: int, values: Bits, group: IntArray, groups: int, amplitudes: Amplitudes
    ) -> DenseBlock:
        """Return the block of columns with branch values `values` (K,) in the groups `group` (K,)."""
        present = np.flatnonzero(np.bincount(values, minlength=1 << wires))
        start = np.zeros(1 << wires, dtype=np.int64)
        start[present] = np.arange(len(present)) * groups
        dense = np.zeros(len(present) * groups, dtype=amplitudes.dtype)
        dense[start.take(values) + group] = amplitudes
        components: list[Amplitudes | None] = [None] * (1 << wires)
        for k, value in enumerate(present.tolist()):
            components[value] = dense[k * groups : (k + 1) * groups]
        return cls(components)

    def apply(self, run: MultiplexedRun, branch_wires: Sequence[int], rows: Mapping[int, Bits | int]) -> None:
        """Multiply the pairs of components that differ in the run's target; `rows` are the outside controls."""
        bit = 1 << branch_wires.index(run.target)
        inside = [branch_wires.index(wire) for wire in run.inside]
        outside = outside_pattern(run, rows)
        for low in range(len(self.components)):
            high = low | bit
            if low == high or (self.components[low] is None and self.components[high] is None):
                continue
            entries = run.entries[sum(((low >> position) & 1) << k for k, position in enumerate(inside))]
            pair = (self.components[low], self.components[high])
            self.components[low] = _combine(entries[0], pair, outside)
            self.components[high] = _combine(entries[1], pair, outside)

    def compress(self, threshold: float) -> tuple[list[tuple[int, Amplitudes, IntArray | None]], float]:
        """Return ([(branch value, amplitudes, groups or None for all)], discarded weight)."""
        kept: list[tuple[int, Amplitudes, IntArray | None]] = []
        discarded = 0.0
        for value, component in enumerate(self.components):
            if component is None:
                continue
            modulus = np.abs(component)
            above = modulus > threshold
            count = int(np.count_nonzero(above))
            if count == len(component):
                kept.append((value, component, None))
                continue
            dropped = modulus.take((~above).nonzero()[0])
            discarded += float(dropped @ dropped)
            if count:
                chosen = above.nonzero()[0]
                kept.append((value, component.take(chosen), chosen))
        return kept, discarded


def outside_pattern(run: MultiplexedRun, rows: Mapping[int, Bits | int]) -> IntArray | int:
    """Return each group's index into the run's entries: a number where all outside controls are constant."""
    fixed = 0
    low: Bits | None = None
    high: IntArray | None = None
    for k, wire in enumerate(run.outside):
        row = rows[wire]
        if isinstance(row, int):
            fixed |= row << k
        elif k < 8:
            shifted = row << np.uint8(k)
            low = shifted if low is None else low | shifted
        else:
            wide = row.astype(np.int64) << k
            high = wide if high is None else high | wide
    if low is None and high is None:
        return fixed
    pattern = high if low is None else low.astype(np.int64) if high is None else high | low
    assert pattern is not None
    return pattern | fixed if fixed else pattern


def _combine(
    entries: Sequence[Amplitudes | None],
    pair: tuple[Amplitudes | None, Amplitudes | None],
    outside: IntArray | int,
) -> Amplitudes | None:
    """Return sum over the pair of entry[outside] * component; an entry None is zero everywhere."""
    total: Amplitudes | None = None
    for entry, component in zip(entries, pair, strict=True):
        if entry is None or component is None:
            continue
        if isinstance(outside, int):
            factor = entry[outside]
            if factor == 0.0:
                continue
            term = component if factor == 1.0 else component * factor
        else:
            term = entry.take(outside) * component
        if total is None:
            total = term
        elif term is component or np.iscomplexobj(total) != np.iscomplexobj(term):
            total = total + term
        else:
            total = np.add(total, term, out=term)
    return total
