"""A circuit as a small page: what it is, and its counts once it was emitted."""

from __future__ import annotations

from carlemanc.commands.circuit import Circuit
from carlemanc.present.cell import facts_of, parts_of
from carlemanc.present.cell.fragment import Part
from carlemanc.present.page.document import Fact, FactList


@parts_of.register
def circuit_parts(found: Circuit) -> list[Part]:
    """Return its plain fields; nothing is emitted to be shown."""
    parts: list[Part] = [facts_of(found)]
    if found.is_emitted:
        manifest = found.manifest
        counts = {"qubits": manifest["qubits"], **manifest["counts"]}
        parts.append(FactList(tuple(Fact(key, f"{value:,}") for key, value in counts.items())))
    return parts
