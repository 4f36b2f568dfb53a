"""The frontier of configurations as a table, one point a line."""

from __future__ import annotations

from carlemanc.commands.optimize import Frontier
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View


@text.register
def frontier_text(found: Frontier, view: View = FIRST) -> str:
    """Return the table: numbers of all runs, then what was chosen."""
    lines = [
        f"{found.name}: configurations that none other beats, on {found.hardware}; all runs together",
        "point  T gates    seconds    physical qubits  logical  choices",
    ]
    for number, point in enumerate(found.points, start=1):
        chosen = ", ".join(
            f"{key}={value['value']}" for key, value in point.choices.items() if value["by"] == "search"
        )
        lines.append(
            f"{number:<6} {point.t_count:<10.4g} {point.seconds:<10.4g} {point.physical_qubits:<16} "
            f"{point.logical_qubits:<8} {chosen}"
        )
    return "\n".join(lines)
