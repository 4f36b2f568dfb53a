"""What is known of the variance of local terms before a sample is drawn.

It is measured on a few sites, where that is cheap; elsewhere it is at most R^2 / 4 (proved). Where every u_i(0) is
drawn independently alike, on a lattice that looks the same from every site, n' sites in a row do as well as n'
anywhere, up to their correlation: V is then the variance of means over blocks, times the length of these.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from carlemanc.classical.local_terms import LocalTerms
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.rounding import rounded_up
from carlemanc.model.lattice.tensor import LatticeTensor

PILOT_SITES = 64
PILOT_WORK = 30_000_000
"""The most products of a pilot: some tenths of a second."""
_SEED = 20240617


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """What is known of the variance of each value's terms.

    Args:
        variances: V of each value, over sites or for a window.
        source: how it is known.
    """

    variances: tuple[float, ...]
    source: str


@lru_cache(maxsize=32)
def cone_pilot(terms: LocalTerms) -> Pilot:
    """Return the variance over sites: measured on a few of them, else the largest that their range allows."""
    work = patch_work(terms, terms.reach)
    count = min(PILOT_SITES, PILOT_WORK // max(work, 1))
    values = terms.question.values
    if count < PILOT_SITES // 4:
        bounds = tuple(rounded_up(terms.spread(value) ** 2 / 4.0) for value in values)
        return Pilot(
            variances=bounds, source="at most what the largest weight allows; a pilot would take too long"
        )
    found = terms.terms(_pilot_sites(terms, count))
    if not np.isfinite(found).all():
        return Pilot(variances=(math.inf,) * len(values), source="not finite")
    measured = tuple(rounded_up(float(row.var(ddof=1)), 3) for row in found)
    return Pilot(variances=measured, source=f"measured on {count} sites, seed {_SEED}")


def _pilot_sites(terms: LocalTerms, count: int) -> IntArray:
    """Return sites at random; where all are drawn alike, those whose patches a stream of random numbers begins with."""
    apart = [2 * edge + 1 for edge in terms.reach]
    low = [edge + first for edge, (first, _) in zip(terms.reach, terms.box, strict=True)]
    if not terms.independent or low[-1] + count * apart[-1] > terms.lattice.dims[-1]:
        return terms.drawn(count, np.random.default_rng(_SEED))
    parts = [np.full(count, place, dtype=np.int64) for place in low[:-1]]
    return terms.lattice.index([*parts, low[-1] + apart[-1] * np.arange(count, dtype=np.int64)])


@lru_cache(maxsize=32)
def window_pilot(terms: LocalTerms) -> Pilot | None:
    """Return the variance of sites in a row, block by block; None where no window tells anything cheaply."""
    if not terms.independent or len(terms.lattice.dims) > 1:
        return None
    block = 2 * terms.reach[0] + 1
    length = PILOT_SITES * block
    work = length * terms.steps * terms.map.flops_per_step // terms.lattice.n
    if work > PILOT_WORK or length + block > terms.lattice.n:
        return None
    found = terms.window(length)
    if not np.isfinite(found).all():
        return None
    measured = block_variances(found, block)
    return Pilot(
        variances=tuple(rounded_up(variance, 3) for variance in measured),
        source=f"measured on {PILOT_SITES} blocks of {block} sites",
    )


def block_variances(found: FloatArray, block: int) -> tuple[float, ...]:
    """Return, for each row, the variance of means over whole blocks, times their length."""
    count = found.shape[1] // block
    means = found[:, : count * block].reshape(len(found), count, block).mean(axis=2)
    return tuple((block * means.var(axis=1, ddof=1)).tolist())


def patch_work(terms: LocalTerms, reach: tuple[int, ...]) -> int:
    """Return the products of one patch in all steps, for a pilot's budget."""
    each = sum(
        len(stencil.offsets) + 1
        for item in terms.map.operators.values()
        if isinstance(item, LatticeTensor)
        for stencil in item.stencils
    )
    total = 0
    for _ in range(terms.steps):
        reach = tuple(edge - step for edge, step in zip(reach, terms.margin, strict=True))
        total += each * math.prod(2 * edge + 1 for edge in reach)
    return total
