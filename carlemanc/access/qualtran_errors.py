"""What block encodings of Qualtran 0.7 leave unsaid: how far blocks are from what they encode, and which are wrong.

`LinearCombination` leaves the rounding of alias sampling out of its `epsilon`, and `Product` and `TensorProduct` weigh
the errors of their parts by one subnormalization where the others belong. Here errors are those of the block itself,
epsilon/alpha: unit weights in sums, and at most their sum in products of blocks of norm at most 1 (derived here,
tested). `Product` and `ChebyshevPolynomial` test `ancilla` alone between their factors, so that junk of one
factor's `resource` enters the next.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import singledispatch

import numpy as np
from qualtran.bloqs.block_encoding import (
    BlockEncoding,
    ChebyshevPolynomial,
    LinearCombination,
    Phase,
    Product,
    TensorProduct,
)
from qualtran.bloqs.state_preparation.state_preparation_alias_sampling import StatePreparationAliasSampling

from carlemanc.core.arrays import FloatArray
from carlemanc.core.rounding import NOISE


def encoding_error(encoding: BlockEncoding) -> float:
    """Return how far alpha <0|U|0> is from the matrix, operator norm: at least the `epsilon` that it says."""
    found = float(encoding.alpha) * block_error(encoding)
    return max(float(encoding.epsilon), found if found > NOISE * float(encoding.alpha) else 0.0)


@singledispatch
def block_error(encoding: BlockEncoding) -> float:
    """Return the error of <0|U|0>; that of a bloq without parts is as it says."""
    return float(encoding.epsilon) / float(encoding.alpha)


@block_error.register
def _combination(encoding: LinearCombination) -> float:
    weights = np.asarray(encoding.rescaled_lambd, dtype=np.float64)
    parts = math.fsum(
        weight * block_error(part)
        for weight, part in zip(weights.tolist(), encoding.signed_block_encodings, strict=False)
    )
    prepare = encoding.prepare.prepare
    if not isinstance(prepare, StatePreparationAliasSampling):
        return parts
    return parts + float(np.abs(sampled_weights(prepare) - weights).sum())


@block_error.register(Product)
@block_error.register(TensorProduct)
def _product(encoding: Product | TensorProduct) -> float:
    return math.fsum(map(block_error, encoding.block_encodings))


@block_error.register
def _phase(encoding: Phase) -> float:
    return block_error(encoding.block_encoding)


def sampled_weights(prepare: StatePreparationAliasSampling) -> FloatArray:
    """Return the weights that alias sampling prepares: of 2^mu draws of a row `keep` stay, the others go to `alt`."""
    keep = np.asarray(prepare.keep, dtype=np.float64) / 2.0**prepare.mu
    weights = keep.copy()
    np.add.at(weights, np.asarray(prepare.alt, dtype=np.intp), 1 - keep)
    return np.asarray(weights / len(keep))


def parts_of(encoding: BlockEncoding) -> tuple[BlockEncoding, ...]:
    """Return the block encodings that one of Qualtran's is made of."""
    if isinstance(encoding, LinearCombination):
        return tuple(encoding.signed_block_encodings)
    if isinstance(encoding, Product | TensorProduct):
        return tuple(encoding.block_encodings)
    return (encoding.block_encoding,) if isinstance(encoding, Phase | ChebyshevPolynomial) else ()


def wrong_blocks(encoding: BlockEncoding) -> Iterator[str]:
    """Yield what in an encoding has another block than it says: factors that share a register of junk."""
    factors = [part.resource_bitsize for part in parts_of(encoding)]
    if isinstance(encoding, ChebyshevPolynomial):
        factors *= encoding.order
    if isinstance(encoding, Product | ChebyshevPolynomial) and sum(bits > 0 for bits in factors) > 1:
        yield f"{encoding}: a {type(encoding).__name__} of factors that leave junk in `resource`"
    for part in parts_of(encoding):
        yield from wrong_blocks(part)
