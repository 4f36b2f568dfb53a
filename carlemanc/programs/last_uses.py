"""The last gate that touches each place of a program."""

from __future__ import annotations

import numpy as np

from carlemanc.programs.program import CODE, Program


def last_uses(program: Program) -> tuple[list[int], list[int]]:
    """Return where each wire ends, and the number of the last gate at each place (-1 for none).

    A swap exchanges the places of two wires and touches nothing.
    """
    places = np.arange(program.width + 1)
    last = np.full(program.width + 1, -1)
    swaps = np.flatnonzero(program.codes == CODE["swap"]).tolist()
    start = 0
    for stop in [*swaps, len(program)]:
        if stop > start:
            touched = places[program.wires[start:stop]]
            last[touched] = np.arange(start, stop)[:, None]  # of several gates at a place the last one stays
            last[-1] = -1
        if stop < len(program):
            a, b = program.wires[stop, :2]
            places[[a, b]] = places[[b, a]]
        start = stop + 1
    return places[:-1].tolist(), last[:-1].tolist()
