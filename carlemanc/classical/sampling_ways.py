"""The ways of sampling sums of local terms, when they apply, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from carlemanc.classical.local_terms import LocalTerms, stencils_of
from carlemanc.classical.lookups import lookup_flops
from carlemanc.classical.question import Question, Value
from carlemanc.classical.quotient import is_even
from carlemanc.classical.sampling_plan import cone_pilot, window_pilot
from carlemanc.core.rounding import whole
from carlemanc.costs.classical_baseline import BYTES_OF_A_WEIGHT
from carlemanc.model.lattice.sites import Box
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.light_cone.backward import backward_cone
from carlemanc.model.light_cone.cone import nonzeros
from carlemanc.model.weights import NormalWeights, Weights

_BLOCKS = 30
"""Blocks of a window, at least, from which its error bar is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """One way of sampling.

    Args:
        flops: of all of it.
        count: sites looked at.
        is_window: whether they are in a row.
        reason: in words.
        memory: bytes.
    """

    flops: int
    count: int
    is_window: bool
    reason: str
    memory: int


@lru_cache(maxsize=32)
def planned(question: Question) -> tuple[LocalTerms, Way] | str:
    """Return the terms and the cheaper way of sampling them, or why there is none."""
    terms = _local_terms(question)
    if isinstance(terms, str):
        return terms
    if not terms.independent and not all(math.isfinite(terms.spread(value)) for value in question.values):
        return "no bound of the weights at time T is known, and so none of what a sample may miss"
    if not all(map(math.isfinite, cone_pilot(terms).variances)):
        return "the weights that were sampled have no finite variance"
    ways = [way for way in (_cones(terms), _window(terms)) if way is not None]
    if ways:
        return terms, min(ways, key=lambda way: way.flops)
    counts = [
        terms.wanted(value, variance)
        for value, variance in zip(question.values, cone_pilot(terms).variances, strict=True)
    ]
    most = max(counts)
    return f"it would save nothing: {most} of {terms.sites} sites would be looked at, as terms cancel or few matter"


def _cones(terms: LocalTerms) -> Way | None:
    pilot = cone_pilot(terms)
    values = terms.question.values
    count = max(map(terms.wanted, values, pilot.variances))
    if count >= terms.sites:
        return None
    middle = [(low + high) // 2 for low, high in terms.box]
    offsets = {(0,) * len(middle)} | {
        o for value in values for stencil in stencils_of(value) for o in stencil.offsets
    }
    seeds = np.unique(
        np.concatenate(
            [
                terms.lattice.neighbors(terms.lattice.index([np.array([x]) for x in middle]), o)
                for o in offsets
            ]
        )
    )
    cone = backward_cone(terms.question.lifted.sequence, seeds)
    if cone is None:
        return None
    start = terms.question.lifted.training.start
    looked_up = lookup_flops(start, min(count * cone.support, terms.lattice.n), terms.lattice.n)
    flops = whole(count * (cone.flops + _reading(values)) + looked_up)
    most = "" if cone.is_exact else "at most "
    return Way(
        flops=flops,
        count=count,
        is_window=False,
        reason=(
            f"{count} of {terms.sites} sites drawn at random, {most}{cone.flops} flops for the cone of each; "
            f"variance over sites {pilot.source}"
        ),
        memory=BYTES_OF_A_WEIGHT * cone.support,
    )


def _window(terms: LocalTerms) -> Way | None:
    pilot = window_pilot(terms)
    if pilot is None:
        return None
    values = terms.question.values
    (edge,), (reach,) = terms.margin, terms.reach
    count = max(_BLOCKS * (2 * reach + 1), *map(terms.wanted, values, pilot.variances))
    if count + 2 * reach + 1 >= terms.sites:
        return None
    each = patch_flops(terms)
    steps = sum(count + 2 * (reach - edge * (time + 1)) for time in range(terms.steps))
    flops = whole(each * steps + count * _reading(values) + count + 2 * reach)
    return Way(
        flops=flops,
        count=count,
        is_window=True,
        reason=(
            f"one window of {count} sites in a row, of {terms.sites}: every weight is drawn alike; "
            f"variance {pilot.source}"
        ),
        memory=BYTES_OF_A_WEIGHT * (count + 2 * reach),
    )


def patch_flops(terms: LocalTerms) -> int:
    """Return the flops of one site and step."""
    return sum(
        len(stencil.offsets) + 1
        for item in terms.map.operators.values()
        if isinstance(item, LatticeTensor)
        for stencil in item.stencils
    )


def _reading(values: tuple[Value, ...]) -> int:
    """Return the flops of all terms of one site, and of adding them up."""
    return sum(sum(len(stencil.offsets) + 3 for stencil in stencils_of(value)) + 3 for value in values)


def _local_terms(question: Question) -> LocalTerms | str:
    """Return the values as sums of local terms, or why they are none."""
    lifted = question.lifted
    if not question.values:
        return "every weight is asked for, and a sample tells means alone"
    sequence = lifted.sequence
    if sequence.maps[0].is_shaped or not sequence.is_constant or sequence.map.lattice is None:
        return "no lattice whose every step is the same"
    if not _is_plain(sequence.map.operators) or not sequence.map.point.is_constant:
        return "entries of single sites, coefficients of their own, or a center that differs between sites"
    for value in question.values:
        if not stencils_of(value) or not _is_plain(value.polynomial.map.operators):
            return f"{value.name} is no sum over sites of one local term"
    if any(not value.error > 0.0 for value in question.values):
        return "a value is to be told exactly"
    start = nonzeros(lifted.displacement)
    if start is not None and len(start) <= lifted.n // 2:
        return "the start is sparse: a sample would miss it, and following it costs less"
    boxes = [stencil.box for value in question.values for stencil in stencils_of(value)]
    return LocalTerms(question=question, box=_hull(boxes), independent=_is_independent(question))


def _hull(boxes: list[Box]) -> Box:
    """Return the least box that holds them all."""
    return tuple(
        (min(low for low, _ in along), max(high for _, high in along)) for along in zip(*boxes, strict=True)
    )


def _is_plain(operators: Mapping[int, Any]) -> bool:
    """Whether there are stencils alone, each with one coefficient."""
    return all(
        isinstance(item, LatticeTensor)
        and not item.entries.nnz
        and all(stencil.profile is None for stencil in item.stencils)
        for item in operators.values()
    )


def _is_independent(question: Question) -> bool:
    """Whether every weight is drawn alike on a periodic lattice without places, for values without places."""
    source, start = question.source, question.lifted.training.start
    drawn = isinstance(start, NormalWeights)
    if source is not None and source.upload is None and not isinstance(start, Weights):
        given = source.spec.training.initial_value
        drawn |= isinstance(given, dict) and "normal" in given
    lattice = question.lifted.map.lattice
    assert lattice is not None
    return (
        drawn
        and lattice.periodic
        and is_even(question.lifted.map)
        and all(is_even(value.polynomial.map) for value in question.values)
    )
