"""`estimate --symbolic`: the counts of a spec as closed forms in n and T, N and the rescaling gamma held fixed.

The block encoding, the preparation of b and one run of QSVT are counted at a few (n, T), as `estimate` counts
them; `closed_form.fit` finds the forms and checks them at other points, up to 2^40 sites. One run is linear in
the polynomial's degree d, and d = 2 ceil(arcosh(1/epsilon) / gamma(kappa)) - 1 in closed form.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sympy

from carlemanc.commands.opening import Opened, open_spec
from carlemanc.commands.symbolic_counts import (
    CHECKED,
    NAMES,
    STEPS,
    counts_at,
    fit_part,
    sample_points,
    width_points,
)
from carlemanc.core.errors import CheckFailed, InputError, Problem
from carlemanc.core.progress import track
from carlemanc.core.shown import Shown
from carlemanc.costs.symbolic_part import COUNTS, EPSILON, KAPPA, ROTATION, SymbolicPart, texts
from carlemanc.methods.amplified import Amplified
from carlemanc.methods.method import Method
from carlemanc.sources.other_sizes import dimensions, n_is_free
from carlemanc.sources.source import MAX_STEPS, SpecLike, loaded_training
from carlemanc.sources.systems import with_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolicEstimate(Shown):
    """Closed forms of a spec, and the numbers that stand for d, kappa, epsilon and r at its own n and T."""

    name: str
    order: int
    gamma: float
    n: int
    steps: int
    in_n: bool
    parts: tuple[SymbolicPart, ...]
    degree: int
    kappa_effective: float
    epsilon: float

    BRIEF = "name n steps order degree kappa_effective epsilon"

    @property
    def run(self) -> SymbolicPart:
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
        form = self.run.linear("toffoli").power_of_two
        named = dict(zip((str(f.formula) for f in form.features), form.coefficients, strict=True))
        bits_n = next((value for key, value in named.items() if "log(n)" in key), 0)
        bits_t = next((value for key, value in named.items() if "log(T)" in key), 0)
        inside = " + ".join(f"{value} log2 {name}" for name, value in (("n", bits_n), ("T", bits_t)) if value)
        return (
            f"Toffoli = ({inside or 'constant'}) kappa ln(2/epsilon) to leading order, n = 2^m: kappa is "
            "bounded in T where the contraction is below 1, and grows like T where it is 1"
        )

    @property
    def regimes(self) -> dict[str, str]:
        """The growth of the T gates of a run with n and T, logarithms of 1/epsilon apart, by what kappa does."""
        in_n = "log n + " if self.in_n else ""
        return {
            "kappa bounded in T (contraction below 1)": f"T gates of a run = O(({in_n}log T + r) log(1/epsilon))",
            "kappa = O(T) (contraction 1)": f"T gates of a run = O(T ({in_n}log T + r) log(1/epsilon))",
        }

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
            "degree": texts(self.degree_formula),
            "t_count": texts(self.t_formula),
            "logical_qubits": texts(self.run.formula("qubits")),
            "asymptotics": self.asymptotics,
            "regimes": self.regimes,
            "valid": {
                "n": f"{max(part.smallest(count)[0] for part in self.parts for count in COUNTS)} and above"
                if self.in_n
                else f"{self.n} alone",
                "T": f"{max(part.smallest(count)[1] for part in self.parts for count in COUNTS)} to {MAX_STEPS}",
                "checked_at": [list(point) for point in CHECKED],
            },
            "parts": {
                part.name: {
                    count: {**texts(part.formula(count)), "from": list(part.smallest(count))}
                    for count in COUNTS
                }
                for part in self.parts
            },
        }


def estimate_symbolic(spec: SpecLike, *, overrides: Iterable[str] = ()) -> SymbolicEstimate:
    """Return the closed forms of a spec; n is a symbol for lattice losses, else only T is.

    Raises:
        InputError: a linear system as it is; another method than qsvt; counts that are not linear in the bits of n
            and T (batches, sources).
    """
    opened = open_spec(loaded_training(spec, overrides), searched=False)
    _refuse(opened)
    with_entries(opened.system, "estimate --symbolic")
    own, at = opened.lifted, opened.request.at
    n, gamma = own.n, own.gamma
    in_n = n_is_free(at.source, own) and dimensions(at.source) == 1
    points = sample_points(n, in_n)
    wanted = CHECKED if in_n else tuple((n, steps) for steps in (*STEPS, 1, 2, 12_345, 2048))
    checked = tuple(point for point in wanted if point not in points)
    groups = width_points(n, in_n)
    widths = {point for group in groups for point in group} - {*points, *checked}
    every = [*points, *checked, *sorted(widths)]
    found = {
        point: counts_at(opened, gamma, *point, in_n=in_n, width_alone=point in widths)
        for point in track(every, "count", total=len(every))
    }
    design = opened.counted
    plan = design.plan
    try:
        parts = tuple(fit_part(name, found, points, checked, groups) for name in NAMES)
    except CheckFailed as failure:
        problem = Problem(
            where=opened.spec.origin,
            found=str(failure),
            allowed="a one-dimensional lattice loss with F_0 = 0 and a sparse start, whose counts are linear "
            "in the bits of n and T",
            help="the counts at single points are exact: carlemanc estimate, or carlemanc sweep for a grid",
        )
        raise InputError("this spec has no closed form of the kind that is looked for", [problem]) from None
    return SymbolicEstimate(
        name=opened.spec.name,
        order=own.order,
        gamma=gamma,
        n=n,
        steps=own.steps,
        in_n=in_n,
        parts=parts,
        degree=plan.degree or 0,
        kappa_effective=plan.kappa_effective or math.inf,
        epsilon=design.one_use_epsilon * design.shares.polynomial,
    )


def _refuse(opened: Opened) -> None:
    """Raise InputError where a run is not linear in a degree."""
    method = opened.request.at.method
    if type(method).of_degree is not Method.of_degree:
        return
    problem = Problem(
        where=f"{opened.spec.origin}: solver.method",
        found=opened.request.at.plain_method.name
        + (" with amplification" if isinstance(method, Amplified) else ""),
        allowed='"qsvt" without amplification: the closed forms are of its circuit',
    )
    raise InputError("this solver has no closed form yet", [problem])
