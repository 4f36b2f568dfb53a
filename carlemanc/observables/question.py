"""What is asked about theta(T): the polynomial, the lift, and which of its degrees are read from which levels."""

from __future__ import annotations

import math
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carlemanc.carleman.system import kept_levels
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import without_noise
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import Point
from carlemanc.observables.encoded_row import EncodedRow
from carlemanc.observables.even_powers import EvenPower, split_even_powers
from carlemanc.observables.polynomial import Polynomial, place_of
from carlemanc.observables.vectors import with_operators

if TYPE_CHECKING:
    from carlemanc.bloqs.loading import Loading

MAGNITUDES = (1e-100, 1e100)
"""Planned magnitudes that are read: the squares of what lies beyond leave the range of doubles."""
OMITTED = 0.05
"""Share of the precision below which a part of an observable is bounded and not read."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What is read of a polynomial.

    Attributes:
        rest: what is read as <y_1, R_l y_l>, by its F_l.
        powers: what is read as squares of higher levels.
        omitted: bound of what is not read.
        least_order: least order that has the levels.
    """

    rest: PolynomialMap
    powers: tuple[EvenPower, ...]
    omitted: float
    least_order: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """What is asked.

    Args:
        lifted: the training and its truncation.
        whole: the polynomial.
        end: theta(T) - center of gradient descent on the polynomial maps.
        precision, loading: those of `observe`.
    """

    lifted: Lifted
    whole: Polynomial
    end: Point
    precision: float
    loading: Loading | None

    @property
    def classical_end(self) -> Point:
        """theta(T) - center of gradient descent: on a network, with its own activations."""
        path = self.lifted.network_path
        return self.end if path is None else path[-1]

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels of the lift."""
        return self.lifted.systems[0].levels

    def encoded(self, row: PolynomialMap) -> EncodedRow:
        """Return a row on the levels of the lift."""
        return EncodedRow(row=row, gamma=self.lifted.gamma, levels=self.levels, loading=self.loading)

    def read(
        self, bound: Callable[[PolynomialMap, Point], float], room: float, *, as_squares: bool
    ) -> Reading:
        """Return what is read from which levels; parts of degree 3 and more that together are below `room` are not.

        Args:
            bound: of a part, in what `room` is.
            room: see above.
            as_squares: whether even powers are read as squares, where a level has them.

        Raises InputError where the lift has not the levels, with the order that would do.
        """
        whole = self.whole.map
        bounds = {
            degree: bound(with_operators(whole, {degree}), self.end)
            for degree in whole.operators
            if degree > 1
        }
        left, total = set(whole.operators), 0.0
        for degree, size in sorted(bounds.items(), key=lambda item: (item[1], item[0])):
            if total + size <= room:
                total += size
                left.discard(degree)
        kept = with_operators(whole, left)
        least = self._least_order(kept, as_squares)
        powers, rest = split_even_powers(kept, self.levels) if as_squares else ((), kept)
        if not _has_levels(rest, self.levels):
            raise self._refused(least)
        return Reading(rest=rest, powers=powers, omitted=total, least_order=least)

    def _least_order(self, kept: PolynomialMap, as_squares: bool) -> int:
        """Return the least order that has the levels.

        Raises InputError where no order has them: products of so many weights never act on the weights.
        """
        highest = max([1, *kept.operators])
        for order in range(1, highest + 1):
            levels = kept_levels(self.lifted.sequence, order)
            rest = split_even_powers(kept, levels)[1] if as_squares else kept
            if _has_levels(rest, levels):
                return order
        problem = Problem(
            where=place_of(self.lifted, self.whole.name),
            found=f"products of {highest + 1} weights, from levels that the lift of this map has at no order",
            allowed="degree 2 at most where the map is affine, and even degrees alone where it is odd",
            help="these products never act on the weights, and are no part of the state",
        )
        raise InputError("no order of the lift has what this observable is read from", [problem])

    def _refused(self, least: int) -> InputError:
        problem = Problem(
            where=place_of(self.lifted, self.whole.name),
            found=f"carleman.order = {self.lifted.order}, with levels {', '.join(map(str, self.levels))}",
            allowed=f"carleman.order = {least} or more",
        )
        return InputError("the order is too small for this observable", [problem])

    def checked_scale(self, value: float, size: float) -> float:
        """Return the planned magnitude, of terms up to `size`.

        Raises InputError where it is zero or rounding, or so small or large that its squares are no doubles.
        """
        if not math.isfinite(value):
            raise InputError(f"gradient descent overflows: {self.whole.name} has no planned value")
        if without_noise(abs(value), size) == 0:
            problem = Problem(
                where=place_of(self.lifted, self.whole.name),
                found="a planned value of zero, its constant apart",
                allowed="an observable that moves: a relative precision of zero has no meaning",
            )
            raise InputError("there is nothing to read of this observable", [problem])
        least, most = MAGNITUDES
        if not least <= abs(value) <= most:
            problem = Problem(
                where=place_of(self.lifted, self.whole.name),
                found=f"a planned magnitude of {abs(value):.3g}",
                allowed=f"from {least:g} to {most:g}",
                help="readout.precision is relative: a factor of the whole expression changes no count",
            )
            raise InputError("this observable leaves the range of doubles", [problem])
        return abs(value)


def _has_levels(rest: PolynomialMap, levels: Container[int]) -> bool:
    return all(degree in levels for degree in rest.operators if degree)
