"""How far the polynomial map of a network is from gradient descent on it: a bound, and what a run shows.

Truncation at a degree is bounded by a majorant. For a homogeneous polynomial p_d let |p_d| be its supremum on
the unit sphere. Suprema are subadditive and submultiplicative, sum_i u_i p_i has at most sqrt(sum |p_i|^2)
(Cauchy-Schwarz), so one pass through the network with univariate series bounds |L_d| for every degree; and
||grad L_d(u)|| <= d |L_d| ||u||^(d-1), because a symmetric multilinear form attains its norm on the diagonal
(Banach 1938). Hence ||sum_{l > q} F_l u^(x)l|| <= eta sum_{d > q+1} d |L_d| ||u||^(d-1) (derived here; proved,
up to rounding). What a fitted activation changes is bounded on its interval by `approximation.py` and
measured here along the gradient-descent path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.document import Document
from carlemanc.model.network.activation import ScalarFunction
from carlemanc.model.network.approximation import PolynomialFit
from carlemanc.model.network.dense_layers import LayerPlace
from carlemanc.model.network.dense_network import DenseNetwork
from carlemanc.model.network.trained_network import TrainedNetwork, descend, follow
from carlemanc.model.polynomial_map import PolynomialMap


@dataclass(frozen=True, slots=True, kw_only=True)
class FitUse(Document):
    """A fitted function of a network and the arguments it met on the path.

    Attributes:
        layer: number of the layer from 0, None for the softplus of the logistic loss.
        fit: the polynomial with its rigorous remainders.
        low, high: the smallest and largest argument along the path.
    """

    KEYS = (
        "where activation=fit.name kind=fit.kind degree=fit.degree interval=fit.interval remainder=fit.remainder "
        "slope_remainder=fit.slope_remainder"
    )

    layer: int | None
    fit: PolynomialFit
    low: float
    high: float

    @property
    def where(self) -> str:
        """Which function of the network the fit stands for."""
        return "loss" if self.layer is None else f"layer {self.layer}"

    @property
    def inside(self) -> bool:
        """Whether all arguments lay on the interval, where the remainders hold."""
        return self.fit.interval[0] <= self.low and self.high <= self.fit.interval[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRemainder:
    """What separates u(t+1) = G(u(t)) from gradient descent on the network, in 2-norms of the weights.

    Attributes:
        kept_degree: q, the largest degree of F_l kept.
        full_degree: the degree without truncation, None where it is infinite (taylor).
        steps: how many steps of gradient descent on the true network were followed, fewer than asked for
            where it overflows.
        radius: the largest ||u(t)|| on that path.
        truncation_bound: rigorous bound on the terms left out of one step for ||u|| <= radius; zero where
            none is left out, None where the degree is infinite.
        truncation_step: the largest ||G(u(t)) - step of the network with polynomial activations||; measured.
        step: the largest ||G(u(t)) - step of the true network||; measured.
        deviation: ||u - u_true|| after `steps` steps of each; measured, inf where one diverges.
    """

    kept_degree: int
    full_degree: int | None
    steps: int
    radius: float
    truncation_bound: float | None
    truncation_step: float
    step: float
    deviation: float


def majorant(network: DenseNetwork, center: FloatArray, mask: Mask) -> FloatArray:
    """Return bounds on |L_d| for d = 0..degree of the loss; the network's functions are polynomials.

    Args:
        network: with polynomial activations and loss.
        center: (weights,) zero where frozen.
        mask: (weights,) True where a weight is trained.
    """
    constants = network.pre_activations(center)
    bounds = np.abs(network.x.T)[:, :, None]
    values = network.x.T
    for place, activation, z in zip(network.places, network.activations, constants, strict=True):
        inner = _linear(place, center, mask, bounds)
        assert activation.degree is not None
        bounds = _composed(np.abs(activation.series(z, activation.degree)), inner)
        values = activation.value(z)
    assert network.error.degree is not None
    series = np.abs(network.error.series(values, network.targets, network.error.degree))
    bounds[:, :, 0] = 0.0
    total: FloatArray = _composed(series, bounds).sum(axis=(0, 1)) / network.samples
    return total


def tail_bound(bounds: FloatArray, kept_degree: int, learning_rate: float, radius: float) -> float:
    """Return eta sum_{d > q + 1} d bounds[d] radius^(d - 1)."""
    degrees = np.arange(len(bounds))
    with np.errstate(over="ignore", invalid="ignore"):
        terms = degrees * bounds * radius ** np.maximum(degrees - 1, 0)
    return learning_rate * float(terms[kept_degree + 2 :].sum())


def measure(
    polynomial_map: PolynomialMap,
    network: TrainedNetwork,
    fitted: TrainedNetwork,
    *,
    center: FloatArray,
    start: FloatArray,
    mask: Mask,
    kept_degree: int,
    steps: int,
) -> NetworkRemainder:
    """Follow gradient descent on the true network and compare each step with the map.

    Args:
        polynomial_map: in the survivors, u = theta - center.
        network, fitted: with the true functions and with the polynomials in their place.
        center, start: (weights,) expansion point and theta(0).
        mask: (weights,) survivors.
        kept_degree: q, to which the map was derived.
        steps: how many steps; at least one is taken.
    """
    eta = polynomial_map.learning_rate
    path = follow(network, start, mask, eta, max(steps, 1))
    complete = bool(np.isfinite(path).all())
    path = path[: int(np.isfinite(path).all(axis=1).cumprod().sum())]
    u = path[:, mask] - center[mask]
    mapped = np.array([polynomial_map.step(point) for point in u[:-1]]).reshape(-1, polynomial_map.n)
    stepped = np.array([descend(fitted, theta, mask, eta) for theta in path[:-1]]).reshape(-1, len(mask))
    wrong = np.linalg.norm(mapped - u[1:], axis=1)
    lost = np.linalg.norm(mapped - (stepped[:, mask] - center[mask]), axis=1)
    radius = float(np.linalg.norm(u, axis=1).max())
    deviation = float(np.linalg.norm(polynomial_map.iterate(u[0], len(u) - 1)[-1] - u[-1]))
    return NetworkRemainder(
        kept_degree=kept_degree,
        full_degree=None if fitted.degree is None else max(fitted.degree - 1, 0),
        steps=len(path) - 1,
        radius=radius,
        truncation_bound=truncation_bound(fitted, center, mask, kept_degree, eta, radius),
        truncation_step=float(lost.max(initial=0.0)),
        step=float(wrong.max(initial=0.0)),
        deviation=deviation if complete and np.isfinite(deviation) else float("inf"),
    )


def truncation_bound(
    fitted: TrainedNetwork, center: FloatArray, mask: Mask, kept_degree: int, eta: float, radius: float
) -> float | None:
    """Return a proved bound on the terms left out of one step for ||u|| <= radius; None for an infinite degree."""
    if not isinstance(fitted, DenseNetwork) or fitted.degree is None:
        return None
    if kept_degree >= fitted.degree - 1:
        return 0.0
    return tail_bound(majorant(fitted, center, mask), kept_degree, eta, radius)


def fit_uses(network: TrainedNetwork, fitted: TrainedNetwork, path: FloatArray) -> tuple[FitUse, ...]:
    """Return each fit with the range of its arguments on a path of the true network, (points, weights)."""
    if not (isinstance(network, DenseNetwork) and isinstance(fitted, DenseNetwork)):
        return ()
    functions: list[tuple[int | None, ScalarFunction]] = [*enumerate(fitted.activations)]
    if fitted.error.function is not None:
        functions.append((None, fitted.error.function))
    chosen = [(layer, function) for layer, function in functions if isinstance(function, PolynomialFit)]
    if not chosen:
        return ()
    seen = [[*network.pre_activations(theta), network.outputs(theta)] for theta in path]
    uses = []
    for layer, function in chosen:
        arguments = [values[-1 if layer is None else layer] for values in seen]
        low = min(float(values.min()) for values in arguments)
        high = max(float(values.max()) for values in arguments)
        uses.append(FitUse(layer=layer, fit=function, low=low, high=high))
    return tuple(uses)


def _linear(place: LayerPlace, center: FloatArray, mask: Mask, bounds: FloatArray) -> FloatArray:
    """Return bounds for z without its constant: shape (outputs, m, degrees + 1)."""
    trained = np.asarray(mask, dtype=np.float64)
    fixed, free = np.abs(place.matrix(center)), place.matrix(trained)
    result = np.zeros((place.outputs, bounds.shape[1], bounds.shape[2] + 1))
    result[:, :, :-1] += np.tensordot(fixed, bounds, axes=1)
    squares: FloatArray = np.tensordot(free, bounds**2, axes=1)
    squares[:, :, 0] += place.bias(trained)[:, None]
    result[:, :, 1:] += np.sqrt(squares)
    result[:, :, 0] = 0.0
    return result


def _composed(series: FloatArray, inner: FloatArray) -> FloatArray:
    """Return sum_k series[k] inner^k for univariate polynomials along the last axis, by Horner's rule."""
    result: FloatArray = series[-1][:, :, None]
    for coefficients in series[-2::-1]:
        product = np.zeros((*result.shape[:2], result.shape[2] + inner.shape[2] - 1))
        for degree in range(result.shape[2]):
            product[:, :, degree : degree + inner.shape[2]] += result[:, :, degree, None] * inner
        product[:, :, 0] += coefficients
        result = product
    return result
