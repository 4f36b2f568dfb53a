r"""Walks forward from the start that meet: quadratic forms of y(T) from all pairs of walkers.

E[weight delta_state] = y(T), so that of two walkers E[w w' R(state, state')] = <y(T), R y(T)>. M walkers have M^2 / 2
pairs: the relative deviation of ||y||^2 is that of single walkers, 2 / sqrt(p M) at most, beside sqrt(2 q) / (p M) of
the pairs, q the same for the unsigned steps: no more than about 4 / (p eps^2) walks, where forward and back alone may
need 1 / p^2 (derived here; checked).

Walkers come in groups. Pairs of one group are left out, and leaving a group out in turn (the jackknife) gives the
deviation of any sum of forms (checked against the spread over seeds).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import scipy.sparse as sp

from carlemanc.classical.paths.forms import Form, LevelSquare, Overlap, Product, Quantity, Sampled
from carlemanc.classical.paths.walk import Walk
from carlemanc.classical.paths.walkers import Walkers, numbered
from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.progress import task

GROUPS = 64
_BATCH = 1 << 16
"""About how many walkers go together: their arrays fit a cache."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Collisions:
    """Forward walks."""

    name: ClassVar[str] = "collisions of forward walks"

    def sample(self, walk: Walk, asked: Sequence[Quantity], walks: int, seed: int) -> tuple[Sampled, ...]:
        """Return quantities from about so many walks, at least two a group. Raises TooLarge as `DrawnSites` does."""
        each = max(2, -(-walks // GROUPS))
        ends = _ends(walk, each, np.random.default_rng(seed))
        known: dict[int, FloatArray] = {}

        def moment(form: Form) -> FloatArray:
            if id(form) not in known:
                known[id(form)] = _moment(form, ends, each)
            return known[id(form)]

        return tuple(_told(quantity, moment) for quantity in asked)


def ends_at(walk: Walk, walks: int, seed: int) -> tuple[IntArray, FloatArray]:
    """Return sites (k,) and estimates (k,) of y_1(T) over the product of the alphas there; 0 at all others."""
    each = max(1, -(-walks // GROUPS))
    group = _ends(walk, each, np.random.default_rng(seed)).groups.get(1)
    if group is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    sites, places = np.unique(group.slots[0], return_inverse=True)
    return sites, np.bincount(places, group.weights) / (GROUPS * each)


def _ends(walk: Walk, each: int, rng: np.random.Generator) -> Walkers:
    """Return the walkers of all groups at T, labeled by their group, those of one group and state made one."""
    together = max(1, _BATCH // each)
    parts = []
    with task("walks", total=GROUPS * each) as progress:
        for first in range(0, GROUPS, together):
            groups = np.arange(first, min(GROUPS, first + together))
            found = Walkers()
            for begun in range(0, each, _BATCH):
                size = min(_BATCH, each - begun)
                ends = walk.forth(rng, walk.start.draw(rng, np.repeat(groups, size)))
                found = Walkers.gathered([*found.groups.items(), *ends.groups.items()]).merged()
                progress.advance(len(groups) * size)
            parts += list(found.groups.items())
    return Walkers.gathered(parts)


def _moment(form: Form, ends: Walkers, each: int) -> FloatArray:
    """Return a form between all pairs of groups, (G, G), or a linear one by group, (G,)."""
    if isinstance(form, Overlap):
        image = _level(ends, 1) if form.rows is None else _keyed(*form.rows.image(ends))
        return np.bincount(image.labels, image.values * form.vector.at(image.keys[0]), GROUPS) / each
    if isinstance(form, LevelSquare):
        first = second = _level(ends, form.level)
    elif isinstance(form, Product):
        first, second = _level(ends, 1), _keyed(*form.rows.image(ends))
    else:
        first = second = _keyed(*form.rows.image(ends))
    keys, size = numbered(np.concatenate([first.keys, second.keys], axis=1))
    if not size:
        return np.zeros((GROUPS, GROUPS))
    left = first.matrix(keys[: len(first.values)], size)
    right = left if first is second else second.matrix(keys[len(first.values) :], size)
    return np.asarray((left @ right.T).toarray()) / each**2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Entries:
    """Values (k,) with the states they stand at, keys (slots, k), and their groups."""

    keys: IntArray
    labels: IntArray
    values: FloatArray

    def matrix(self, keys: IntArray, size: int) -> sp.csr_array:
        """Return the sums by group and state, (G, size)."""
        return sp.csr_array(sp.coo_array((self.values, (self.labels, keys)), shape=(GROUPS, size)))


def _level(ends: Walkers, level: int) -> _Entries:
    group = ends.groups.get(level)
    if group is None:
        nothing = np.zeros(0, dtype=np.int64)
        return _Entries(keys=nothing.reshape(level, 0), labels=nothing, values=np.zeros(0))
    return _Entries(keys=group.slots, labels=group.labels, values=group.weights)


def _keyed(rows: IntArray, labels: IntArray, values: FloatArray) -> _Entries:
    return _Entries(keys=rows[None, :], labels=labels, values=values)


def _told(quantity: Quantity, moment: Callable[[Form], FloatArray]) -> Sampled:
    """Return a quantity with the deviation of the jackknife over groups."""
    pairs, singles = np.zeros((GROUPS, GROUPS)), np.zeros(GROUPS)
    for number, form in quantity.parts:
        found = moment(form)
        if found.ndim == 1:
            singles += number * found
        else:
            pairs += number * found
    pairs = (pairs + pairs.T) / 2
    np.fill_diagonal(pairs, 0.0)
    whole, of_group = float(pairs.sum()), pairs.sum(axis=1)
    total = whole / (GROUPS * (GROUPS - 1)) + float(singles.mean())
    without = (whole - 2 * of_group) / ((GROUPS - 1) * (GROUPS - 2))
    without += (singles.sum() - singles) / (GROUPS - 1)
    spread = float(np.sum((without - without.mean()) ** 2)) * (GROUPS - 1) / GROUPS
    return quantity.told(total, float(np.sqrt(spread)))
