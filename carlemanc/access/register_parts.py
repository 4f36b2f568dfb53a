"""Parts of a system register as positions inside it, the form in which manifests list them, and flags on them."""

from __future__ import annotations

from typing import Any

from carlemanc.bloqs.register_flag import RegisterFlag, Within, equal_to
from carlemanc.linear_system import RegisterLayout


def register_parts(layout: RegisterLayout) -> dict[str, Any]:
    """Return the positions of time, level and slots in the register of L, least significant first."""
    return {
        "time": list(layout.time_wires),
        "level": list(layout.level_wires),
        "slots": [list(wires) for wires in layout.slots_wires],
    }


def step_parts(layout: RegisterLayout, *, level_zero: bool) -> dict[str, Any]:
    """Return the same of the register of one step: slots, then the level (one wire more with level 0); no time."""
    first = layout.slots * layout.slot_bits
    wires = layout.level_bits + level_zero
    return {
        "time": [],
        "level": list(range(first, first + wires)),
        "slots": [list(slot) for slot in layout.slots_wires],
    }


def index_alone() -> dict[str, Any]:
    """Return the same of a register that holds an index and nothing else, as that of a given system does."""
    return {"time": [], "level": [], "slots": []}


def answer_flag(layout: RegisterLayout, steps: int) -> RegisterFlag:
    """Return the flag of t >= T = `steps` on level 1 in the register of L.

    States that hold no entry (later times than T + p, unused slots) are not told apart: nothing leads there.
    """
    times = Within(layout.time_wires, steps, (1 << layout.time_bits) - 1)
    level = [equal_to(layout.level_wires, layout.level_code(1))] if layout.level_bits else []
    return RegisterFlag(layout.width, (times, *level))


def start_flag(layout: RegisterLayout) -> RegisterFlag:
    """Return the flag of t = 0, every level, in the register of L."""
    return RegisterFlag(layout.width, (equal_to(layout.time_wires, 0),))


def step_answer_flag(layout: RegisterLayout, *, level_zero: bool) -> RegisterFlag | None:
    """Return the flag of level 1 in the register of one step; None where that holds nothing else."""
    parts = step_parts(layout, level_zero=level_zero)
    if not parts["level"]:
        return None
    size = layout.slots * layout.slot_bits + len(parts["level"])
    return RegisterFlag(size, (equal_to(parts["level"], int(level_zero)),))
