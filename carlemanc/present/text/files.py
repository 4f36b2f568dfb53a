"""What `compile` and `system` wrote: the files, and the figures of their documents."""

from __future__ import annotations

from carlemanc.pipeline.compilation import Compilation
from carlemanc.pipeline.system_files import MATRIX_FILE, RHS_FILE, SystemFiles
from carlemanc.present.text import text


@text.register
def compilation_text(found: Compilation) -> str:
    """Return the figures of the manifest, one a line."""
    counts = found.document["counts"]
    lines = [f"{found.directory / found.document['circuit']}: {found.document['stage']}"]
    lines.append(f"  qubits              {found.document['qubits']}")
    lines += [f"  {name:<19} {counts[name]}" for name in counts]
    for name in ("alpha", "success_probability", "readout_probability"):
        if found.document[name] is not None:
            lines.append(f"  {name:<19} {found.document[name]:.6g}")
    return "\n".join(lines)


@text.register
def system_text(found: SystemFiles) -> str:
    """Return one line per file."""
    return (
        f"{found.directory / MATRIX_FILE}: {found.document['rows']} rows, {found.document['nonzeros']} nonzeros\n"
        f"{found.directory / RHS_FILE}: norm {found.document['rhs_norm']:.6g}\n"
        f"{found.directory / 'system.json'}: layout, solution indices, gamma {found.document['gamma']:.6g}"
    )
