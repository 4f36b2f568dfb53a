"""One column of L at a time, sparse and classical, at any size: what `verify` holds the circuit against.

In: a `HistorySystem` and a basis state of its registers. Out: {register index: value} with Python integers, so
that a register of 89 wires is no different from one of 9. A used state at t < T has the column e - S (x) B e,
where B e for the tuple (i_1..i_s) is the sum over output tuples (l_1..l_j) with l_1 + ... + l_j = s of
G_{l_1} (x) ... (x) G_{l_j} on that tuple (THEORY 2.1), F_0 standing for l = 0; with `corrections` = p the
factors are I and F_l with at most p of the latter (THEORY 2.2). Unused states and padding rows are as
`HistorySystem.matrix` documents them. Nothing here uses the circuit or the matrix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from carlemanc.carleman.system import CarlemanSystem
from carlemanc.core.errors import TooLarge
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.register_layout import RegisterLayout
from carlemanc.linear_system.tensor_columns import ColumnOf, column_lookup
from carlemanc.model.on_demand import OnDemand

Tuple = tuple[int, ...]
MAX_ENTRIES = 1_000_000
"""Most entries of one column."""
_IDENTITY = -1


class RegisterState(NamedTuple):
    """A basis state: the value of each register, valid or not."""

    time: int
    level_code: int
    slots: Tuple


@dataclass(frozen=True, eq=False)
class HistoryColumns:
    """Columns of `history.matrix()`, each made on its own."""

    history: HistorySystem

    def column(self, state: RegisterState) -> dict[int, float]:
        """Return the column of one basis state, {row as register index: value}, zeros left out.

        Raises TooLarge where it could have over `MAX_ENTRIES` entries (a dense F_0 or F_l).
        """
        layout = self.history.layout
        found = {register_index(layout, state): 1.0}
        if state.time + 1 >= self.history.times:
            return found
        level = valid_level(layout, state)
        if level is None:
            return found
        after = state.time + 1
        if state.time >= self.history.steps:
            found[register_index(layout, state._replace(time=after))] = -1.0
            return found
        if any(value >= self.history.n for value in state.slots[:level]):
            return found
        for row, value in self._steps[self.history.schedule[state.time]].column(state.slots[:level]).items():
            if value:
                found[register_index(layout, used_state(layout, after, row))] = -value
        return found

    @cached_property
    def _steps(self) -> Mapping[int, _StepColumns]:
        """The columns of each B, by the number of its system."""
        return OnDemand(dict(enumerate(self.history.systems)), _StepColumns.of)


def register_index(layout: RegisterLayout, state: RegisterState) -> int:
    """Return the register index of a basis state as a Python integer of any width."""
    total = (state.time << layout.level_bits) | state.level_code
    for value in reversed(state.slots):
        total = (total << layout.slot_bits) | value
    return total


def register_state(layout: RegisterLayout, index: int) -> RegisterState:
    """Return the basis state of a register index."""
    mask, slots = (1 << layout.slot_bits) - 1, []
    for _ in range(layout.slots):
        slots.append(index & mask)
        index >>= layout.slot_bits
    return RegisterState(index >> layout.level_bits, index & ((1 << layout.level_bits) - 1), tuple(slots))


def used_state(layout: RegisterLayout, time: int, indices: Sequence[int]) -> RegisterState:
    """Return the state of (time, i_1..i_level): a valid level code, empty slots 0."""
    level = len(indices)
    empty = (0,) * (layout.slots - level)
    return RegisterState(time, layout.level_code(level), (*indices, *empty))


def valid_level(layout: RegisterLayout, state: RegisterState) -> int | None:
    """Return the level where the code is a thermometer and the empty slots are 0, else None."""
    code = state.level_code
    if code & (code + 1):
        return None
    level = layout.levels[code.bit_length()]
    return None if any(state.slots[level:]) else level


@dataclass(frozen=True, slots=True, eq=False)
class _StepColumns:
    """Columns of B of one Carleman system."""

    levels: Tuple
    factors: Mapping[int, ColumnOf]
    """By degree; G_1 = I + F_1 where the corrections are exact, else F_1 beside the identity."""
    corrections: int | None

    @classmethod
    def of(cls, system: CarlemanSystem) -> _StepColumns:
        exact = system.corrections is None
        operators = system.step_operators if exact else system.factor_operators
        if system.is_driven:
            _check_size(system.step_operators[0].nnz)
        return cls(
            system.levels,
            {degree: column_lookup(operator) for degree, operator in operators.items()},
            system.corrections,
        )

    def column(self, indices: Tuple) -> dict[Tuple, float]:
        """Return B on the basis state `indices`: {output tuple: value}.

        Output slots are filled one after the other; a state (inputs read, F's used) holds {rows so far: value}.
        """
        states: dict[tuple[int, int], dict[Tuple, float]] = {(0, 0): {(): 1.0}}
        found: dict[Tuple, float] = {}
        for done in range(1, self.levels[-1] + 1):
            following: dict[tuple[int, int], dict[Tuple, float]] = {}
            for (read, used), rows in states.items():
                for degree, entries in self._moves(indices[read:], used):
                    target = (read + abs(degree), used + (self.corrections is not None and degree >= 0))
                    _extend(following.setdefault(target, {}), rows, entries)
            states = following
            if done in self.levels:
                for (read, _), rows in states.items():
                    if read == len(indices):
                        for row, value in rows.items():
                            found[row] = found.get(row, 0.0) + value
        return found

    def _moves(self, rest: Tuple, used: int) -> list[tuple[int, list[tuple[int, float]]]]:
        """Return what may fill the next output slot: (degree, column); degree -1 is the identity."""
        moves = []
        if self.corrections is not None and rest:
            moves.append((_IDENTITY, [(rest[0], 1.0)]))
        if self.corrections is None or used < self.corrections:
            for degree, column in self.factors.items():
                if degree <= len(rest):
                    entries = column(rest[:degree])
                    if entries:
                        moves.append((degree, entries))
        return moves


def _extend(target: dict[Tuple, float], rows: dict[Tuple, float], entries: list[tuple[int, float]]) -> None:
    _check_size(len(target) + len(rows) * len(entries))
    for row, value in rows.items():
        for index, factor in entries:
            longer = (*row, index)
            target[longer] = target.get(longer, 0.0) + value * factor


def _check_size(entries: int) -> None:
    if entries > MAX_ENTRIES:
        raise TooLarge(
            "a column of L",
            size=f"{entries:,} entries or more",
            limit=f"{MAX_ENTRIES:,}",
            instead="Expand about a stationary point (training.center), or lower n, N or the density of F_l.",
        )
