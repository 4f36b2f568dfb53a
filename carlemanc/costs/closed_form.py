r"""Closed forms of exact counts in n and T: interpolated from counts of circuits, then checked where not fitted.

Circuits over n sites and T steps are built from registers of $M = \lceil\log_2 n\rceil$ and
$\tau = \lfloor\log_2 T\rfloor + 1$ bits, and from additions of and comparisons with the constants n and T, which cost
less by their trailing zeros $\nu(n)$, $\nu(T)$ (an odd T takes one more qubit). Every count is therefore linear in
1, M, $\nu(n)$, $\tau$, $\nu(T)$, T mod 2 and, where T + 1 is a power of two, $\tau - 1$; once where n is a power
of two (nothing wraps) and once where it is not. A width is the largest of a few such forms, one for each place that
can be the widest (`fit_widest`). The coefficients are rational numbers solved for exactly; other points, larger ones
among them, must then agree to the last digit, or there is no closed form (measured, not proved).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

import sympy
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from carlemanc.core.errors import CheckFailed
from carlemanc.costs.powers_of_two import nu, odd, trailing_zeros

Point = tuple[int, int]
"""(n, T)."""


N, T = sympy.symbols("n T", integer=True, positive=True)
_BITS_N = sympy.ceiling(sympy.log(N, 2))
_BITS_T = sympy.floor(sympy.log(T, 2)) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A quantity counts are linear in: its value at (n, T) and its formula."""

    value: Callable[[int, int], int]
    formula: sympy.Expr


CONSTANT = Feature(value=lambda n, t: 1, formula=sympy.Integer(1))
BITS_OF_N = Feature(value=lambda n, t: (n - 1).bit_length(), formula=_BITS_N)
ZEROS_OF_N = Feature(value=lambda n, t: trailing_zeros(n), formula=nu(N))
BITS_OF_T = Feature(value=lambda n, t: t.bit_length(), formula=_BITS_T)
ZEROS_OF_T = Feature(value=lambda n, t: trailing_zeros(t), formula=nu(T))
ODD_T = Feature(value=lambda n, t: t % 2, formula=sympy.Mod(T, 2))
ALL_ONES_T = Feature(
    value=lambda n, t: 0 if t & (t + 1) else t.bit_length() - 1,
    formula=sympy.Piecewise((nu(T + 1) - 1, sympy.Eq(odd(T + 1), 1)), (0, True)),
)
"""Where T + 1 is a power of two the carry out of the time register flags the last row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One linear form."""

    features: tuple[Feature, ...]
    coefficients: tuple[Fraction, ...]

    def at(self, n: int, steps: int) -> Fraction:
        """Return the value, exact."""
        return sum(
            (c * f.value(n, steps) for c, f in zip(self.coefficients, self.features, strict=True)),
            Fraction(0),
        )

    @property
    def formula(self) -> sympy.Expr:
        """The form in n and T."""
        return sympy.Add(
            *(
                sympy.Rational(c.numerator, c.denominator) * f.formula
                for c, f in zip(self.coefficients, self.features, strict=True)
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedForm:
    """A count in n and T.

    Attributes:
        power_of_two: where n = 2^m.
        other: where it is not; None where such n were not asked for.
        smallest: the least n it was found to hold at, and where it is in T alone the least T; below, small
            registers degenerate.
    """

    power_of_two: Branch
    other: Branch | None
    smallest: Point

    def at(self, n: int, steps: int) -> int:
        """Return the count. Raises ValueError where the form does not hold: below `smallest`, no branch for n."""
        value = self.value(n, steps)
        if value is None or n < self.smallest[0] or steps < self.smallest[1]:
            raise ValueError(f"no closed form at n = {n}, T = {steps}")
        if value.denominator != 1:
            raise ValueError(f"the closed form is no integer at n = {n}, T = {steps}")
        return int(value)

    def value(self, n: int, steps: int) -> Fraction | None:
        """Return the value of the branch of n, None where there is none."""
        branch = self.power_of_two if n & (n - 1) == 0 else self.other
        return None if branch is None else branch.at(n, steps)

    @property
    def formula(self) -> sympy.Expr:
        """The form as one expression."""
        if self.other is None or self.other.formula == self.power_of_two.formula:
            return self.power_of_two.formula
        return sympy.Piecewise((self.power_of_two.formula, sympy.Eq(odd(N), 1)), (self.other.formula, True))


Form = TypeVar("Form", ClosedForm, "WidestForm")


def fit(counts: Mapping[Point, int], checks: Mapping[Point, int], *, what: str) -> ClosedForm:
    """Return the closed form through `counts` that also holds at `checks` with as large an n, or larger.

    Where it holds at checks of smaller n as well, it begins with the least n above which no check fails; with
    one n alone the same is true of T.

    Args:
        counts: at points in general position, powers of two and, where wanted, other n; with one n alone the
            form is in T.
        checks: counts at other points.
        what: the name of the count, for messages.

    Raises CheckFailed where no form of this shape passes through all points.
    """
    form = _through(counts, what)
    return _from_its_least(form, {**counts, **checks}, counts, what)


def _through(counts: Mapping[Point, int], what: str) -> ClosedForm:
    """Return the form of least squares through points: branches for powers of two and for other n, or one in T."""
    sites = {n for n, _ in counts}
    powers = {point: value for point, value in counts.items() if point[0] & (point[0] - 1) == 0}
    rest = {point: value for point, value in counts.items() if point not in powers}
    in_n = (BITS_OF_N,) if len(sites) > 1 else ()
    steps = (BITS_OF_T, ZEROS_OF_T, ODD_T, ALL_ONES_T) if len({t for _, t in counts}) > 1 else ()
    other: Branch | None
    if len(sites) == 1:
        power = other = _solved((CONSTANT, *steps), counts, what)
    else:
        power = _solved((CONSTANT, *in_n, *steps), powers, what)
        other = _solved((CONSTANT, *in_n, ZEROS_OF_N, *steps), rest, what) if rest else None
    return ClosedForm(power_of_two=power, other=other, smallest=(1, 1))


def _from_its_least(form: Form, every: Mapping[Point, int], fitted: Iterable[Point], what: str) -> Form:
    """Return the form with the least n (or T, with one n alone) above which it misses no point.

    Raises CheckFailed where it misses one as large as the least that was fitted, or larger.
    """
    points = list(fitted)
    axis = 1 if len({n for n, _ in points}) == 1 else 0
    wrong = {point for point, value in every.items() if form.value(*point) != value}
    for n, t in sorted(wrong, reverse=True):
        if (n, t)[axis] >= min(point[axis] for point in points):
            found = form.value(n, t)
            given = found if found is None else format(float(found), ".6g")
            raise CheckFailed(
                f"{what} has no closed form in log n and log T: {every[n, t]} at n = {n}, T = {t}, where the form "
                f"through the other points gives {given}; counts at single points are exact"
            )
    above = max((point[axis] for point in wrong), default=0)
    least = min(point[axis] for point in every if point[axis] > above)
    return replace(form, smallest=(min(n for n, _ in points), least) if axis else (least, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class WidestForm:
    """A width: the largest of closed forms, one for each place of a circuit that can be its widest.

    Attributes:
        forms: at least one.
        smallest: as in `ClosedForm`.
    """

    forms: tuple[ClosedForm, ...]
    smallest: Point

    def at(self, n: int, steps: int) -> int:
        """Return the width. Raises ValueError where the form does not hold."""
        value = self.value(n, steps)
        if value is None or n < self.smallest[0] or steps < self.smallest[1] or value.denominator != 1:
            raise ValueError(f"no closed form at n = {n}, T = {steps}")
        return int(value)

    def value(self, n: int, steps: int) -> Fraction | None:
        """Return the largest value, None where the branch of n is missing."""
        values = [form.value(n, steps) for form in self.forms]
        known = [value for value in values if value is not None]
        return max(known) if len(known) == len(values) else None

    @property
    def formula(self) -> sympy.Expr:
        """The largest of the forms that differ."""
        return sympy.Max(*dict.fromkeys(form.formula for form in self.forms))


def fit_widest(
    groups: Sequence[Mapping[Point, int]], checks: Mapping[Point, int], *, what: str
) -> WidestForm:
    """Return the largest of the forms through each group of points, which also holds at `checks`.

    A width is the largest of the widths at each place of a circuit, and these are linear as counts are: a group has to
    be of points at which one place is the widest, with a long register of sites, with a long one of time, or with
    neither. A group through which no form passes mixes places and is left out; the checks then tell whether it is
    missed.

    Args:
        groups: widths at points in general position.
        checks: widths at other points.
        what: the name of the count, for messages.

    Raises CheckFailed where the largest of the forms is not the width at all points from some n (or T) on.
    """
    forms = []
    for group in groups:
        form = _through(group, what)
        if all(form.value(*point) == value for point, value in group.items()):
            forms.append(form)
    every: dict[Point, int] = {**checks}
    for group in groups:
        every |= group
    if not forms:
        raise CheckFailed(f"{what} has no closed form in log n and log T; counts at single points are exact")
    return _from_its_least(WidestForm(forms=tuple(forms), smallest=(1, 1)), every, groups[0], what)


def _solved(features: Sequence[Feature], counts: Mapping[Point, int], what: str) -> Branch:
    """Return the linear form through the points: exact least squares over the rationals."""
    rows = [[QQ(f.value(n, t)) for f in features] for n, t in counts]
    matrix = DomainMatrix(rows, (len(rows), len(features)), QQ)
    if matrix.rank() < len(features):
        raise ValueError(f"too few points in general position for a closed form of {what}")
    values = DomainMatrix([[QQ(value)] for value in counts.values()], (len(rows), 1), QQ)
    turned = matrix.transpose()
    solution = (turned * matrix).lu_solve(turned * values).to_list_flat()
    return Branch(
        features=tuple(features),
        coefficients=tuple(Fraction(int(c.numerator), int(c.denominator)) for c in solution),
    )
