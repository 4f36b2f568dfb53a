"""`verify`: columns of the emitted block encoding of L against the classical operator, at any size.

The circuit is run gate by gate by the sparse-state simulator on basis states, its ancillas projected on 0; the
column of L is made from the tensors or stencils alone (`linear_system.columns`). The two share no code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from carlemanc.commands.opening import check_resolved, open_spec
from carlemanc.commands.run_given import SparseVerification, verify_system
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.progress import task
from carlemanc.core.rounding import without_noise
from carlemanc.core.shown import Shown
from carlemanc.linear_system.columns import HistoryColumns, register_index
from carlemanc.linear_system.hard_columns import HardColumn, choose_columns
from carlemanc.programs.emitter import emit
from carlemanc.programs.program import Program
from carlemanc.programs.sparse_state import simulate_columns
from carlemanc.sources.source import SpecLike, loaded

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


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedColumn:
    """One column: the largest |alpha <row|<0| U |0>|column> - L[row, column]| over all rows, 0 where it is rounding."""

    column: HardColumn
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Shown):
    """What `verify` found."""

    name: str
    n: int
    steps: int
    order: int
    alpha: float
    qubits: int
    seed: int
    tolerance: float
    checked: tuple[CheckedColumn, ...]

    @property
    def worst(self) -> CheckedColumn:
        """The column with the largest deviation."""
        return max(self.checked, key=lambda item: item.deviation)

    @property
    def failure(self) -> str | None:
        """A sentence where a column misses the tolerance, else None."""
        found = self.worst
        if found.deviation <= self.tolerance:
            return None
        return (
            f"a column of the block encoding ({found.column.kind}: {state_text(found.column)}) is off by "
            f"{found.deviation:.3g}, above the tolerance {self.tolerance:g}"
        )

    @property
    def kinds(self) -> dict[str, list[CheckedColumn]]:
        """The columns by what they try."""
        found: dict[str, list[CheckedColumn]] = {}
        for item in self.checked:
            found.setdefault(item.column.kind, []).append(item)
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the document; integers of any width stay exact."""
        state = self.worst.column.state
        return {
            "n": self.n,
            "T": self.steps,
            "N": self.order,
            "alpha": self.alpha,
            "qubits": self.qubits,
            "columns": len(self.checked),
            "deviation": self.worst.deviation,
            "tolerance": self.tolerance,
            "seed": self.seed,
            "worst": {
                "kind": self.worst.column.kind,
                "time": state.time,
                "level_code": state.level_code,
                "slots": list(state.slots),
            },
            "kinds": {
                kind: {"columns": len(items), "deviation": max(item.deviation for item in items)}
                for kind, items in self.kinds.items()
            },
        }


def verify(
    spec: SpecLike,
    *,
    columns: int = COLUMNS,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    overrides: Iterable[str] = (),
) -> Verification | SparseVerification:
    """Check `columns` columns of the block encoding, or every boundary case where these are more.

    Raises InputError for a system without a circuit or bad options, TooLarge where a column's state has too
    many amplitudes or entries.
    """
    _check_options(columns, seed, tolerance)
    spec = loaded(spec, overrides)
    if spec.system is not None:
        return verify_system(spec, (), columns=columns, seed=seed, tolerance=tolerance)
    opened = open_spec(spec, command="verify")
    lifted = opened.lifted
    encoding = opened.leading_within(_ROUNDING * tolerance).encodings[0]  # as the spec's own, finer angles
    check_resolved(encoding)
    program = emit(encoding)
    chosen = choose_columns(lifted.history, columns, seed)
    return Verification(
        name=spec.name,
        n=lifted.n,
        steps=lifted.history.steps,
        order=lifted.order,
        alpha=float(encoding.alpha),
        qubits=program.width,
        seed=seed,
        tolerance=tolerance,
        checked=tuple(check_columns(program, float(encoding.alpha), HistoryColumns(lifted.history), chosen)),
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


def _distance(found: dict[int, complex], expected: dict[int, float]) -> float:
    """Return the largest absolute difference over the rows of either."""
    return max(abs(found.get(row, 0.0) - expected.get(row, 0.0)) for row in {*found, *expected})


def state_text(column: HardColumn) -> str:
    state = column.state
    slots = ", ".join(str(value) for value in state.slots)
    return f"time {state.time}, level code {state.level_code:b}, slots ({slots})"


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
