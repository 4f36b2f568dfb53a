"""What the T gates are spent on: loading, arithmetic, rotations, phases, failed attempts, readout.

Comes in: the ledger of a run and its totals. Goes out: a tree for each cause, whose sums are the counts of the ledger
exactly; an adjoint counts with what it undoes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from carlemanc.present.page.costs import costs_of, rotation_states
from carlemanc.present.page.files import Json, table

LOADING, ARITHMETIC, ROTATIONS, PHASES, FAILED, READOUT = (
    "loading",
    "arithmetic",
    "rotations",
    "phases",
    "failed attempts",
    "readout",
)
_LOADS = frozenset(["prepare", "lookup", "table", "loaded", "amplitude", "amplitudes", "unary", "QRAM"])
"""Words in the names of parts that bring data or coefficients into the circuit; all that they call does."""
_START, _CATALYST = "prepare b", "catalyst of the phase gradient"
_ADJOINTS = ("its adjoint", "its controlled adjoint")
"""What the ledger calls the adjoint of the row above."""
_ROUNDING = Fraction(1, 1000)
"""Totals of all runs have four digits: less than this part of them is no cost beside the runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """T gates, a Toffoli as 4 and a rotation at its mean price, of a part and of what it calls."""

    part: str
    t: Fraction
    children: tuple[Spent, ...] = ()


_ByCause = Mapping[str, tuple[Spent, ...]]


def causes_of(estimate: Json) -> tuple[Spent, ...]:
    """Return what all runs are spent on, by cause; where their number is not known, what one run is.

    A run that gives no copy is a failed attempt; circuits that hold many uses of a run throw none away, and what
    they take beside these uses is of the readout.
    """
    of_a_run = causes_of_a_run(estimate)
    costs = costs_of(estimate)
    if not costs.runs or costs.t_in_all is None:
        return of_a_run
    copies, failed, a_run = Fraction(costs.runs), Fraction(0), sum_of(of_a_run)
    chance = table(estimate.get("readout")).get("copy_probability")
    if costs.reading.unit == "runs" and isinstance(chance, int | float):
        copies = min(Fraction(chance), Fraction(1)) * costs.runs
        failed = (costs.runs - copies) * a_run
    beside = costs.t_in_all - costs.runs * a_run
    found = [_times(cause, copies) for cause in of_a_run]
    if failed:
        found.append(Spent(part=FAILED, t=failed))
    if beside > _ROUNDING * costs.t_in_all:
        found.append(Spent(part=READOUT, t=beside))
    return tuple(found)


def causes_of_a_run(estimate: Json) -> tuple[Spent, ...]:
    """Return what one run is spent on, by cause; causes that take nothing are left out."""
    rows = estimate.get("breakdown") or ()
    split = _merged(_split(row, name, cause, _price(estimate)) for row, name, cause in _starts(rows))
    found = (_whole(cause, split.get(cause, ())) for cause in (LOADING, ARITHMETIC, ROTATIONS, PHASES))
    return tuple(cause for cause in found if cause.t)


def _price(estimate: Json) -> Fraction:
    """T gates of a rotation, in the mean; none where the ledger has them synthesized."""
    synthesis = table(estimate.get("rotation_synthesis"))
    rotations = sum(row.get("rotations") or 0 for row in estimate.get("breakdown") or ())
    if not rotations or synthesis.get("included_in_t_count"):
        return Fraction(0)
    return Fraction(rotation_states(synthesis), rotations)


def _starts(rows: Iterable[Json]) -> list[tuple[Json, str, str]]:
    """The rows of the ledger with the names of their forward parts and their causes; the last are the method's own."""
    found: list[tuple[Json, str, str]] = []
    above = ""
    for row in rows:
        part = str(row.get("part"))
        name = above if part in _ADJOINTS else _forward(part)
        if name not in (_START, _CATALYST):
            above = name
        cause = {_START: LOADING, _CATALYST: ROTATIONS}.get(name, ARITHMETIC)
        found.append((row, name, cause))
    own = [place for place, (_, name, _) in enumerate(found) if name not in (_START, _CATALYST)]
    if len(own) > 1:
        row, name, _ = found[own[-1]]
        found[own[-1]] = (row, name, PHASES)
    return found


def _forward(part: str) -> str:
    """The name of a part without what says that it is undone."""
    if part == "unprepare b":
        return _START
    return part.removeprefix("adjoint of ").removesuffix(" undone")


def _split(row: Json, name: str, cause: str, price: Fraction) -> _ByCause:
    """The cost of a row by cause; what its children leave is its own."""
    if cause == ARITHMETIC and _LOADS & set(name.split()):
        cause = LOADING
    children = row.get("children") or ()
    inner = _merged(_split(child, _forward(str(child.get("part"))), cause, price) for child in children)
    gates = _gates(row) - sum(map(_gates, children))
    rotations = (row.get("rotations") or 0) - sum(child.get("rotations") or 0 for child in children)
    found: dict[str, Spent] = {}
    for one, own in ((cause, Fraction(gates)), (ROTATIONS, price * rotations)):
        of_children = inner.get(one, ())
        found[one] = _whole(name, of_children, own + (found[one].t if one in found else 0))
    for one in inner.keys() - found.keys():
        found[one] = _whole(name, inner[one])
    return {one: (spent,) for one, spent in found.items() if spent.t}


def _gates(row: Json) -> int:
    return int((row.get("t") or 0) + 4 * (row.get("toffoli") or 0))


def _merged(found: Iterable[_ByCause]) -> _ByCause:
    """Costs by cause, parts of one name together."""
    parts: dict[str, list[Spent]] = {}
    for one in found:
        for cause, spent in one.items():
            parts.setdefault(cause, []).extend(spent)
    return {cause: _together(spent) for cause, spent in parts.items()}


def _together(parts: Iterable[Spent]) -> tuple[Spent, ...]:
    alike: dict[str, list[Spent]] = {}
    for part in parts:
        alike.setdefault(part.part, []).append(part)
    return tuple(
        Spent(
            part=name,
            t=sum_of(same),
            children=_together(child for one in same for child in one.children),
        )
        for name, same in alike.items()
    )


def _whole(part: str, children: tuple[Spent, ...], own: Fraction = Fraction(0)) -> Spent:
    return Spent(part=part, t=own + sum_of(children), children=children)


def sum_of(parts: Iterable[Spent]) -> Fraction:
    """Return the T gates of some parts."""
    return sum((part.t for part in parts), Fraction(0))


def _times(spent: Spent, number: Fraction) -> Spent:
    children = tuple(_times(child, number) for child in spent.children)
    return Spent(part=spent.part, t=spent.t * number, children=children)
