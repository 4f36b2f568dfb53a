"""An observable as a polynomial about the center: its tensors are those of a loss, made by the same pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.core.errors import InputError, Problem
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.expression.tree import GRADIENT_NORM, LOSS
from carlemanc.model.gradient import derive_map
from carlemanc.model.polynomial_map import PolynomialMap, written_out
from carlemanc.model.polynomial_value import value_at_origin
from carlemanc.model.pruning import restrict
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.training import Training
from carlemanc.model.value_at_zero import value_at_zero
from carlemanc.model.vocabulary import Vocabulary
from carlemanc.model.weights import Weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polynomial:
    r"""A polynomial O of the weights: $O(\theta) = O(c) - \sum_l <u, F_l u^{(x) l}> / (l + 1)$ with u = theta - c.

    Attributes:
        name: what the user calls it.
        expression: what the user wrote.
        map: its F_l = -D^(l+1) O / l! about the center c of the training, learning rate 1 (`polynomial_value`).
        constant: O(c).
    """

    name: str
    expression: str
    map: PolynomialMap
    constant: float


def place_of(lifted: Lifted, name: str) -> str:
    """Return where an observable stands, for messages."""
    return f"{lifted.origin}: readout.observables.{name}"


def polynomial_of(lifted: Lifted, name: str, expression: str, vocabulary: Vocabulary) -> Polynomial:
    """Return the polynomial that an expression stands for; "loss" and "gradient_norm" both stand for the loss.

    Raises InputError for an expression that cannot be read or evaluated, and for the loss of a map; TooLarge.
    """
    if expression not in (LOSS, GRADIENT_NORM):
        return _expressed(lifted, name, expression, expression, vocabulary)
    if vocabulary.loss is not None:
        return _expressed(lifted, name, expression, vocabulary.loss, vocabulary)
    return _of_network(lifted, name, expression)


def _expressed(lifted: Lifted, name: str, expression: str, text: str, vocabulary: Vocabulary) -> Polynomial:
    training, n = lifted.training, vocabulary.weights
    try:
        tree = parse_expression(text)
        center = _spread_center(training, n)
        found = derive_map(
            tree,
            n=n,
            learning_rate=1.0,
            center=center,
            parameters=vocabulary.parameters,
            data=vocabulary.data,
            boundary=vocabulary.boundary,
            dims=vocabulary.dims,
            source=text,
        )
        at_zero = value_at_zero(
            tree,
            n=n,
            parameters=vocabulary.parameters,
            data=vocabulary.data,
            boundary=vocabulary.boundary,
            dims=vocabulary.dims,
        )
    except InputError as error:
        raise _renamed(error, place_of(lifted, name)) from None
    constant = at_zero - value_at_origin(found)
    if training.addresses is not None:
        found = restrict(found, np.isin(np.arange(n), training.addresses))
    return Polynomial(name=name, expression=expression, map=found, constant=constant)


def _spread_center(training: Training, n: int) -> Weights:
    """Return the center of all weights, zero at frozen ones that the maps do not count."""
    center = training.sequence.maps[0].point
    if training.addresses is None:
        return center
    full = np.zeros(n)
    full[training.addresses] = center.as_array()
    return Weights.of(full)


def _renamed(error: InputError, key: str) -> InputError:
    """Return what is wrong with an observable, which is read as a loss is, at its own key."""
    problems = [
        replace(problem, where=re.sub(r"^(loss\.)?expression|^loss$", lambda found: key, problem.where))
        for problem in error.problems
    ]
    return InputError("The observable cannot be evaluated.", problems) if problems else error


def _of_network(lifted: Lifted, name: str, expression: str) -> Polynomial:
    """Return the loss of a network over all data: the mean over its batches."""
    training = lifted.training
    network = training.network
    if network is None:
        problem = Problem(
            where=place_of(lifted, name),
            found=f'"{expression}" of a map, which need not be the descent of anything',
            allowed="an expression in theta",
        )
        raise InputError("a map has no loss", [problem])
    if len(training.batches) != training.batch_count:
        problem = Problem(
            where=place_of(lifted, name),
            found=f"{len(training.batches)} of {training.batch_count} batches reached in T steps",
            allowed="the loss over all data needs the map of every batch",
            help="raise training.steps or training.batch_size",
        )
        raise InputError("not every batch has a map", [problem])
    sizes = np.array([last - first for first, last in training.rows] or [1], dtype=np.float64)
    shares = (sizes / sizes.sum()).tolist()
    eta = training.batches[0].learning_rate
    losses = [info.fitted.loss(info.center) for info in network.infos]
    mean = _mean(training.batches, [share / eta for share in shares])
    constant = float(np.dot(shares, losses))
    return Polynomial(name=name, expression=expression, map=mean, constant=constant)


def _mean(maps: Sequence[PolynomialMap], factors: Sequence[float]) -> PolynomialMap:
    """Return the map whose F_l are those of several maps times factors, added up; learning rate 1."""
    tensors: dict[int, SparseTensor] = {}
    for degree in sorted({degree for item in maps for degree in item.operators}):
        parts = [
            written_out(item.operators[degree]).scale(factor)
            for item, factor in zip(maps, factors, strict=True)
            if degree in item.operators
        ]
        tensors[degree] = SparseTensor.build(
            n=maps[0].n,
            degree=degree,
            rows=np.concatenate([part.rows for part in parts]),
            cols=np.concatenate([part.cols for part in parts]),
            vals=np.concatenate([part.vals for part in parts]),
            lost=sum(part.lost for part in parts),
        )
    return PolynomialMap(
        n=maps[0].n,
        center=maps[0].point,
        tensors=tensors,
        learning_rate=1.0,
        source=maps[0].source,
        samples=maps[0].samples if len(maps) == 1 else None,
    )
