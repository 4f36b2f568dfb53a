"""What `verify` found: columns of a block encoding against the classical operator."""

from __future__ import annotations

from carlemanc.commands.verify import Verification, state_text
from carlemanc.present.text import text


@text.register
def verification_text(found: Verification) -> str:
    """Return the result as text."""
    lines = [
        f"spec               {found.name}: n = {found.n}, N = {found.order}, T = {found.steps}",
        f"circuit            block encoding of L, {found.qubits} qubits, alpha = {found.alpha:.6g}",
        f"columns            {len(found.checked)}, every boundary case among them",
        f"largest deviation  {found.worst.deviation:.3g} of alpha <0|U|0> from L, at {found.worst.column.kind}: "
        f"{state_text(found.worst.column)}",
        f"tolerance          {found.tolerance:g}",
        "",
        "kind                    columns  largest deviation",
    ]
    for kind, items in found.kinds.items():
        most = max(item.deviation for item in items)
        lines.append(f"{kind:<22}  {len(items):>7}  {most:.3g}")
    return "\n".join(lines)
