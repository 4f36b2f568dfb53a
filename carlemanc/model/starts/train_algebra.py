"""Sums, inner products and images of weights that are a tensor train: what planning asks of them at any size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from carlemanc.core.errors import TooLarge
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap, written_out
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.starts.train import Train, constant_train, product_train
from carlemanc.model.starts.train_step import MOST_RANK, TOLERANCE, TrainWeights, has_trains, train_terms
from carlemanc.model.starts.train_tally import Tally
from carlemanc.model.weights import Point, Weights, as_array


def train_image(row: PolynomialMap, u: TrainWeights) -> TrainWeights:
    """Return sum_l F_l u^(x)l to `TOLERANCE`, relative to its terms. Raises TooLarge where no train holds it."""
    bare = row.with_tensors(
        {degree: item.bare() for degree, item in row.operators.items() if isinstance(item, LatticeTensor)}
    )
    found = constant_train(0.0, u.train.bits)
    if bare.operators:
        if not has_trains(bare):
            raise _no_train(u)
        for _, coefficient, term in train_terms(bare, u, Tally(tolerance=TOLERANCE)):
            found = found.plus(term.scaled(coefficient)).rounded(TOLERANCE)
            if max(found.rank, term.rank) > MOST_RANK:
                raise _no_train(u)
    made = replace(u, train=found, error=0.0, largest=np.inf)
    for item in row.operators.values():
        entries = item.entries if isinstance(item, LatticeTensor) else written_out(item)
        made = train_sum(made, _rows_of(entries, u), 1.0)
    return made


def _rows_of(entries: SparseTensor, u: TrainWeights) -> Weights:
    """Return what explicit entries make of u: few rows."""
    values = entries.vals * np.prod(u.train.at(entries.cols.reshape(-1)).reshape(entries.cols.shape), axis=1)
    sites, place = np.unique(entries.rows, return_inverse=True)
    summed = np.asarray(np.bincount(place, values, minlength=len(sites)), dtype=np.float64)
    return Weights(n=u.n, fill=0.0, sites=sites, values=summed)


def train_sum(u: TrainWeights, v: Point, factor: float) -> TrainWeights:
    """Return u + factor v. Raises TooLarge for a list of weights."""
    if isinstance(v, Weights) and v.is_zero:
        return u
    other = _train_of(v, u)
    return replace(u, train=u.train.plus(other.scaled(factor)).rounded(TOLERANCE), largest=np.inf)


def train_product(u: TrainWeights, v: Point) -> float:
    """Return <u, v>."""
    if isinstance(v, Weights):
        listed = float(u.train.at(v.sites) @ (v.values - v.fill)) if len(v.sites) else 0.0
        return listed + (v.fill * u.train.inner(constant_train(1.0, u.train.bits)) if v.fill else 0.0)
    if isinstance(v, TrainWeights):
        return u.train.inner(v.train)
    return float(as_array(u) @ as_array(v))


def _train_of(v: Point, like: TrainWeights) -> Train:
    """Return weights as a train: one value and few sites that differ."""
    if isinstance(v, TrainWeights):
        return v.train
    if not isinstance(v, Weights) or len(v.sites) > MOST_RANK:
        raise _no_train(like)
    bits = like.train.bits
    found = constant_train(v.fill, bits)
    for site, value in zip(v.sites.tolist(), (v.values - v.fill).tolist(), strict=True):
        here = [site >> (bits - 1 - position) & 1 for position in range(bits)]
        found = found.plus(product_train([(1.0 - bit, float(bit)) for bit in here]).scaled(value))
    return found


def _no_train(u: TrainWeights) -> TooLarge:
    return TooLarge(
        "what is read of a start that is a function",
        size=f"n = {u.n:,} sites",
        limit=f"sums over sites of rank {MOST_RANK}, and as many single sites",
        instead="Use a smaller n, or a sparse or uniform start.",
    )
