r"""Products and gradients of a loss against central differences, at a generic point beside the weights.

Directions, steps and lengths are in the natural unit of each weight (`natural_units`).

The comparison is made at theta' = theta (1 + 10^-3 r), r uniform in [-1, 1]: at theta itself a ReLU may stand
exactly on its kink (zero biases under padding), where no difference of gradients means anything, and a trained
network's gradient vanishes. Closer points are taken where that one is outside the domain of the loss.

Steps h, in double precision. A difference (g(h) - g(-h)) / 2h misses H v by three causes: the third derivative,
h^2 (10^-12 at h = 10^-6); rounding, 10^-16 / h times the growth of errors in the network (10^2 to 10^4); and
kinks (ReLU, max-pooling) that the step crosses. Of N piecewise linear units about N h are crossed, so a step as
short as 10^-10 crosses none of 10^9 of them, and rounding still leaves 10^-4 or less. The best of four steps is
therefore below 10^-3 for every right second derivative, smooth or not; a wrong one differs by as much as it is
wrong, at every step. In single precision no such step exists: rounding leaves 10^-7 / h, and a network of 10^7
units has crossings down to h = 10^-7. That is why single precision is raised.

What is left to rounding is measured, not assumed: where a figure does not pass, everything is evaluated once
more at weights moved in their last bits, and a difference that is explained by ten times that change passes. A
loss without curvature, or whose terms cancel, is so never refused for its rounding. Everything is then evaluated
again at the same weights too, so that no random number passes for rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError
from carlemanc.training.flat_weights import Vector
from carlemanc.training.hessian.natural_units import NaturalUnits, inner
from carlemanc.training.hessian.products import BatchProducts
from carlemanc.training.problem import refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """Steps of differences and largest relative differences that pass, in one precision.

    `enough` is the relative difference of gradients at which no better step is looked for.
    """

    steps: tuple[float, ...]
    enough: float
    repeatability: float
    symmetry: float
    gradient: float
    loss: float


DOUBLE = Tolerances(
    steps=(1e-6, 1e-8, 1e-4, 1e-10), enough=1e-3, repeatability=1e-9, symmetry=1e-6, gradient=1e-3, loss=1e-3
)
SINGLE = Tolerances(
    steps=(1e-3, 1e-4, 1e-2, 1e-5), enough=1e-2, repeatability=1e-4, symmetry=1e-2, gradient=2.0, loss=0.1
)
"""For a model that runs in single precision only. There kinks may be all of a difference of gradients, which is told
and decides nothing (2 is the largest possible); a loss has them in its slope only, and decides with the symmetry."""


SHIFTS = (1e-3, 1e-6, 0.0)
"""How far from the weights the comparison is made, in natural units; the first that is in the domain of the loss."""
_EXPLAINED = 10.0
"""How many times the measured rounding may explain a difference."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Differences:
    """Relative differences; what rounding explains is 0.

    Attributes:
        symmetry: |u.Hv - v.Hu| over the mean of |s Hu| and |s Hv|.
        gradient: |s (difference of gradients - Hv)| over the larger of the two.
        loss: |difference of losses - g.v| over |s g|.
        repeatability: the larger relative change of gradient and products asked for twice at one point.
        worst: the parameter with the largest share of `gradient`.
    """

    symmetry: float
    gradient: float
    loss: float
    worst: str
    repeatability: float = 0.0

    def passes(self, limits: Tolerances) -> bool:
        """Return whether symmetry, gradient and loss are within the limits."""
        return (
            self.symmetry <= limits.symmetry and self.gradient <= limits.gradient and self.loss <= limits.loss
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Derivatives:
    """What is known at one point: loss, gradient (d,), H v (d,), |u.Hv - v.Hu| and the mean of |s Hu| and |s Hv|."""

    loss: float
    gradient: FloatArray
    product: FloatArray
    skew: float
    bulk: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _AtStep:
    """The differences of one step, and the lengths that they are relative to."""

    step: float
    gradient: float
    gradient_length: float
    loss: float
    loss_length: float
    worst: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rounding:
    """What loss, gradient and products change by, in units of the loss."""

    loss: float = 0.0
    gradient: float = 0.0
    product: float = 0.0


def differences(
    products: BatchProducts,
    batches: Sequence[int],
    units: NaturalUnits,
    directions: Vector,
    tolerances: Tolerances,
    generator: np.random.Generator,
) -> Differences:
    """Return how far products and gradients are from central differences. The weights are left beside where they were.

    Args:
        products: of the model in the precision of the comparison.
        batches: which batches are summed.
        units: natural sizes.
        directions: (2, d) u and v.
        tolerances: steps, and what ends the search for a better one.
        generator: of the shift.

    Raises InputError where no point at or beside the weights has a finite loss, gradient and product.
    """
    start = products.weights.read()
    for shift in SHIFTS:
        base = start.copy()
        base[products.kept] += shift * units.scale * generator.uniform(-1, 1, len(units.scale))
        comparison = _Comparison(products, batches, units, directions, tolerances, base)
        try:
            point = comparison.point(base)
        except InputError:
            if shift:
                continue
            raise
        if np.isfinite(point.product).all() and np.isfinite(point.gradient).all():
            del start
            return comparison.differences(point)
    raise refused(products.problem.label, "derivatives that are not finite", "two finite derivatives")


@dataclass(frozen=True, slots=True, eq=False)
class _Comparison:
    """The evaluations about one point, `base` (n,)."""

    products: BatchProducts
    batches: Sequence[int]
    units: NaturalUnits
    directions: Vector
    tolerances: Tolerances
    base: Vector

    def point(self, values: Vector) -> _Derivatives:
        """Return everything at the weights `values`, (n,)."""
        self.products.weights.write(values)
        loss, gradient = self._loss_and_gradient()
        (u, v), total = self.directions, None
        for batch in self.batches:
            part = self.products.product(batch, self.directions)
            total = part if total is None else total + part
        assert total is not None
        bulk = 0.5 * (self.units.length(total[0]) + self.units.length(total[1]))
        skew = abs(inner(u, total[1]) - inner(v, total[0]))
        return _Derivatives(loss=loss, gradient=gradient, product=total[1].copy(), skew=skew, bulk=bulk)

    def differences(self, point: _Derivatives) -> Differences:
        """Return the differences at a point, the best of the steps."""
        rows: list[_AtStep] = []
        for step in self.tolerances.steps:
            row = self._row(point, step)
            if row is not None:
                rows.append(row)
                found = _best(point, rows, _Rounding())
                if found.gradient <= self.tolerances.enough and found.loss <= self.tolerances.loss:
                    break
        if not rows:
            raise refused(
                self.products.problem.label, "no finite loss beside the weights", "a finite loss there"
            )
        if found.passes(self.tolerances):
            return found
        again = self._change(point, self.point(self.base))
        moved = self.base * (
            1 + 2 * np.finfo(self.base.dtype).eps * np.where(np.arange(len(self.base)) % 2, 1, -1)
        )
        found = _best(point, rows, self._change(point, self.point(moved)))
        length = self.units.length(point.gradient)
        return replace(
            found, repeatability=max(_ratio(again.gradient, length), _ratio(again.product, point.bulk))
        )

    def _row(self, point: _Derivatives, step: float) -> _AtStep | None:
        """Return the differences of one step; None where it leads out of the domain of the loss."""
        try:
            (up, error), (down, behind) = self._at(step), self._at(-step)
        except InputError:
            return None
        error -= behind
        error /= 2 * step
        rise, length = (up - down) / (2 * step), self.units.length(error)
        if not np.isfinite(length):
            return None
        error -= point.product
        return _AtStep(
            step=step,
            gradient=self.units.length(error),
            gradient_length=max(length, self.units.length(point.product)),
            loss=abs(rise - inner(self.directions[1], point.gradient)),
            loss_length=max(self.units.length(point.gradient), abs(rise)),
            worst=self.units.worst(error),
        )

    def _at(self, step: float) -> tuple[float, FloatArray]:
        """Return (loss, gradient) at the point + step v."""
        moved = self.base.copy()
        moved[self.products.kept] += step * self.directions[1].astype(moved.dtype)
        self.products.weights.write(moved)
        return self._loss_and_gradient()

    def _loss_and_gradient(self) -> tuple[float, FloatArray]:
        loss, gradient = 0.0, None
        for batch in self.batches:
            part, slope = self.products.loss_and_gradient(batch)
            loss, gradient = loss + part, slope if gradient is None else gradient + slope
        assert gradient is not None
        return loss, gradient

    def _change(self, point: _Derivatives, other: _Derivatives) -> _Rounding:
        """Return how much two evaluations differ."""
        return _Rounding(
            loss=abs(other.loss - point.loss),
            gradient=self.units.length(other.gradient - point.gradient),
            product=self.units.length(other.product - point.product),
        )


def _best(point: _Derivatives, rows: Sequence[_AtStep], rounding: _Rounding) -> Differences:
    """Return each difference at its best step, less what rounding explains."""
    loss, gradient, product = (
        _EXPLAINED * item for item in (rounding.loss, rounding.gradient, rounding.product)
    )
    curved = [
        (_ratio(row.gradient, row.gradient_length, gradient / row.step + product), row.worst) for row in rows
    ]
    sloped = [_ratio(row.loss, row.loss_length, loss / row.step + gradient) for row in rows]
    return Differences(
        symmetry=_ratio(point.skew, point.bulk, product),
        gradient=min(curved)[0],
        loss=min(sloped),
        worst=min(curved)[1],
    )


def _ratio(error: float, size: float, explained: float = 0.0) -> float:
    """Return error / size; 0 where rounding explains the error."""
    if error <= explained:
        return 0.0
    return error / size if size else float("inf")
