"""Gradient descent on the weights that a few of them depend on, and on no others.

The layers of the cone are found backward, one step at a time; then u is computed forward, at time T - s on the rows of
B_s alone, from the start at the outermost layer. Nothing of size n is held.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import TooLarge
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.light_cone.backward import backward_rules
from carlemanc.model.light_cone.growth import Rules
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap, written_out
from carlemanc.model.weights import Point, values_at

MOST_SITES = 4_000_000
"""The most weights whose values are held at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layers:
    """A backward cone, layer by layer.

    Args:
        sites: of the whole cone, ascending.
        depth: (k,) the least s at which each is in B_s.
    """

    sites: IntArray
    depth: IntArray

    def within(self, steps: int) -> IntArray:
        """Return the sites of B_s, ascending."""
        return self.sites[self.depth <= steps]


def layers_of(sequence: MapSequence, asked: IntArray, most: int = MOST_SITES) -> Layers | None:
    """Return the layers of the backward cone of some weights, None where there are more than `most` of them."""
    lattice_map = sequence.maps[0].lattice is not None and sequence.is_constant
    rules = backward_rules(sequence.map) if lattice_map else None
    sites = np.unique(asked)
    depth = np.zeros(len(sites), dtype=np.int64)
    latest = sites
    for step in range(sequence.steps):
        found = (
            _columns(sequence.at(sequence.steps - 1 - step), sites)
            if rules is None
            else _reached(rules, latest)
        )
        place = np.minimum(sites.searchsorted(found), len(sites) - 1)
        latest = np.unique(found[sites[place] != found])
        if rules is not None and not len(latest):
            break
        place = sites.searchsorted(latest)
        sites, depth = np.insert(sites, place, latest), np.insert(depth, place, step + 1)
        if len(sites) > most:
            return None
    return Layers(sites=sites, depth=depth)


def _reached(rules: Rules, latest: IntArray) -> IntArray:
    """Return what the sites reached last lead to."""
    lattice, found = rules.lattice, []
    for stencil in rules.stencils:
        (offset,) = stencil.offsets
        back = tuple(-step for step in offset)
        rows = _on_lattice(lattice, latest, back)
        found.append(rows[lattice.holds(stencil.box, rows)])
    for tensor in rules.entries:
        found.append(tensor.rows[np.isin(tensor.cols[:, 0], latest)])
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def _on_lattice(lattice: Lattice, sites: IntArray, offset: tuple[int, ...]) -> IntArray:
    """Return the sites at an offset, those beyond an open end left out."""
    if lattice.periodic:
        return lattice.neighbors(sites, offset)
    inside = np.ones(len(sites), dtype=bool)
    for part, step, size in zip(lattice.coordinates(sites), offset, lattice.dims, strict=True):
        inside &= (part + step >= 0) & (part + step < size)
    return lattice.neighbors(sites[inside], offset)


def _columns(found: PolynomialMap, rows: IntArray) -> IntArray:
    """Return what the entries of some rows read."""
    needed = np.zeros(found.n, dtype=bool)
    needed[rows] = True
    columns = [np.zeros(0, dtype=np.int64)]
    for operator in found.operators.values():
        tensor = written_out(operator)
        columns.append(tensor.cols[needed[tensor.rows]].reshape(-1))
    return np.unique(np.concatenate(columns))


def local_end(sequence: MapSequence, start: Point, asked: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the sites asked for, ascending, and u(T) there. Raises TooLarge where they depend on too many."""
    layers = layers_of(sequence, asked)
    if layers is None:
        raise TooLarge(
            "the cone of what is asked",
            size=f"over {MOST_SITES:,} weights",
            limit=f"{MOST_SITES:,}",
            instead="Take fewer steps.",
        )
    sites, values = layers.sites, values_at(start, layers.sites)
    for step in range(sequence.steps):
        rows = layers.within(sequence.steps - 1 - step)
        values = stepped(sequence.at(step), sites, values, rows)
        sites = rows
    return sites, values


def stepped(found: PolynomialMap, sites: IntArray, values: FloatArray, rows: IntArray) -> FloatArray:
    """Return G(u) on some rows, ascending, from u on the sites (ascending) that these read."""

    def read(places: IntArray) -> FloatArray:
        return np.asarray(values[np.minimum(sites.searchsorted(places), len(sites) - 1)])

    after = read(rows)
    with np.errstate(over="ignore", invalid="ignore"):
        for operator in found.lattice_operators():
            after = after + operator.values_at(rows, read)
    return after
