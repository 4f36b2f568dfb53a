"""The train of any function of the site from samples of it: nested skeletons, one bit at a time.

At each cut the rows are the pivots found so far, each followed by bit 0 or 1, and the columns are sampled suffixes: at
random, and at every scale around the sites where the function may be narrow. Pivoted QR of these samples chooses the
rows that the others are combinations of: their number is the rank. Work O(m r^2) samples. Oseledets and Tyrtyshnikov
2010 [oseledets2010]; from samples, so measured: the caller checks it at other sites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import scipy.linalg

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.starts.train import Train

RANDOM_COLUMNS = 256
MOST_PIVOTS = 64
"""Ranks are found up to here."""
_PIVOT = 1e-14
"""Rows whose rest is below this share of the largest sample are combinations of the others."""
_SPREAD = (1.0, 1.25, 1.5, 1.75)
_SEED = 20240615


def around(sites: Iterable[int], bits: int) -> IntArray:
    """Return sites at every scale around some, within 0..2^bits - 1, ascending."""
    steps = {int(2**place * part) for place in range(bits) for part in _SPREAD} | {0}
    found = {site + sign * step for site in sites for step in steps for sign in (-1, 1)}
    return np.array(sorted(site for site in found if 0 <= site < 1 << bits), dtype=np.int64)


def crossed(values: Callable[[IntArray], FloatArray], bits: int, special: Iterable[int]) -> Train | int:
    """Return the train of `values` on 2^bits sites; the rank reached where it is beyond `MOST_PIVOTS`.

    Args:
        values: of sites, (k,).
        bits: m, at least 1.
        special: sites near which the function may be narrow.
    """
    random = np.random.default_rng(_SEED)
    near = around([0, (1 << bits) - 1, *special], bits)
    prefixes, cores = np.zeros(1, dtype=np.int64), []
    largest = float(np.abs(values(near)).max(initial=0.0))
    for left in range(bits - 1, -1, -1):  # bits after this one
        rows = (prefixes[:, None] * 2 + np.array([0, 1])).reshape(-1)
        columns = _columns(near, left, random)
        sample = values((rows[:, None] << left) + columns[None, :])
        largest = max(largest, float(np.abs(sample).max()))
        if not left:
            cores.append(sample.reshape(-1, 2, 1))
            break
        _, rest, order = scipy.linalg.qr(sample.T, mode="economic", pivoting=True)
        rank = max(1, int(np.count_nonzero(np.abs(np.diag(rest)) > _PIVOT * max(largest, 1e-300))))
        if rank > MOST_PIVOTS:
            return rank
        mixed = np.linalg.lstsq(rest[:rank, :rank], rest[:rank], rcond=None)[0]
        core = np.zeros((len(rows), rank))
        core[order] = mixed.T
        cores.append(core.reshape(-1, 2, rank))
        prefixes = rows[order[:rank]]
    return Train(cores=tuple(cores))


def _columns(near: IntArray, left: int, random: np.random.Generator) -> IntArray:
    size = 1 << left
    if size <= RANDOM_COLUMNS:
        return np.arange(size, dtype=np.int64)
    drawn = random.integers(size, size=RANDOM_COLUMNS)
    return np.unique(np.concatenate([near & size - 1, drawn]))
