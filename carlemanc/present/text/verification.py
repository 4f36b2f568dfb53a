"""What `verify` found: columns of a block encoding against the classical operator."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.commands.verify_result import (
    PreparationCheck,
    RowsCheck,
    SparseVerification,
    Verification,
    state_text,
)
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View


@text.register
def verification_text(found: Verification, view: View = FIRST) -> str:
    """Return the result as text."""
    lines = [
        f"spec               {found.name}: n = {found.n}, N = {found.order}, T = {found.steps}",
        f"circuit            block encoding of L, {found.qubits} qubits, alpha = {found.alpha:.6g}",
        f"columns            {found.columns}, every boundary case among them",
        f"largest deviation  {found.worst.deviation:.3g} of alpha <0|U|0> from L, at {found.worst.column.kind}: "
        f"{state_text(found.worst.column.state)}",
        *_preparation(found.preparation),
        *_observables(found.observables),
        f"tolerance          {found.tolerance:g}",
        "",
        "kind                    columns  largest deviation",
    ]
    for kind, every in found.kinds.items():
        lines.append(f"{kind:<22}  {every['columns']:>7}  {every['deviation']:.3g}")
    return "\n".join(lines)


def _preparation(found: PreparationCheck | None) -> list[str]:
    if found is None:
        return ["preparation of b   no circuit: its amplitudes are priced by lookup"]
    return [
        f"preparation of b   {found.rows} entries, {found.qubits} qubits, largest deviation {found.deviation:.3g} of "
        f"the largest entry of its level, at {state_text(found.worst)}"
    ]


def _observables(found: Sequence[RowsCheck]) -> list[str]:
    return [
        f"{item.name:<18} {item.columns} columns of what it is encoded by, largest deviation {item.deviation:.3g}"
        if item.rows
        else f"{item.name:<18} read by shifts and overlaps: it has no encoding to check"
        for item in found
    ]


@text.register
def sparse_verification_text(found: SparseVerification, view: View = FIRST) -> str:
    """Return the result as text."""
    return (
        f"{found.name}: {found.unknowns} unknowns, block encoding of L, {found.qubits} qubits, alpha "
        f"{found.alpha:.6g}\n{found.columns} columns, largest deviation {found.deviation:.3g} (column {found.worst}), "
        f"tolerance {found.tolerance:g}"
    )
