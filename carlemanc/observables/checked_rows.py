"""Columns of an encoded row against its tensors, at any size: circuit and column share no code.

The circuit is simulated gate by gate on basis states of the slots and the level, boundary cases first, and what is left
on level 1 with every flag |0> is compared with the column of R made from stencils or entries alone. States that the
lift does not use leave nothing there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carlemanc.core.rounding import without_noise
from carlemanc.linear_system.columns import RegisterState, valid_level
from carlemanc.linear_system.hard_columns import choose_columns
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.register_layout import RegisterLayout
from carlemanc.linear_system.tensor_columns import column_lookup
from carlemanc.observables.encoded_row import EncodedRow

_DOUBLED = 6
"""How often the number of columns of L is doubled, of which those that differ in time alone are one here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRow:
    """Columns of one encoded row: how many, and the largest |alpha <row|<0| U |0>|column> - R[row, column]|."""

    columns: int
    deviation: float


def check_row(encoded: EncodedRow, history: HistorySystem, count: int, seed: int = 0) -> CheckedRow:
    """Check so many columns of R, or every boundary case where these are more.

    Args:
        encoded: the row.
        history: of the same lift; its layout, lattice and ranges say which columns are hard.
        count: columns.
        seed: of the random ones.
    """
    layout, states = history.layout, _states(encoded, history, count, seed)
    lookups = {degree: column_lookup(item) for degree, item in encoded.system.factor_operators.items()}
    worst = 0.0
    for state, found in zip(states, _simulated(encoded, layout, states), strict=True):
        level, expected = valid_level(layout, state), dict[int, float]()
        if level is not None and level in lookups:
            for row, value in lookups[level](state.slots[:level]):
                expected[row] = expected.get(row, 0.0) + value
        rows = found.keys() | expected.keys()
        worst = max([worst, *(abs(found.get(row, 0.0) - expected.get(row, 0.0)) for row in rows)])
    return CheckedRow(columns=len(states), deviation=without_noise(worst, encoded.alpha))


def _states(encoded: EncodedRow, history: HistorySystem, count: int, seed: int) -> list[RegisterState]:
    """Return the boundary cases and random states, `count` in all where there are as many: columns of L at any time."""
    found: dict[RegisterState, None] = {}
    boundary = 0
    for asked in (1, *(count << doubled for doubled in range(_DOUBLED))):
        for item in choose_columns(history, asked, seed):
            state = item.state._replace(time=0)
            if _is_told(encoded, history.layout, state):
                found.setdefault(state)
        boundary = boundary or len(found)
        if len(found) >= count:
            break
    return list(found)[: max(count, boundary)]


def _is_told(encoded: EncodedRow, layout: RegisterLayout, state: RegisterState) -> bool:
    """Whether the probe sees the level: without a product of weights it leaves that alone, and is read on level 1."""
    return max(encoded.row.operators) > 1 or state.level_code == layout.level_code(1)


def _simulated(
    encoded: EncodedRow, layout: RegisterLayout, states: Sequence[RegisterState]
) -> list[dict[int, complex]]:
    """Return what the circuit leaves of each state on level 1, every other slot and flag |0>, by the site in slot 1."""
    from carlemanc.programs.emitter import emit
    from carlemanc.programs.sparse_state import simulate

    program, bits = emit(encoded.probe("alone", 0.0)), layout.slot_bits
    slots, level = (program.registers.get(name, ())[::-1] for name in ("slots", "level"))
    initial = {}
    for label, state in enumerate(states):
        index = _spread(state.level_code, level) if level else 0
        for slot, value in enumerate(state.slots):
            index |= _spread(value, slots[slot * bits : (slot + 1) * bits])
        initial[index | label << program.width] = 1.0 + 0j
    ended = simulate(program, initial)
    clean = ended.project([wire for wire in range(program.width) if wire not in slots[:bits]])
    found: list[dict[int, complex]] = [{} for _ in states]
    labels, sites = clean.values(range(program.width, ended.width)), clean.values(slots[:bits])
    for site, label, value in zip(sites.tolist(), labels.tolist(), clean.amplitudes.tolist(), strict=True):
        found[label][site] = encoded.alpha * value
    return found


def _spread(number: int, wires: Sequence[int]) -> int:
    """Return the basis index in which wires, least significant first, hold a number."""
    return sum((number >> place & 1) << wire for place, wire in enumerate(wires))
