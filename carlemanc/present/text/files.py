"""What `compile` and `system` wrote, and a circuit without files: the figures of their documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carlemanc.commands.circuit import Circuit
from carlemanc.commands.compile import Compilation
from carlemanc.commands.system import MATRIX_FILE, RHS_FILE, SystemFiles
from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount
from carlemanc.present.text.layout import FIRST, View, facts, wrapped


@text.register
def compilation_text(found: Compilation, view: View = FIRST) -> str:
    """Return the figures of the manifest, one a line."""
    return _manifest(f"{found.directory / found.document['circuit']}", found.document, view.width)


@text.register
def circuit_text(found: Circuit, view: View = FIRST) -> str:
    """Return the figures of its manifest, one a line. Raises TooLarge where it cannot be emitted."""
    return _manifest(found.name, found.manifest, view.width)


def _manifest(title: str, document: Mapping[str, Any], width: int) -> str:
    counts = document["counts"]
    pairs = [("qubits", str(document["qubits"])), *((name, str(counts[name])) for name in counts)]
    for name in ("alpha", "success_probability", "readout_probability"):
        if document[name] is not None:
            pairs.append((name, amount(document[name])))
    return "\n".join([*wrapped(f"{title}: {document['stage']}", width), *facts(pairs, width, indent="  ")])


@text.register
def system_text(files: SystemFiles, view: View = FIRST) -> str:
    """Return one line per file; one in all for a linear system as it was given."""
    found = files.document
    if "unknowns" in found:
        return (
            f"{files.directory}: {found['matrix']} ({found['rows']} rows, {found['unknowns']} unknowns, "
            f"kappa {found['kappa']['value']:.6g}), {found['rhs']}, system.json"
        )
    return (
        f"{files.directory / MATRIX_FILE}: {found['rows']} rows, {found['nonzeros']} nonzeros\n"
        f"{files.directory / RHS_FILE}: norm {found['rhs_norm']:.6g}\n"
        f"{files.directory / 'system.json'}: layout, solution indices, gamma {found['gamma']:.6g}"
    )
