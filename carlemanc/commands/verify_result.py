"""The results of `verify`: the block encoding of L against the classical operator, column by column."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.document import Document
from carlemanc.core.shown import Shown
from carlemanc.linear_system.columns import RegisterState
from carlemanc.linear_system.hard_columns import HardColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedColumn:
    """One column: the largest |alpha <row|<0| U |0>|column> - L[row, column]| over all rows, 0 where it is rounding."""

    column: HardColumn
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationCheck(Document):
    """Entries of the emitted preparation of b against b, each in units of the largest of its time and level."""

    rows: int
    deviation: float
    worst: RegisterState
    qubits: int

    KEYS = "rows deviation qubits worst.time=worst.time worst.level_code=worst.level_code worst.slots=worst.slots"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsCheck(Document):
    """Columns of the rows that an observable is encoded by, against their tensors; none where it has none."""

    name: str
    rows: int
    columns: int
    deviation: float

    KEYS = "name rows columns deviation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Shown, Document):
    """Columns of the block encoding of a history against the columns that its maps give."""

    name: str
    n: int
    steps: int
    order: int
    alpha: float
    qubits: int
    seed: int
    tolerance: float
    checked: tuple[CheckedColumn, ...]
    preparation: PreparationCheck | None
    """None where b has no circuit: a list that is priced by lookup."""
    observables: tuple[RowsCheck, ...]
    """Of each observable that the spec reads."""

    BRIEF = "name n steps order columns deviation=worst.deviation tolerance failure"
    KEYS = """
        n T=steps N=order alpha qubits columns deviation=worst.deviation tolerance seed worst.kind=worst.column.kind
        worst.time=worst.column.state.time worst.level_code=worst.column.state.level_code
        worst.slots=worst.column.state.slots kinds preparation observables
    """

    @property
    def columns(self) -> int:
        """Number of columns that were checked."""
        return len(self.checked)

    @property
    def worst(self) -> CheckedColumn:
        """The column with the largest deviation."""
        return max(self.checked, key=lambda item: item.deviation)

    @property
    def failure(self) -> str | None:
        """A sentence where a column misses the tolerance, else None."""
        found, prepared = self.worst, self.preparation
        if found.deviation > self.tolerance:
            return (
                f"a column of the block encoding ({found.column.kind}: {state_text(found.column.state)}) is off by "
                f"{found.deviation:.3g}, above the tolerance {self.tolerance:g}"
            )
        if prepared is not None and prepared.deviation > self.tolerance:
            return (
                f"an entry of the preparation of b ({state_text(prepared.worst)}) is off by {prepared.deviation:.3g} "
                f"of the largest of its level, above the tolerance {self.tolerance:g}"
            )
        for item in self.observables:
            if item.deviation > self.tolerance:
                return (
                    f"a column of what {item.name} is encoded by is off by {item.deviation:.3g}, above the tolerance "
                    f"{self.tolerance:g}"
                )
        return None

    @property
    def kinds(self) -> dict[str, dict[str, float]]:
        """How many columns try what, and the largest deviation of these."""
        found: dict[str, list[float]] = {}
        for item in self.checked:
            found.setdefault(item.column.kind, []).append(item.deviation)
        return {kind: {"columns": len(each), "deviation": max(each)} for kind, each in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class SparseVerification(Shown, Document):
    """Columns of the emitted block encoding against the sparse matrix."""

    name: str
    unknowns: int
    alpha: float
    qubits: int
    columns: int
    deviation: float
    worst: int
    tolerance: float
    seed: int

    BRIEF = "name unknowns columns deviation tolerance failure"
    KEYS = "unknowns alpha qubits columns deviation worst tolerance seed"

    @property
    def failure(self) -> str | None:
        """A sentence where a column misses the tolerance, else None."""
        if self.deviation <= self.tolerance:
            return None
        return f"column {self.worst} of the block encoding is off by {self.deviation:.3g}, above {self.tolerance:g}"


def state_text(state: RegisterState) -> str:
    """Return a basis state in words."""
    slots = ", ".join(str(value) for value in state.slots)
    return f"time {state.time}, level code {state.level_code:b}, slots ({slots})"
