"""The Hessian of a PyTorch model, checked before its spectrum is taken: repeatable, symmetric, and that of the
loss.

Automatic differentiation is exact for what it is given, and wrong without a word where a forward pass draws
random numbers, where it is not what its backward pass says (straight-through estimators, detach, hooks,
hand-written backward passes), and where PyTorch's own second derivative errs (weight normalization). In that
order:

1. the products that Lanczos will use are asked for twice (repeatability);
2. in double precision u.Hv is compared with v.Hu for random u, v (symmetry), Hv with a central difference of
   gradients, and the gradient with one of losses (`finite_differences` says how and why no healthy model fails).

The whole costs as much as eight Lanczos steps of one probe (fifteen where a network is small), on at most three
batches, and memory for ten vectors of double precision.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.network.torch_module import require_torch
from carlemanc.training.flat_weights import Vector
from carlemanc.training.hessian.checked import Checked, Deviation
from carlemanc.training.hessian.culprits import doubtful_operations, half_value
from carlemanc.training.hessian.finite_differences import DOUBLE, SINGLE, Differences, differences
from carlemanc.training.hessian.natural_units import NaturalUnits, natural_units
from carlemanc.training.hessian.operator import HessianOperator
from carlemanc.training.hessian.padding_rows import padding_rows
from carlemanc.training.hessian.products import BatchProducts
from carlemanc.training.problem import refused

if TYPE_CHECKING:
    from torch import nn


BATCHES = 3
"""Most batches that take part: the first, the last and those between at equal distances."""
SEED = 12
"""Of the directions."""
REPEATED = 1e-4
"""Largest relative difference of a product asked for twice: sums in another order on a GPU, no random number."""


def check_model(products: BatchProducts, operator: HessianOperator) -> Checked:
    """Return the findings about a Hessian that can be used.

    Args:
        products: the problem as this process loaded it; its model is left bit for bit as it is.
        operator: what Lanczos will use.

    Raises InputError for a Hessian that is not repeatable, not symmetric or not that of the loss, for derivatives
    that are not finite, for a forward pass that changes weights or computes in half precision; each by name.
    """
    label, count = products.problem.label, len(products.problem.batches)
    chosen = tuple(sorted({round(place) for place in np.linspace(0, count - 1, min(BATCHES, count))}))
    start = products.weights.read()
    fresh = products.fresh()
    half = half_value(products.problem, products.problem.batches[0])
    if half is not None:
        raise refused(label, half, "single or double precision throughout: no autocast, no casts to half")
    generator = np.random.default_rng(SEED)
    padding = padding_rows(products.problem, products.problem.batches[0], products.weights)
    units = natural_units(products.weights, products.mask, padding)
    directions = units.directions(generator, 2)
    own = replace(operator, batches=chosen, form="fresh")
    first = own(directions[1:])[0]
    _check_finite(products, first)
    twice = Deviation(value=_relative(own(directions[1:])[0] - first, first, units), allowed=REPEATED)
    if not twice.passes:
        raise _not_repeatable(label, twice)
    rounding, reason, found = _compared(fresh, chosen, units, directions, first, start, generator)
    twice = replace(twice, value=max(twice.value, found.repeatability))
    limits = DOUBLE if reason is None else SINGLE
    if found.repeatability > limits.repeatability:
        raise _not_repeatable(label, Deviation(value=found.repeatability, allowed=limits.repeatability))
    single = products.weights.dtype is np.float32
    result = Checked(
        symmetry=Deviation(value=found.symmetry, allowed=limits.symmetry),
        repeatability=twice,
        gradient=Deviation(value=found.gradient, allowed=limits.gradient),
        loss=Deviation(value=found.loss, allowed=limits.loss),
        rounding=rounding if single else None,
        precision="float64" if reason is None else "float32",
        batches=f"{len(chosen)} of {count}",
        notes=tuple([*_batch_statistics(products.problem.model), *([reason] if reason else [])]),
    )
    if not all(item.passes for item in result.figures.values()):
        raise _contradicted(products, result, found.worst)
    return result


def _compared(
    products: BatchProducts,
    batches: tuple[int, ...],
    units: NaturalUnits,
    directions: Vector,
    first: FloatArray,
    start: Vector,
    generator: np.random.Generator,
) -> tuple[float | None, str | None, Differences]:
    """Return (rounding of `first`, why single precision had to do, differences)."""
    with products.doubled() as twice:
        try:
            exact = sum(twice.product(batch, directions[1:])[0] for batch in batches)
        except InputError as error:
            reason = error.problems[0].found
        else:
            rounding = _relative(first - exact, exact, units)
            del exact
            _check_unchanged(twice, start)
            found = differences(twice, batches, units, directions, DOUBLE, generator)
            return rounding, None, found
    if products.weights.dtype is np.float64:
        raise refused(products.problem.label, reason, "a model of which every evaluation is alike")
    try:
        found = differences(products, batches, units, directions, SINGLE, generator)
    finally:
        products.weights.write(start)
    return None, f"compared in single precision, since in double the model fails: {reason}", found


def _relative(error: FloatArray, vector: FloatArray, units: NaturalUnits) -> float:
    """Return |s error| / |s x|; 0 of 0."""
    above, below = units.length(error), units.length(vector)
    return above / below if below else (0.0 if above == 0 else float("inf"))


def _check_finite(products: BatchProducts, product: FloatArray) -> None:
    if np.isfinite(product).all():
        return
    weights = products.weights
    full = np.zeros(weights.n, dtype=bool)
    full[products.mask] = ~np.isfinite(product)
    parts = np.split(full, np.cumsum(weights.sizes)[:-1])
    names = [name for name, part in zip(weights.names, parts, strict=True) if part.any()]
    problem = Problem(
        where=products.problem.label,
        found=f"a second derivative that is not finite, in {', '.join(names[:4])}",
        allowed="two finite derivatives at the weights",
        help="sqrt, norm and abs have none at 0; where numbers overflow, scale the loss or use float64",
    )
    raise InputError("The model cannot be used.", [problem])


def _check_unchanged(products: BatchProducts, start: Vector) -> None:
    """Raise InputError where the forward passes so far have changed a parameter."""
    weights = products.weights
    same = weights.read() == start.astype(np.float64)
    parts = np.split(same, np.cumsum(weights.sizes)[:-1])
    names = [name for name, part in zip(weights.names, parts, strict=True) if not part.all()]
    if names:
        raise refused(
            products.problem.label,
            f"a forward pass that changes {', '.join(names[:4])}",
            "a forward pass that leaves the weights as they are",
        )


def _batch_statistics(model: nn.Module) -> list[str]:
    """Return a note where normalization is by the statistics of each batch, in evaluation mode too."""
    kinds = require_torch().nn.modules.batchnorm._BatchNorm
    found = [
        f"{path or 'the model'} ({type(item).__name__})"
        for path, item in model.named_modules()
        if isinstance(item, kinds) and (item.training or item.running_mean is None)
    ]
    if not found:
        return []
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return [f"{found[0]}{more}: normalized by each batch, so that the Hessian is that of these very batches"]


def _not_repeatable(label: str, twice: Deviation) -> InputError:
    problem = Problem(
        where=label,
        found=f"another Hessian at each call: H v asked for twice differs by {twice.words}",
        allowed="a loss that is the same each time",
        help="switch dropout and noise off in evaluation mode, F.dropout(x, p, self.training), or seed what it draws",
    )
    return InputError("The model cannot be used.", [problem])


def _contradicted(products: BatchProducts, found: Checked, worst: str) -> InputError:
    """Return the error of derivatives that contradict each other, with all figures."""
    told = {
        "loss": "a gradient that differences of the loss contradict by {}",
        "gradient": f"products H v that differences of the gradient contradict by {{}}, most in {worst}",
        "symmetry": "u.Hv and v.Hu that differ by {}",
    }
    failing = [
        text.format(found.figures[name].words)
        for name, text in told.items()
        if not found.figures[name].passes
    ]
    suspects = doubtful_operations(products.problem, products.problem.batches[0])
    usual = (
        "straight-through estimators, detach, gradient hooks and hand-written backward passes differentiate "
        "another function"
    )
    remarks = [f"found in it: {'; '.join(suspects)}" if suspects else usual]
    if found.precision == "float32":
        remarks.append("single precision may be too coarse for it: let the model run in float64")
    problem = Problem(
        where=products.problem.label,
        found="; ".join(failing),
        allowed="a loss whose gradient and second derivatives are those that PyTorch computes",
        help="; ".join(remarks),
    )
    return InputError("The model cannot be used.", [problem])
