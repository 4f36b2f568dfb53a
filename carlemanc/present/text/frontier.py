"""The frontier of configurations: the best in each quantity, then one point a line."""

from __future__ import annotations

from collections.abc import Callable

from carlemanc.commands.optimize import Frontier, FrontierPoint
from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount, duration
from carlemanc.present.text.choices import chosen_words
from carlemanc.present.text.layout import FIRST, View, limited, table, wrapped

_ROWS = 18
"""Points of the first screen."""
_HEADS = ("point", "T gates", "seconds", "physical qubits", "logical qubits", "chosen here")


@text.register
def frontier_text(found: Frontier, view: View = FIRST) -> str:
    """Return who is best, what is chosen at every point alike, and the table: numbers of all runs."""
    points, width = found.points, view.width
    first = points[0].choices
    alike = [key for key in first if all(point.choices[key] == first[key] for point in points)]
    rows = [
        (
            str(number),
            amount(point.t_count),
            duration(point.seconds),
            amount(point.physical_qubits),
            amount(point.logical_qubits),
            chosen_words(point.choices, set(point.choices) - set(alike)),
        )
        for number, point in enumerate(points, start=1)
    ]
    lines = table(_HEADS, rows, width, words=(0, 2, 5), cut=not view.whole)
    head = len(lines) - len(rows) if not view.whole else 0
    shown = lines if view.whole else lines[:head] + limited(lines[head:], _ROWS, "points")
    common = chosen_words(first, alike)
    return "\n".join(
        [
            *wrapped(_verdict(found), width),
            *(wrapped(f"Chosen at every point: {common}.", width) if common else []),
            "",
            *shown,
        ]
    )


def _verdict(found: Frontier) -> str:
    """Return which point is best in what."""

    def least(quantity: Callable[[FrontierPoint], float]) -> int:
        return min(range(len(found.points)), key=lambda place: quantity(found.points[place]))

    t, time, qubits = (
        least(one)
        for one in (
            lambda point: point.t_count,
            lambda point: point.seconds,
            lambda point: point.physical_qubits,
        )
    )
    points = found.points
    return (
        f"{found.name}: {len(points)} configurations that none other beats, all runs on {found.hardware}. Fewest T "
        f"gates: {amount(points[t].t_count)} (point {t + 1}); least time: {duration(points[time].seconds)} (point "
        f"{time + 1}); fewest physical qubits: {amount(points[qubits].physical_qubits)} (point {qubits + 1})."
    )
