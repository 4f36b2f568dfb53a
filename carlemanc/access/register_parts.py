"""Parts of a system register as positions inside it, the form in which manifests list them."""

from __future__ import annotations

from typing import Any

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
