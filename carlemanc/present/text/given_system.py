"""What `run`, `system` and `verify` say of a `[system]`, a linear system as it is."""

from __future__ import annotations

from carlemanc.commands.run_given import SparseVerification, SystemRun
from carlemanc.present.text import text

_SHOWN = 8
"""Unknowns that are listed."""


@text.register
def system_run_text(found: SystemRun) -> str:
    """Return x beside scipy's."""
    size = f"{found.qubits} qubits, {found.gates} gates" if found.qubits else "exact arithmetic, no gates"
    lines = [
        f"{found.name}: {size}, {found.method}, back end {found.backend}, {found.seconds:.1f} s",
        *([f"back end matrix was chosen: {found.backend_reason}"] if found.backend_reason else []),
        "",
        "unknown    quantum           scipy spsolve",
    ]
    for i in range(min(_SHOWN, len(found.x))):
        lines.append(f"x_{i:<8} {found.x[i]:<17.10g} {found.x_classical[i]:.10g}")
    if len(found.x) > _SHOWN:
        lines.append(f"... {len(found.x) - _SHOWN} more (all with --json)")
    return "\n".join(
        [
            *lines,
            "",
            f"relative error       {found.solver_error:.3g}   (its share {found.solver_share:.3g} of epsilon "
            f"{found.epsilon:g})",
            f"success probability  {found.success_probability:.4g}",
        ]
    )


@text.register
def sparse_verification_text(found: SparseVerification) -> str:
    """Return the result as text."""
    return (
        f"{found.name}: {found.unknowns} unknowns, block encoding of L, {found.qubits} qubits, alpha "
        f"{found.alpha:.6g}\n{found.columns} columns, largest deviation {found.deviation:.3g} (column {found.worst}), "
        f"tolerance {found.tolerance:g}"
    )
