"""`estimate --symbolic`: the counts of a spec as closed forms in n and T, N and the rescaling gamma held fixed.

The block encoding, the preparation of b and one run of QSVT are counted at a few (n, T), as `estimate` counts
them; `closed_form.fit` finds the forms and checks them at other points, up to 2^40 sites. One run is linear in
the polynomial's degree d, and d = 2 ceil(arcosh(1/epsilon) / gamma(kappa)) - 1 in closed form.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from qualtran import Bloq
from qualtran.symbolics import HasLength

from carlemanc.circuit.bloq_counts import BloqCounter
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.progress import track
from carlemanc.estimate.closed_form import ALL_ONES_T, ClosedForm, N, Point, T, fit
from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.stages import SpecLike
from carlemanc.solvers.inversion_circuit import InversionCircuit
from carlemanc.solvers.qsvt import QSVT
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema_training import SparseStart

COUNTS = ("toffoli", "t", "rotations", "qubits")
STEPS = (3, 12, 37, 64, 100, 6, 5, 15, 127, 22)
LONGER = (64, 100, 1001, 4097, 777, 6000, 98_304, 127, 1023, 700)
"""Numbers of steps where n is fixed: registers of time wider than anything else that is as wide as it is used."""
POWERS = (12, 15, 18, 14, 21, 13, 16, 17, 20, 19)
OTHERS = (4099, 4100, 10_000, 41_200, 123_456, 3 * 2**12, 3 * 2**13, 70_001, 5 * 2**14, 99_999)
CHECKED = (
    *((2**40, 1000), (2**27, 100), (2**4, 1), (2**6, 7), (2**9, 32), (2**11, 48), (2**30, 511)),
    *((999_999, 77), (3 * 2**20, 96), (21, 2), (300, 9), (2100, 48), (10**9, 31)),
)
DEGREES = (3, 5, 9)
"""A run is linear in the degree: two are fitted, the third is checked."""
D, ROTATION, KAPPA, EPSILON = sympy.symbols("d r kappa epsilon", positive=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the circuit and its counts in n and T; those of a run are `counts` d + `constant`."""

    name: str
    counts: dict[str, ClosedForm]
    constant: dict[str, ClosedForm] | None = None

    def formula(self, count: str) -> sympy.Expr:
        """Return a count as an expression in n, T and, for a run, d."""
        if self.constant is None:
            return self.counts[count].formula
        return D * self.counts[count].formula + self.constant[count].formula

    def smallest(self, count: str) -> Point:
        """Return the least n, or in T alone the least T, the form of a count was found to hold at."""
        forms = [self.counts[count], *([self.constant[count]] if self.constant else [])]
        return max(form.smallest for form in forms)

    def at(self, count: str, n: int, steps: int, degree: int = 0) -> int:
        """Return a count at integers."""
        found = self.counts[count].at(n, steps)
        return found if self.constant is None else degree * found + self.constant[count].at(n, steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolicEstimate:
    """Closed forms of a spec, and the numbers that stand for d, kappa, epsilon and r at its own n and T."""

    name: str
    order: int
    gamma: float
    n: int
    steps: int
    in_n: bool
    parts: tuple[Part, ...]
    degree: int
    kappa_effective: float
    epsilon: float

    @property
    def run(self) -> Part:
        """One run of the whole circuit."""
        return self.parts[-1]

    @property
    def degree_formula(self) -> sympy.Expr:
        """The degree d in kappa = alpha ||L^-1|| and epsilon, the solver's relative error (proved minimax)."""
        ratio = (KAPPA + 1) / (KAPPA - 1)
        return 2 * sympy.ceiling(sympy.acosh(1 / EPSILON) / sympy.log(ratio)) - 1

    @property
    def t_formula(self) -> sympy.Expr:
        """T gates of a run with four a Toffoli and r a rotation, in n, T and d."""
        run = self.run
        return 4 * run.formula("toffoli") + run.formula("t") + ROTATION * run.formula("rotations")

    @property
    def asymptotics(self) -> str:
        """The leading terms."""
        form = self.run.counts["toffoli"].power_of_two
        named = dict(zip((str(f.formula) for f in form.features), form.coefficients, strict=True))
        bits_n = next((value for key, value in named.items() if "log(n)" in key), 0)
        bits_t = next((value for key, value in named.items() if "log(T)" in key), 0)
        inside = " + ".join(f"{value} log2 {name}" for name, value in (("n", bits_n), ("T", bits_t)) if value)
        return (
            f"Toffoli = ({inside or 'constant'}) kappa ln(2/epsilon) to leading order, n = 2^m: kappa is "
            "bounded in T where the contraction is below 1, and grows like T where it is 1"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the formulas as text and LaTeX."""
        return {
            "name": self.name,
            "N": self.order,
            "gamma": self.gamma,
            "symbols": {
                "n": "weights" if self.in_n else f"fixed at {self.n}",
                "T": "steps",
                "nu": "number of trailing zeros in binary",
                "odd": "odd part, 1 for powers of two",
                "d": f"degree of the polynomial, {self.degree} at n = {self.n}, T = {self.steps}",
                "kappa": f"alpha ||L^-1||, {self.kappa_effective:.6g} there",
                "epsilon": f"relative error of x, {self.epsilon:.6g} there",
                "r": "T gates of a rotation, 3.02 log2(1/diamond error) + 1.77",
            },
            "degree": _texts(self.degree_formula),
            "t_count": _texts(self.t_formula),
            "logical_qubits": _texts(self.run.formula("qubits")),
            "asymptotics": self.asymptotics,
            "valid": {
                "n": "2^4 and above",
                "T": "1 and above",
                "checked_at": [list(point) for point in CHECKED],
            },
            "parts": {
                part.name: {
                    count: {**_texts(part.formula(count)), "from": list(part.smallest(count))}
                    for count in COUNTS
                }
                for part in self.parts
            },
        }

    def to_text(self) -> str:
        """Return the formulas as text."""
        lines = [f"{self.name}: closed forms in n and T, N = {self.order}, gamma = {self.gamma:.6g}"]
        lines.append("nu(k): trailing zeros of k; full(T): bits(T) - 1 where T + 1 is a power of two, else 0")
        for part in self.parts:
            lines += ["", part.name]
            for count in COUNTS:
                least = part.smallest(count)
                begins = f"   (n >= {least[0]})" if self.in_n else f"   (T >= {least[1]})"
                lines += [f"  {count:<10} {line}{begins}" for line in _branches(part.formula(count))]
        return "\n".join(
            [
                *lines,
                "",
                f"d = {self.degree_formula}",
                f"  = {self.degree} at n = {self.n}, T = {self.steps}, where kappa = {self.kappa_effective:.6g} "
                f"and epsilon = {self.epsilon:.6g}",
                "T gates of a run = 4 Toffoli + T + r rotations, r = 3.02 log2(1/diamond error) + 1.77",
                self.asymptotics,
            ]
        )


def estimate_symbolic(spec: SpecLike, *, overrides: Iterable[str] = ()) -> SymbolicEstimate:
    """Return the closed forms of a spec; n is a symbol for lattice losses, else only T is.

    Raises:
        InputError: another method than qsvt.
        CheckFailed: counts that are not linear in the bits of n and T (batches, several couplings).
    """
    overrides = tuple(overrides)
    own = Circuits(spec, overrides)
    _refuse(own)
    in_n = _n_is_free(own)
    points = _points(own.n, in_n)
    wanted = CHECKED if in_n else tuple((own.n, steps) for steps in (*STEPS, 1, 2, 12_345, 2048))
    checked = tuple(point for point in wanted if point not in points)
    found = {
        point: _counts(load_spec(spec, overrides), overrides=(*_set(own, *point, in_n=in_n),))
        for point in track([*points, *checked], "count", total=len(points) + len(checked))
    }
    plan = own.counted_plan
    return SymbolicEstimate(
        name=own.spec.name,
        order=own.spec.carleman.order,
        gamma=own.gamma,
        n=own.n,
        steps=own.sequence.steps,
        in_n=in_n,
        parts=tuple(_part(name, found, points, checked) for name in _NAMES),
        degree=plan.degree or 0,
        kappa_effective=plan.kappa_effective,
        epsilon=own.solver_epsilon,
    )


_NAMES = ("block encoding of L", "prepare b", "one run of qsvt")
Counts = dict[str, dict[str, tuple[int, ...]]]
"""Part -> count -> values; a run has one for each of DEGREES."""


def _refuse(circuits: Circuits) -> None:
    if circuits.method != "qsvt" or circuits.spec.solver.amplification:
        problem = Problem(
            where=f"{circuits.spec.origin}: solver.method",
            found=circuits.method + (" with amplification" if circuits.spec.solver.amplification else ""),
            allowed='"qsvt" without amplification: the closed forms are of its circuit',
        )
        raise InputError("this solver has no closed form yet", [problem])


def _n_is_free(circuits: Circuits) -> bool:
    """Whether n can vary: a one-dimensional lattice with a sparse start and no file of n numbers."""
    spec = circuits.spec
    free_start = isinstance(spec.training.initial, SparseStart) and isinstance(spec.training.center, str)
    files = spec.loss is not None and any(isinstance(v, str) for v in spec.loss.parameters.values())
    return (
        spec.loss is not None
        and spec.model.dims is None
        and free_start
        and not files
        and _is_stencil(circuits)
    )


def _is_stencil(circuits: Circuits) -> bool:
    return all(item.lattice is not None for item in circuits.sequence.maps)


def _points(n: int, in_n: bool) -> tuple[Point, ...]:
    if not in_n:
        return tuple((n, steps) for steps in LONGER)
    powers = tuple((2**m, steps) for m, steps in zip(POWERS, STEPS, strict=True))
    return (*powers, *zip(OTHERS, STEPS, strict=True))


def _set(circuits: Circuits, n: int, steps: int, *, in_n: bool) -> tuple[str, ...]:
    """Overrides that move a spec to (n, T) with its gamma."""
    fixed = (f"training.steps={steps}", f"carleman.rescaling={circuits.gamma!r}")
    return (*fixed, f"model.n={n}") if in_n else fixed


def _counts(spec: SpecLike, overrides: tuple[str, ...]) -> Counts:
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
    single = {_NAMES[0]: circuits.encoding, _NAMES[1]: circuits.preparation}
    result: Counts = {
        name: {count: (value,) for count, value in counted(bloq).items()} for name, bloq in single.items()
    }
    result[_NAMES[2]] = {count: tuple(run[count] for run in runs) for count in COUNTS}
    return result


def _part(name: str, found: dict[Point, Counts], points: Sequence[Point], checked: Sequence[Point]) -> Part:
    def form(count: str, what: str, value: Any) -> ClosedForm:
        return fit(
            {point: value(found[point][name][count]) for point in points},
            {point: value(found[point][name][count]) for point in checked},
            what=f"{name}: {count}{what}",
        )

    if name != _NAMES[2]:
        return Part(name=name, counts={count: form(count, "", lambda v: v[0]) for count in COUNTS})
    first, second, third = DEGREES

    def slope(values: tuple[int, ...]) -> int:
        gain, rest = divmod(values[1] - values[0], second - first)
        if rest or values[2] - values[1] != gain * (third - second):
            raise AssertionError(f"a run is not linear in its degree: {values} at degrees {DEGREES}")
        return gain

    return Part(
        name=name,
        counts={count: form(count, " a degree", slope) for count in COUNTS},
        constant={count: form(count, " at degree 0", lambda v: v[0] - first * slope(v)) for count in COUNTS},
    )


def _texts(formula: sympy.Expr) -> dict[str, str]:
    return {"text": str(formula), "latex": sympy.latex(formula)}


def _branches(formula: sympy.Expr) -> list[str]:
    """Return one line, or one for n = 2^m and one for any other n, in m, tau and nu."""
    m, tau, full = sympy.symbols("log2(n) bits(T) full(T)")
    names = {
        sympy.ceiling(sympy.log(N, 2)): m,
        sympy.floor(sympy.log(T, 2)): tau - 1,
    }
    formula = formula.subs(ALL_ONES_T.formula, full)
    found = formula.atoms(sympy.Piecewise)
    if not found:
        return [str(sympy.expand(formula.subs(names)))]
    lines = []
    for branch, words in ((0, "where n = 2^m"), (1, "for any other n, log2(n) rounded up")):
        chosen = formula.subs({item: item.args[branch][0] for item in found})
        lines.append(f"{sympy.expand(chosen.subs(names))}   {words}")
    return lines


def degree_of(kappa: float, epsilon: float) -> int:
    """Return d of the closed form at numbers."""
    return 2 * math.ceil(math.acosh(1 / epsilon) / math.log((kappa + 1) / (kappa - 1))) - 1
