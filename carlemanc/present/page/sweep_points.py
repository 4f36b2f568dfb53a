"""The rows of a sweep as points: which axes are numbers, and which lines the points lie on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carlemanc.present.figures.axis import Number
from carlemanc.present.number_words import power_of_two
from carlemanc.present.page.costs import Costs, costs_of
from carlemanc.present.page.files import Json
from carlemanc.present.page.material import Material

SHORT_NAMES = {
    "model.n": "n",
    "training.steps": "T",
    "carleman.order": "N",
    "solver.epsilon": "epsilon",
    "solver.method": "method",
    "training.learning_rate": "eta",
}
MAX_ROWS = 400
"""Points that a table lists; the files beside the report have all."""
_FROM_ESTIMATE = {"model.n": "n", "model.dims": "n", "training.steps": "T", "carleman.order": "N"}
"""Keys whose number is that of the estimate: dims are sites, an example's n may follow from its data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A grid point with an estimate: its texts by key, and its figures."""

    at: dict[str, str]
    estimate: Json
    costs: Costs

    def number(self, key: str) -> Number | None:
        """Return the number of an axis at this point, None where it is none."""
        if key in _FROM_ESTIMATE and isinstance(self.estimate.get(_FROM_ESTIMATE[key]), int):
            return self.estimate[_FROM_ESTIMATE[key]]  # type: ignore[no-any-return]
        return _number(self.at.get(key, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Points that differ along one axis only, in its order."""

    label: str
    points: tuple[Point, ...]


def points_of(material: Material) -> tuple[Point, ...]:
    """Return the points that have an estimate."""
    return tuple(
        Point(at=texts_of(row), estimate=row["estimate"], costs=costs_of(row["estimate"]))
        for row in material.estimated_rows
    )


def texts_of(row: Json) -> dict[str, str]:
    """Return the grid point of a row: the text of every key."""
    pairs = (str(text).partition("=") for text in row["overrides"])
    return {key.strip(): value.strip() for key, _, value in pairs}


def keys_of(points: Sequence[Point]) -> list[str]:
    """Return all keys of the grid, in order."""
    return list(dict.fromkeys(key for point in points for key in point.at))


def numeric_axes(points: Sequence[Point]) -> list[str]:
    """Return the keys along which the points have at least two numbers."""
    found = []
    for key in keys_of(points):
        numbers = [point.number(key) for point in points]
        if None not in numbers and len(set(numbers)) > 1:
            found.append(key)
    return found


def lines_along(points: Sequence[Point], key: str) -> list[Line]:
    """Return the lines along an axis, one for every setting of the other keys; only those of two points or more."""
    others = [other for other in keys_of(points) if other != key]
    lines: dict[str, list[Point]] = {}
    for point in points:
        lines.setdefault(label_of(point, others), []).append(point)
    return [
        Line(label=label, points=tuple(sorted(found, key=lambda point: point.number(key) or 0)))
        for label, found in lines.items()
        if len({point.number(key) for point in found}) > 1
    ]


def label_of(point: Point, keys: Sequence[str]) -> str:
    """Return the setting of some keys in words."""
    return ", ".join(f"{short_name(key)} = {setting(point.at[key])}" for key in keys if key in point.at)


def setting(text: str) -> str:
    """Return the text of a value, a large power of two as such."""
    number = _number(text)
    return (power_of_two(number) if isinstance(number, int) and number > 0 else "") or text


def spread(lines: Sequence[Line], most: int) -> list[Line]:
    """Return at most so many lines, the first and the last among them."""
    if len(lines) <= most:
        return list(lines)
    return [lines[round(k * (len(lines) - 1) / (most - 1))] for k in range(most)]


def short_name(key: str) -> str:
    """Return the symbol of a key, or its last part."""
    return SHORT_NAMES.get(key, key.rpartition(".")[2])


def axis_name(key: str) -> str:
    """Return the symbol of the number along an axis: n where the sites of a lattice vary."""
    return _FROM_ESTIMATE.get(key) or short_name(key)


def t_of(point: Point) -> int:
    """Return the T gates of a run, Toffoli as 4 and rotations synthesized."""
    return point.costs.t


def qubits_of(point: Point) -> int:
    """Return the logical qubits."""
    return point.costs.qubits


def t_of_all_runs(point: Point) -> int:
    """Return the T gates of all runs, 0 where their number is not known."""
    return point.costs.t_in_all or 0


def x_of(point: Point, key: str) -> Number:
    """Return the number of a point along one of the numeric axes."""
    number = point.number(key)
    assert number is not None, "numeric_axes has checked that"
    return number


def _number(text: str) -> Number | None:
    for kind in (int, float):
        try:
            value = kind(text.replace("_", ""))
        except ValueError:
            continue
        return value if value - value == 0 else None  # infinities and NaN are no place on an axis
    return None
