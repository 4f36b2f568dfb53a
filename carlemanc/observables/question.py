"""What is asked about theta(T): the polynomial, the lift, and which of its degrees are read from which levels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from carlemanc.carleman.system import kept_levels
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import without_noise
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.weights import Point
from carlemanc.observables.encoded_row import EncodedRow
from carlemanc.observables.polynomial import Polynomial
from carlemanc.observables.vectors import with_operators

if TYPE_CHECKING:
    from carlemanc.bloqs.loading import Loading

OMITTED = 0.05
"""Share of the precision below which a part of an observable is bounded and not read."""


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

    def split(
        self, bound: Callable[[PolynomialMap, Point], float], room: float
    ) -> tuple[PolynomialMap, float]:
        """Return what is read, and the bound of the degrees >= 2 that together are below `room` and are not."""
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
        read = with_operators(whole, left)
        missing = sorted(degree for degree in left if degree and degree not in self.levels)
        if missing:
            raise self._refused(missing, left)
        return read, total

    def least_order(self, degrees: Iterable[int]) -> int:
        """Return the least order whose levels are those of the degrees.

        Raises InputError where no order has them: products of so many weights never act on the weights.
        """
        wanted = {degree for degree in degrees if degree}
        for order in range(1, max(wanted, default=1) + 1):
            if wanted <= set(kept_levels(self.lifted.sequence, order)):
                return order
        problem = Problem(
            where=f"readout.observables.{self.whole.name}",
            found=f"a part that is read from level {max(wanted)}, which the lift of this map has at no order",
            allowed="degree 2 at most where the map is affine, and even degrees alone where it is odd",
            help="these products of weights never act on the weights, and are no part of the state",
        )
        raise InputError("no order of the lift has what this observable is read from", [problem])

    def _refused(self, missing: list[int], degrees: set[int]) -> InputError:
        problem = Problem(
            where=f"readout.observables.{self.whole.name}",
            found=f"carleman.order = {self.lifted.order}, without level {', '.join(map(str, missing))}",
            allowed=f"carleman.order = {self.least_order(degrees)} or more",
        )
        return InputError("the order is too small for this observable", [problem])

    def checked_scale(self, value: float, size: float) -> float:
        """Return the planned magnitude, of terms up to `size`. Raises InputError where it is zero or rounding."""
        if not math.isfinite(value):
            raise InputError(f"gradient descent overflows: {self.whole.name} has no planned value")
        if without_noise(abs(value), size) == 0:
            problem = Problem(
                where=f"readout.observables.{self.whole.name}",
                found="a planned value of zero, its constant apart",
                allowed="an observable that moves: a relative precision of zero has no meaning",
            )
            raise InputError("there is nothing to read of this observable", [problem])
        return abs(value)
