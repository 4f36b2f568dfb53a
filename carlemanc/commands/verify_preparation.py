"""Entries of the emitted preparation of b against b itself, at any size: the circuit is undone on basis states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from qualtran import Bloq

from carlemanc.bloqs.lookups.counted_only import is_counted_only
from carlemanc.commands.verify_result import PreparationCheck
from carlemanc.core.arrays import ComplexArray
from carlemanc.core.errors import TooLarge
from carlemanc.core.progress import task
from carlemanc.core.rounding import without_noise
from carlemanc.linear_system.columns import register_index
from carlemanc.linear_system.history import HistorySystem
from carlemanc.linear_system.rhs_rows import RhsRows, choose_rows
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_state import prepared_amplitudes

_BATCH = 32


def check_preparation(
    preparation: Bloq, history: HistorySystem, count: int, seed: int
) -> PreparationCheck | None:
    """Return the largest |b_row - ||b|| <row|V|0>| over `count` rows or more, in units of the largest b of its level.

    None where V is counted and has no circuit. Raises TooLarge where undoing one row makes too many amplitudes.
    """
    if is_counted_only(preparation):
        return None
    undone, rows, norm = emit(preparation.adjoint()), choose_rows(history, count, seed), history.rhs_norm()
    known = RhsRows(history)
    found = _amplitudes(undone, [register_index(history.layout, state) for state in rows])
    deviations = [
        without_noise(abs(norm * value - known.entry(state)) / known.largest(state), 1.0)
        for state, value in zip(rows, found.tolist(), strict=True)
    ]
    worst = int(np.argmax(deviations))
    return PreparationCheck(
        rows=len(rows), deviation=deviations[worst], worst=rows[worst], qubits=undone.width
    )


def _amplitudes(undone: Program, rows: Sequence[int]) -> ComplexArray:
    found = np.zeros(len(rows), dtype=np.complex128)
    done, batch = 0, _BATCH
    with task("rows of b", len(rows)) as progress:
        while done < len(rows):
            part = rows[done : done + batch]
            try:
                found[done : done + len(part)] = prepared_amplitudes(
                    undone, "system", part, label="preparation of b"
                )
            except TooLarge:
                if len(part) == 1:
                    raise
                batch = max(1, len(part) // 4)
                continue
            done += len(part)
            progress.advance(len(part))
    return found
