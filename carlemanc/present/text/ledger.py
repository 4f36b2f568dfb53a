"""A ledger of counts as an aligned table."""

from __future__ import annotations

from collections.abc import Iterator

from carlemanc.costs.ledger import Ledger, LedgerRow
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View, table

LEVELS = 2
"""How deep the tree of parts is shown."""


@text.register
def ledger_text(ledger: Ledger, view: View = FIRST) -> str:
    """Return an aligned table with the total in its last line, `LEVELS` deep.

    Parts that cost neither a T nor a Toffoli nor a rotation are left out below the first level, and so is what
    a part is made of where the part above it is made of the same.
    """
    rows = []
    for name, row in _shown(ledger.rows, LEVELS):
        each = ["-" if row.each(column) is None else row.each(column) for column in ("t", "toffoli")]
        cells = (row.calls, each[0], row.t, each[1], row.toffoli, row.rotations, row.qubits)
        rows.append((name, *map(str, cells)))
    t, toffoli, rotations = (str(ledger.total(column)) for column in ("t", "toffoli", "rotations"))
    rows.append(("total", "", "", t, "", toffoli, rotations, ""))
    heads = ("part", "calls", "T each", "T", "Toffoli each", "Toffoli", "rotations", "qubits")
    return "\n".join(table(heads, rows, view.width))


def _shown(rows: tuple[LedgerRow, ...], levels: int, indent: str = "") -> Iterator[tuple[str, LedgerRow]]:
    above: set[str] = set()
    for row in rows:
        if indent and not _costs(row):
            continue
        yield indent + row.part, row
        below = {child.part.removeprefix("adjoint of ") for child in row.children if _costs(child)}
        if levels > 1 and below != above:
            yield from _shown(row.children, levels - 1, f"{indent}  ")
        above = below


def _costs(row: LedgerRow) -> bool:
    return bool(row.t or row.toffoli or row.rotations)
