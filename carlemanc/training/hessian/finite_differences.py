r"""Products and gradients of a loss against central differences, at a generic point beside the weights.

Directions and steps are in the natural unit of each weight, its own size: v_i = s_i r_i with r normal, s_i =
|theta_i| (for a zero the root mean square of its tensor, or of a typical tensor), and vectors are measured as
|s x|. So no layer is lost beside a larger one, and a loss times 10^30 or weights times 10^6 give the same
figures.

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
import numpy.typing as npt

from carlemanc.core.errors import InputError
from carlemanc.training.flat_weights import FlatWeights, Mask
from carlemanc.training.hessian.products import BatchProducts
from carlemanc.training.problem import refused

FloatArray = npt.NDArray[np.float64]

SHIFTS = (1e-3, 1e-6, 0.0)
"""How far from the weights the comparison is made, in natural units; the first that is in the domain of the loss."""
_EXPLAINED = 10.0
"""How many times the measured rounding may explain a difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """Steps of differences and largest relative differences that pass, in one precision."""

    steps: tuple[float, ...]
    repeatability: float
    symmetry: float
    gradient: float
    loss: float


DOUBLE = Tolerances(
    steps=(1e-6, 1e-8, 1e-4, 1e-10), repeatability=1e-9, symmetry=1e-6, gradient=1e-3, loss=1e-3
)
SINGLE = Tolerances(steps=(1e-2, 1e-3, 1e-1), repeatability=1e-4, symmetry=1e-2, gradient=0.5, loss=0.1)
"""For a model that runs in single precision only: what its rounding and kinks leave room for."""


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Point:
    """Loss, gradient (d,) and products (2, d) at one point."""

    loss: float
    gradient: FloatArray
    products: FloatArray


def natural_scale(weights: FlatWeights, mask: Mask, constant: Mask) -> FloatArray:
    """Return the size s of each survivor, (d,): positive, or 0 for what counts as constant (both masks (n,))."""
    values = np.abs(weights.read().astype(np.float64))
    parts = np.split(values, np.cumsum(weights.sizes)[:-1])
    sizes = [float(np.sqrt(np.mean(part**2))) if part.any() else 0.0 for part in parts]
    typical = float(np.median([size for size in sizes if size] or [1.0]))
    for part, size in zip(parts, sizes, strict=True):
        part[part == 0] = size or typical
    values[constant] = 0.0
    return np.asarray(values[mask])


def differences(
    products: BatchProducts,
    batches: Sequence[int],
    scale: FloatArray,
    directions: FloatArray,
    tolerances: Tolerances,
    generator: np.random.Generator,
) -> Differences:
    """Return how far products and gradients are from central differences; the weights come back as they were.

    Args:
        products: of the model in the precision of the comparison.
        batches: which batches are summed.
        scale: (d,) natural sizes.
        directions: (2, d) u and v.
        tolerances: steps, and what ends the search for a better one.
        generator: of the shift.

    Raises InputError where no point at or beside the weights has a finite loss, gradient and product.
    """
    measure = _Measure(products, batches, scale, directions, tolerances)
    start = products.weights.read()
    try:
        for shift in SHIFTS:
            measure.move(start, shift * scale * generator.uniform(-1, 1, len(scale)))
            try:
                point = measure.point()
            except InputError:
                if shift:
                    continue
                raise
            if np.isfinite(point.products).all() and np.isfinite(point.gradient).all():
                return measure.compared(point)
        raise refused(products.problem.label, "derivatives that are not finite", "two finite derivatives")
    finally:
        products.weights.write(start)


class _Measure:
    """The evaluations of one comparison, about a point that `move` sets."""

    def __init__(
        self,
        products: BatchProducts,
        batches: Sequence[int],
        scale: FloatArray,
        directions: FloatArray,
        tolerances: Tolerances,
    ) -> None:
        self.products, self.batches, self.tolerances = products, batches, tolerances
        self.scale, self.directions = scale, directions
        self.base = products.weights.read()

    def move(self, start: npt.NDArray[np.floating], change: FloatArray) -> None:
        """Make start + change, (d,) on the survivors, the point of the comparison."""
        self.base = start.copy()
        self.base[self.products.mask] += change.astype(start.dtype)
        self.products.weights.write(self.base)

    def point(self) -> _Point:
        """Return everything at the point."""
        loss, gradient = self.at(0.0)
        total = np.zeros(self.directions.shape)
        for batch in self.batches:
            total += self.products.product(batch, self.directions)
        return _Point(loss=loss, gradient=gradient, products=total)

    def at(self, step: float) -> tuple[float, FloatArray]:
        """Return (loss, gradient) at the point + step v."""
        if step:
            moved = self.base.copy()
            moved[self.products.mask] += step * self.directions[1].astype(moved.dtype)
            self.products.weights.write(moved)
        loss, gradient = 0.0, np.zeros(len(self.scale))
        for batch in self.batches:
            part, slope = self.products.loss_and_gradient(batch)
            loss, gradient = loss + part, gradient + slope
        self.products.weights.write(self.base)
        return loss, gradient

    def size(self, vector: FloatArray) -> float:
        """Return |s x|."""
        return float(np.linalg.norm(self.scale * vector))

    def compared(self, point: _Point) -> Differences:
        """Return the differences at a point, the best of the steps."""
        (u, v), (hu, hv) = self.directions, point.products
        skew, bulk = abs(float(u @ hv - v @ hu)), 0.5 * (self.size(hu) + self.size(hv))
        size, slope, along = self.size(hv), self.size(point.gradient), float(point.gradient @ v)
        rows, worst = [], {}
        for step in self.tolerances.steps:
            try:
                (up, ahead), (down, behind) = self.at(step), self.at(-step)
            except InputError:  # outside the domain of the loss
                continue
            change, rise = (ahead - behind) / (2 * step), (up - down) / (2 * step)
            if not np.isfinite(change).all():
                continue
            row = (
                step,
                self.size(change - hv),
                max(size, self.size(change)),
                abs(rise - along),
                max(slope, abs(rise)),
            )
            rows.append(row)
            worst[step] = self._worst(change - hv)
            if _ratio(*row[1:3]) <= self.tolerances.gradient and _ratio(*row[3:5]) <= self.tolerances.loss:
                break
        if not rows:
            raise refused(
                self.products.problem.label, "no finite loss beside the weights", "a finite loss there"
            )
        found = self._best(skew, bulk, rows, worst, (0.0, 0.0, 0.0))
        limits = self.tolerances
        if (
            found.symmetry <= limits.symmetry
            and found.gradient <= limits.gradient
            and found.loss <= limits.loss
        ):
            return found
        again = self._change(point, self.point())
        found = self._best(skew, bulk, rows, worst, self._rounding(point))
        return replace(found, repeatability=max(_ratio(again[1], slope), _ratio(again[2], bulk)))

    def _rounding(self, point: _Point) -> tuple[float, float, float]:
        """Return how much (loss, gradient, product) change where the weights change in their last bits."""
        kept = self.base
        epsilon = float(np.finfo(kept.dtype).eps)
        bits = np.where(np.arange(len(kept)) % 2, 2 * epsilon, -2 * epsilon).astype(kept.dtype)
        self.move(kept * (1 + bits), np.zeros(len(self.scale)))
        other = self.point()
        self.move(kept, np.zeros(len(self.scale)))
        return self._change(point, other)

    def _change(self, point: _Point, other: _Point) -> tuple[float, float, float]:
        """Return how much (loss, gradient, product) differ."""
        change = other.products - point.products
        return (
            abs(other.loss - point.loss),
            self.size(other.gradient - point.gradient),
            max(self.size(change[0]), self.size(change[1])),
        )

    def _best(
        self,
        skew: float,
        bulk: float,
        rows: list[tuple[float, float, float, float, float]],
        worst: dict[float, str],
        rounding: tuple[float, float, float],
    ) -> Differences:
        loss, gradient, product = (_EXPLAINED * item for item in rounding)
        curved = [(_ratio(row[1], row[2], gradient / row[0] + product), row[0]) for row in rows]
        return Differences(
            symmetry=_ratio(skew, bulk, product),
            gradient=min(curved)[0],
            loss=min(_ratio(row[3], row[4], loss / row[0] + gradient) for row in rows),
            worst=worst[min(curved)[1]],
        )

    def _worst(self, error: FloatArray) -> str:
        """Return the name of the parameter with the largest share of an error."""
        weights = self.products.weights
        full = np.zeros(weights.n)
        full[self.products.mask] = (self.scale * error) ** 2
        shares = np.add.reduceat(full, np.cumsum([0, *weights.sizes[:-1]]))
        return weights.names[int(np.argmax(shares))]


def _ratio(error: float, size: float, explained: float = 0.0) -> float:
    """Return error / size; 0 where rounding explains the error."""
    if error <= explained:
        return 0.0
    return error / size if size else float("inf")
