r"""How many walks a question takes, from norms alone: nothing is run.

Forward walks (few sites in the start, no F_0). All walkers start with one weight w and none gains any (rows and columns
of |B| / alpha sum to at most 1), so that with p = ||y_1||^2

    deviation^2 <= (w I)^2 / M + 2 (w^2 rho)^2 / M^2,

I a bound of what one walker moves the value by, per weight (2 ||y_1|| for ||y_1||^2: 4 / (p eps^2) walks), rho of
pairs (1). For theta itself: the mean of M vectors of norms at most w is within w (1 + sqrt(2 ln 1/delta)) / sqrt M of
its expectation with probability 1 - delta (bounded differences). Proved but for the normal quantile of single values.

Backward walks (every weight in the start, F_0 = 0). K = 1 / p walkers a row halve what single leaves add, and rows of a
form with entries R vary by about 12 (|R| s^2)^2, s^2 the mean square of the weights at T: 8 for a square. This takes
weights that are spread over all sites as a normal distribution is, at most (kurtosis 3): derived, and 7.5 to 9.2 were
measured for the 8.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from carlemanc.classical.paths.forms import Form, LevelSquare, Overlap, Product, Quantity
from carlemanc.classical.paths.walk import Walk
from carlemanc.model.weights import point_norm

_PRODUCT, _SQUARE = 12.0, 8.0
"""Variance of a row over its squared size: a product of two means, and a mean over pairs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WalkCount:
    """What a number of walks follows from.

    Args:
        walk: the march.
        n: number of weights.
        end: ||u(T)|| / gamma as planned; the lift of it stands for y(T).
    """

    walk: Walk
    n: int
    end: float

    @property
    def copy_probability(self) -> float:
        """p: that the march succeeds and ends on level 1."""
        return self._size(1) ** 2 / self.walk.start.square

    def forward(self, quantity: Quantity, deviation: float) -> float:
        """Return how many forward walks keep a standard deviation (of the square, where the value is a root)."""
        weight = self.forward_weight
        single = weight * sum(abs(number) * self._influence(form) for number, form in quantity.parts)
        pairs = math.sqrt(2) * weight**2 * sum(abs(number) * _pair(form) for number, form in quantity.parts)
        first, second = (single / deviation) ** 2, pairs / deviation
        return first / 2 + math.sqrt(first**2 / 4 + second**2)

    def forward_theta(self, epsilon: float, failure: float) -> float:
        """Return how many forward walks tell theta(T) - center within epsilon of its norm."""
        reach = 1 + math.sqrt(2 * math.log(1 / failure))
        return (self.forward_weight * reach / (epsilon * self._size(1))) ** 2

    def backward(self, quantity: Quantity, deviation: float) -> float:
        """Return how many backward walks keep a standard deviation; forms share them."""
        parts = quantity.parts
        room = deviation / math.sqrt(len(parts)) if parts else deviation
        return sum(self._backward(form, room / abs(number)) for number, form in parts)

    @property
    def forward_weight(self) -> float:
        """w, the largest weight of a walker; infinite with sources, where no bound is known."""
        return math.inf if 0 in self.walk.start.levels else self.walk.start.weight

    def _size(self, level: int) -> float:
        """||y_level(T)|| over the product of the alphas, as walkers weigh; of the exact lift."""
        return math.exp(level * math.log(self.end) - self.walk.log_alpha)

    def _influence(self, form: Form) -> float:
        if isinstance(form, LevelSquare):
            return 2 * self._size(form.level)
        if isinstance(form, Overlap):
            if form.rows is None:
                return form.vector.norm("inf")
            return max(form.rows.norms.values()) * form.vector.norm()
        sizes = sum(norm * self._size(level) for level, norm in form.rows.norms.items())
        largest = max(form.rows.norms.values())
        if isinstance(form, Product):
            return sizes + sum(form.rows.norms.values()) * self._size(1)
        return 2 * largest * sizes

    def _backward(self, form: Form, room: float) -> float:
        if isinstance(form, LevelSquare):
            spread = float(self.n) ** form.level * self._mean_square(form.level)
            return _SQUARE * (spread / room) ** 2 * self._each(form.level)
        if isinstance(form, Overlap):
            reach = abs(form.vector.fill) * self.n + float(abs(form.vector.values - form.vector.fill).sum())
            factors = {1: 1.0} if form.rows is None else form.rows.row_weights
            return sum((reach * weight / room) ** 2 * self._leaf(level) for level, weight in factors.items())
        total = 0.0
        for level, factor in form.rows.factors.items():
            each = max(self._each(level), self._each(1))
            if isinstance(form, Product):
                size = factor.total * math.sqrt(self._mean_square(1) * self._mean_square(level))
                total += _PRODUCT * (size / room) ** 2 * 2 * each
            else:
                size = factor.total * factor.back_weight * self._mean_square(level)
                total += _SQUARE * (size / room) ** 2 * each
        return total * len(form.rows.factors)

    def _each(self, level: int) -> float:
        """K: walkers a row."""
        return max(2.0, self._leaf(level) / self._mean_square(level))

    def _mean_square(self, level: int) -> float:
        """Of the entries of a level at T."""
        return self._size(level) ** 2 / float(self.n) ** level

    def _leaf(self, level: int) -> float:
        """Mean square of the leaves of walks from a level."""
        start = point_norm(self.walk.start.point) / self.walk.start.gamma
        return (start**2 / self.n) ** level


def _pair(form: Form) -> float:
    """By what two walkers in the worst states move a form, per weight of each."""
    if isinstance(form, LevelSquare):
        return 1.0
    if isinstance(form, Overlap):
        return 0.0
    norms = form.rows.norms.values()
    return max(norms) if isinstance(form, Product) else max(norms) ** 2
