"""The counts behind `estimate --symbolic`: which (n, T) are counted, how, and the forms through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from qualtran import Bloq

from carlemanc.commands.opening import Opened
from carlemanc.core.errors import InternalError
from carlemanc.costs.closed_form import ClosedForm, Point, WidestForm, fit, fit_widest
from carlemanc.costs.symbolic_part import COUNTS, SymbolicPart
from carlemanc.evaluation.settle import counted_access
from carlemanc.programs.bloq_counts import BloqCounter
from carlemanc.sources.other_sizes import at_point

STEPS = (3, 12, 37, 64, 100, 6, 5, 15, 127, 22)
LONGER = (64, 100, 1001, 4097, 777, 6000, 98_304, 127, 1023, 700)
"""Numbers of steps where n is fixed: registers of time wider than anything else that is as wide as it is used."""
POWERS = (12, 15, 18, 14, 21, 13, 16, 17, 20, 19)
OTHERS = (4099, 4100, 10_000, 41_200, 123_456, 3 * 2**12, 3 * 2**13, 70_001, 5 * 2**14, 99_999)
_MANY_STEPS = (
    16_385,
    65_536,
    98_304,
    131_071,
    100_001,
    40_000,
    65_535,
    199_999,
    50_001,
    32_768,
    33_000,
    150_000,
)
_FEW_STEPS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 9)
_LARGE_POWERS = (40, 43, 46, 42, 48, 41, 44, 45, 47, 40)
_LARGE_OTHERS = (
    *(2**40 + 3, 2**40 + 4, 3 * 2**42, 5 * 2**41, 2**43 + 8),
    *(2**44 + 7, 3 * 2**45, 2**46 + 16, 2**41 + 1, 2**42 + 2),
)
_SMALL_POWERS = (5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6)
_SMALL_OTHERS = (33, 34, 36, 40, 17, 18, 20, 24, 35, 19, 48, 50)


def _group(powers: Sequence[int], others: Sequence[int], steps: Sequence[int]) -> tuple[Point, ...]:
    """Pair as many sizes with numbers of steps as there are."""
    sizes = [(2**power, other) for power, other in zip(powers, others, strict=True)]
    return tuple((n, count) for pair, count in zip(sizes, steps, strict=False) for n in pair)


WIDE = (
    _group(_LARGE_POWERS, _LARGE_OTHERS, STEPS),
    _group(_SMALL_POWERS, _SMALL_OTHERS, _MANY_STEPS),
    _group(_SMALL_POWERS, _SMALL_OTHERS, _FEW_STEPS),
)
"""(n, T) at which one place of a circuit is the widest: a long register of sites, a long one of time, neither."""
CHECKED = (
    *((2**40, 1000), (2**27, 100), (2**4, 1), (2**6, 7), (2**9, 32), (2**11, 48), (2**30, 511)),
    *(
        (1024, 1),
        (1024, 7),
        (2048, 1),
        (2048, 7),
        (1000, 1),
        (1000, 7),
        (2000, 1),
        (2000, 7),
        (3000, 1),
        (3000, 7),
    ),
    *((999_999, 77), (3 * 2**20, 96), (21, 2), (300, 9), (2100, 48), (10**9, 31)),
)
DEGREES = (3, 5, 9)
"""A run is linear in the degree: two are fitted, the third is checked."""
NAMES = ("block encoding of L", "prepare b", "one run of qsvt")
Counts = dict[str, dict[str, tuple[int, ...]]]
"""Part -> count -> values; a run has one for each of DEGREES."""


def sample_points(n: int, in_n: bool) -> tuple[Point, ...]:
    """Return the (n, T) to fit: of several n, or of one."""
    if not in_n:
        return tuple((n, steps) for steps in LONGER)
    powers = tuple((2**m, steps) for m, steps in zip(POWERS, STEPS, strict=True))
    return (*powers, *zip(OTHERS, STEPS, strict=True))


def width_points(n: int, in_n: bool) -> tuple[tuple[Point, ...], ...]:
    """Return the groups of (n, T) to fit the width to: of several n, or of one."""
    return (
        WIDE if in_n else tuple(tuple((n, steps) for steps in group) for group in (_MANY_STEPS, _FEW_STEPS))
    )


def counts_at(
    opened: Opened, gamma: float, n: int, steps: int, *, in_n: bool, width_alone: bool = False
) -> Counts:
    """Return the counts of each part at (n, T), gamma held, or its width alone, which does not depend on the degree."""
    at, counter = opened.request.at, BloqCounter()
    source = at_point(at.source, n=n if in_n else None, steps=steps)
    other = replace(at, source=source, lift=replace(at.lift, rescaling=gamma))
    access = counted_access(opened.memo, other)
    single = {NAMES[0]: access.encodings[0], NAMES[1]: access.start}

    def counted(bloq: Bloq) -> dict[str, int]:
        if width_alone:
            return {"qubits": counter.qubits(bloq)}
        counts = counter.count(bloq, "measure")
        return {
            "toffoli": counts.toffoli,
            "t": counts.t,
            "rotations": counts.rotation_count,
            "qubits": counts.qubits,
        }

    runs = []
    for degree in DEGREES[:1] if width_alone else DEGREES:
        run = at.method.of_degree(degree, access)
        if run is None:
            raise InternalError(f"a run of {at.method.name} has no degree to be linear in")
        runs.append(counted(run))
    result: Counts = {
        name: {count: (value,) for count, value in counted(bloq).items()} for name, bloq in single.items()
    }
    result[NAMES[2]] = {count: tuple(run[count] for run in runs) for count in runs[0]}
    return result


def fit_part(
    name: str,
    found: dict[Point, Counts],
    points: Sequence[Point],
    checked: Sequence[Point],
    groups: Sequence[Sequence[Point]],
) -> SymbolicPart:
    """Return the closed forms of a part; the width is fitted to each of `groups`. Raises CheckFailed without one."""

    def width() -> WidestForm:
        """Of any number of queries: `slope` has checked that it does not depend on them."""
        return fit_widest(
            [{point: found[point][name]["qubits"][0] for point in group} for group in groups],
            {point: found[point][name]["qubits"][0] for point in (*points, *checked)},
            what=f"{name}: qubits",
        )

    def form(count: str, what: str, value: Any) -> ClosedForm:
        return fit(
            {point: value(found[point][name][count]) for point in points},
            {point: value(found[point][name][count]) for point in checked},
            what=f"{name}: {count}{what}",
        )

    if name != NAMES[2]:
        single = {count: form(count, "", lambda v: v[0]) for count in COUNTS if count != "qubits"}
        return SymbolicPart(name=name, counts=single | {"qubits": width()})
    first, second, third = DEGREES

    def slope(values: tuple[int, ...]) -> int:
        gain, rest = divmod(values[1] - values[0], second - first)
        if rest or values[2] - values[1] != gain * (third - second):
            raise InternalError(f"a run is not linear in its degree: {values} at degrees {DEGREES}")
        return gain

    slopes = {count: form(count, " a degree", slope) for count in COUNTS}
    if any(slopes["qubits"].value(*point) for point in points):
        raise InternalError("the width of a run depends on its degree")
    starts = {
        count: form(count, " at degree 0", lambda v: v[0] - first * slope(v))
        for count in COUNTS
        if count != "qubits"
    }
    return SymbolicPart(name=name, counts=slopes, constant=starts | {"qubits": width()})
