"""`verify`: the emitted encodings of L and of observables and the preparation of b against classical ones, at any size.

The circuit is run gate by gate by the sparse-state simulator on basis states, its ancillas projected on 0; the
column of L is made from the tensors or stencils alone (`linear_system.columns`), or is read from the file it was given
in. Entries of the preparation of b and columns of observables are compared in the same way. The two share no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from carlemanc.commands.opening import check_resolved, open_spec
from carlemanc.commands.verify_observables import check_observables
from carlemanc.commands.verify_preparation import check_preparation
from carlemanc.commands.verify_result import CheckedColumn, SparseVerification, Verification
from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.progress import task
from carlemanc.core.rounding import without_noise
from carlemanc.linear_system.columns import HistoryColumns, register_index
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.hard_columns import HardColumn, choose_columns
from carlemanc.linear_system.lifted import Lifted
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_state import simulate_columns
from carlemanc.sources.source import SpecLike

COLUMNS = 200
"""Columns that are checked by default; every boundary case is checked whatever the number."""
MAX_COLUMNS = 100_000
"""Columns that are checked in one run: some minutes."""
TOLERANCE = 1e-9
_ROUNDING = 0.1
"""Part of the tolerance left to the rounding of loaded coefficients."""
_FIRST_BATCH = 8
_LARGEST_BATCH = 128
_LONG = 50_000
"""From so many gates on the passes over the circuit cost more than the amplitudes: one batch if it fits."""


def verify(
    spec: SpecLike,
    *,
    columns: int = COLUMNS,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    overrides: Iterable[str] = (),
) -> Verification | SparseVerification:
    """Check `columns` columns of the block encoding, or every boundary case where these are more.

    Args:
        spec: the model.
        columns: how many, at most 100,000.
        seed: of the random columns.
        tolerance: largest deviation of an entry of L that passes.
        overrides: `KEY=VALUE` strings.

    Raises InputError for a system without a circuit or bad options, TooLarge where a column's state has too
    many amplitudes or entries.
    """
    _check_options(columns, seed, tolerance)
    opened = open_spec(spec, overrides, command="verify", searched=False)
    encoding = opened.leading_within(_ROUNDING * tolerance).encodings[0]  # as the spec's own, finer angles
    if isinstance(opened.system, Lifted):
        check_resolved(encoding)
    program, alpha = emit(encoding), float(encoding.alpha)
    shared: dict[str, Any] = {
        "name": opened.spec.name,
        "alpha": alpha,
        "qubits": program.width,
        "seed": seed,
        "tolerance": tolerance,
    }
    if isinstance(opened.system, Given):
        chosen, deviations = _given_deviations(opened.system, program, alpha, columns, seed)
        worst = int(np.argmax(deviations))
        return SparseVerification(
            **shared,
            unknowns=opened.system.n,
            columns=len(chosen),
            deviation=without_noise(float(deviations[worst]), alpha),
            worst=chosen[worst],
        )
    lifted = opened.lifted
    hard = choose_columns(lifted.history, columns, seed)
    return Verification(
        **shared,
        n=lifted.n,
        steps=lifted.steps,
        order=lifted.order,
        checked=tuple(check_columns(program, alpha, HistoryColumns(lifted.history), hard)),
        preparation=check_preparation(opened.preparation, lifted.history, columns, seed),
        observables=check_observables(opened, columns, seed),
    )


def check_columns(
    program: Program, alpha: float, columns: HistoryColumns, chosen: Sequence[HardColumn]
) -> list[CheckedColumn]:
    """Return the deviation of every chosen column of alpha <0|U|0> on the register `system`.

    Columns are simulated together, in batches that keep the state small.
    """
    checked: list[CheckedColumn] = []
    batch = _FIRST_BATCH if len(program) < _LONG else len(chosen)
    with task("columns", len(chosen)) as progress:
        while len(checked) < len(chosen):
            part = chosen[len(checked) : len(checked) + batch]
            try:
                found = _deviations(program, alpha, columns, part)
            except TooLarge:
                if len(part) == 1:
                    raise
                batch = max(1, len(part) // 4)
                continue
            checked += found
            progress.advance(len(part))
            batch = max(batch, min(_LARGEST_BATCH, 2 * batch))
    return checked


def _deviations(
    program: Program, alpha: float, columns: HistoryColumns, part: Sequence[HardColumn]
) -> list[CheckedColumn]:
    layout = columns.history.layout
    indices = [register_index(layout, item.state) for item in part]
    rows, labels, values = simulate_columns(
        program, "system", indices, project_early=True, label="block encoding"
    )
    found: list[dict[int, complex]] = [{} for _ in part]
    for row, label, value in zip(rows.tolist(), labels.tolist(), values.tolist(), strict=True):
        found[label][row] = alpha * value
    return [
        CheckedColumn(
            column=item, deviation=without_noise(_distance(entries, columns.column(item.state)), alpha)
        )
        for item, entries in zip(part, found, strict=True)
    ]


def _given_deviations(
    given: Given, program: Program, alpha: float, columns: int, seed: int
) -> tuple[list[int], FloatArray]:
    """Return columns of the padded matrix, the first and the last among them, and their deviations."""
    matrix = given.system.matrix.tocsc()
    rows = matrix.shape[0]
    inner = 1 + np.random.default_rng(seed).permutation(rows - 2)[: max(0, columns - 2)]
    chosen = sorted([0, *inner.tolist(), rows - 1])
    at, labels, values = simulate_columns(
        program, "system", chosen, project_early=True, label="block encoding"
    )
    found = np.zeros((rows, len(chosen)), dtype=complex)
    found[at.astype(np.int64), labels.astype(np.int64)] = alpha * values
    return chosen, np.abs(found - matrix[:, chosen].toarray()).max(axis=0)


def _distance(found: dict[int, complex], expected: dict[int, float]) -> float:
    """Return the largest absolute difference over the rows of either."""
    return max(abs(found.get(row, 0.0) - expected.get(row, 0.0)) for row in {*found, *expected})


def _check_options(columns: int, seed: int, tolerance: float) -> None:
    problems = []
    if not 1 <= columns <= MAX_COLUMNS:
        allowed = f"a whole number from 1 to {MAX_COLUMNS:,}"
        problems.append(Problem(where="--columns", found=str(columns), allowed=allowed))
    if seed < 0:
        problems.append(Problem(where="--seed", found=str(seed), allowed="a whole number from 0 on"))
    if not 0 < tolerance < 1:
        problems.append(
            Problem(where="--tolerance", found=f"{tolerance:g}", allowed="a number between 0 and 1")
        )
    if problems:
        raise InputError("verify cannot check that", problems)
