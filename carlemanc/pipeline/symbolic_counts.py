"""The counts behind `estimate --symbolic`: which (n, T) are counted, how, and the forms through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qualtran import Bloq
from qualtran.symbolics import HasLength

from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.core.errors import InternalError
from carlemanc.estimate.closed_form import ClosedForm, Point, fit
from carlemanc.estimate.symbolic_part import COUNTS, Part
from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.stages import SpecLike
from carlemanc.solvers.inversion_circuit import InversionCircuit
from carlemanc.solvers.qsvt import QSVT

STEPS = (3, 12, 37, 64, 100, 6, 5, 15, 127, 22)
LONGER = (64, 100, 1001, 4097, 777, 6000, 98_304, 127, 1023, 700)
"""Numbers of steps where n is fixed: registers of time wider than anything else that is as wide as it is used."""
POWERS = (12, 15, 18, 14, 21, 13, 16, 17, 20, 19)
OTHERS = (4099, 4100, 10_000, 41_200, 123_456, 3 * 2**12, 3 * 2**13, 70_001, 5 * 2**14, 99_999)
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


def overrides_at(circuits: Circuits, n: int, steps: int, *, in_n: bool) -> tuple[str, ...]:
    """Overrides that move a spec to (n, T) with its gamma."""
    fixed = (f"training.steps={steps}", f"carleman.rescaling={circuits.gamma!r}")
    return (*fixed, f"model.n={n}") if in_n else fixed


def counts_at(spec: SpecLike, overrides: tuple[str, ...]) -> Counts:
    """Return the counts of each part of a spec."""
    circuits, counter = Circuits(spec, overrides), BloqCounter()

    def counted(bloq: Bloq) -> dict[str, int]:
        counts = counter.count(bloq, "measure")
        return {
            "toffoli": counts.toffoli,
            "t": counts.t,
            "rotations": counts.rotation_count,
            "qubits": counts.qubits,
        }

    runs = [
        counted(InversionCircuit(circuits.preparation, QSVT(circuits.encoding, HasLength(degree + 1), 0.0)))
        for degree in DEGREES
    ]
    single = {NAMES[0]: circuits.encoding, NAMES[1]: circuits.preparation}
    result: Counts = {
        name: {count: (value,) for count, value in counted(bloq).items()} for name, bloq in single.items()
    }
    result[NAMES[2]] = {count: tuple(run[count] for run in runs) for count in COUNTS}
    return result


def fit_part(
    name: str, found: dict[Point, Counts], points: Sequence[Point], checked: Sequence[Point]
) -> Part:
    """Return the closed forms of a part. Raises CheckFailed where a count has none."""

    def form(count: str, what: str, value: Any) -> ClosedForm:
        return fit(
            {point: value(found[point][name][count]) for point in points},
            {point: value(found[point][name][count]) for point in checked},
            what=f"{name}: {count}{what}",
        )

    if name != NAMES[2]:
        return Part(name=name, counts={count: form(count, "", lambda v: v[0]) for count in COUNTS})
    first, second, third = DEGREES

    def slope(values: tuple[int, ...]) -> int:
        gain, rest = divmod(values[1] - values[0], second - first)
        if rest or values[2] - values[1] != gain * (third - second):
            raise InternalError(f"a run is not linear in its degree: {values} at degrees {DEGREES}")
        return gain

    return Part(
        name=name,
        counts={count: form(count, " a degree", slope) for count in COUNTS},
        constant={count: form(count, " at degree 0", lambda v: v[0] - first * slope(v)) for count in COUNTS},
    )
