r"""The backward light cone: the weights at each time that a few weights at time T depend on.

$B_0$ holds the weights asked for at time T, and $B_{s+1}$ is $B_s$ with every column of an entry of the maps whose row
is in $B_s$: what u(T - s - 1) has to be known at. It is the light cone of the transposed offsets, each column on its
own, so that the counts of a lattice are those of `axes` and `walk`. A program that computes u on $B_s$ alone at time
T - s pays for all entries of these rows: l + 1 flops each, summed over s = 0..T - 1 (`flops`).
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from carlemanc.core.arrays import IntArray
from carlemanc.core.formula import Formula
from carlemanc.model.lattice.sites import Box, Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.light_cone.axes import axis_growth
from carlemanc.model.light_cone.growth import LightCone, Rules, SiteCosts, beside_stencils, bounded_growth
from carlemanc.model.light_cone.walk import walked_growth
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap, written_out
from carlemanc.model.sparse_tensor import SparseTensor

FLOPS = Formula(
    text="sum over t < T and over the entries of F_l in rows that the value depends on at time t + 1 of l + 1 flops",
    status="derived here",
)


def backward_cone(sequence: MapSequence, sites: IntArray) -> LightCone | None:
    """Return the backward cone of some sites, `support` = |B_T|; None where its maps are not known entry by entry."""
    if sequence.maps[0].is_shaped:
        return None
    if all(item.is_listed for item in sequence.maps) or all(item.lattice is None for item in sequence.maps):
        return _listed(sequence, sites)
    if not sequence.is_constant:
        return None
    rules = backward_rules(sequence.map)
    return (
        axis_growth(rules, sites, sequence.steps)
        or walked_growth(rules, sites, sequence.steps)
        or bounded_growth(rules, sites, sequence.steps)
    )


def backward_rules(polynomial: PolynomialMap) -> Rules:
    """Return the rules by which the cone of a lattice map grows backward, and what each of its sites costs."""
    lattice = polynomial.lattice
    assert lattice is not None
    stencils: list[Stencil] = []
    entries: list[SparseTensor] = []
    boxes: Counter[Box] = Counter()
    single: Counter[int] = Counter()
    for operator in polynomial.operators.values():
        if isinstance(operator, LatticeTensor):
            for stencil in operator.stencils:
                stencils += _transposed(stencil, lattice)
                boxes[stencil.box] += len(stencil.offsets) + 1
        beside = beside_stencils(operator) if isinstance(operator, LatticeTensor) else written_out(operator)
        single.update(
            {row: count * (beside.degree + 1) for row, count in Counter(beside.rows.tolist()).items()}
        )
        entries += _columns(beside)
    rows = sorted(single)
    costs = SiteCosts(
        boxes=tuple(boxes.items()),
        sites=np.array(rows, dtype=np.int64),
        flops=np.array([single[row] for row in rows], dtype=np.int64),
    )
    unique = {(stencil.offsets, stencil.box): stencil for stencil in stencils}
    return Rules(lattice=lattice, stencils=tuple(unique.values()), entries=tuple(entries), site_costs=costs)


def _transposed(stencil: Stencil, lattice: Lattice) -> list[Stencil]:
    """Return, for each column of a stencil, what leads from its rows to it; zeros of a profile lead there too."""
    return [
        Stencil(offsets=(tuple(-step for step in offset),), box=box)
        for offset in dict.fromkeys(stencil.offsets)
        if any(offset)
        for box in lattice.moved(stencil.box, offset)
    ]


def _columns(tensor: SparseTensor) -> list[SparseTensor]:
    """Return explicit entries, each column on its own, with rows and columns exchanged."""
    if not tensor.degree or not tensor.nnz:
        return []
    pairs = np.unique(
        np.stack([tensor.cols.reshape(-1), np.repeat(tensor.rows, tensor.degree)], axis=1), axis=0
    )
    return [SparseTensor(n=tensor.n, degree=1, rows=pairs[:, 0], cols=pairs[:, 1:], vals=np.ones(len(pairs)))]


def _listed(sequence: MapSequence, sites: IntArray) -> LightCone:
    """Follow the entries themselves, from the last step to the first."""
    needed = np.zeros(sequence.n, dtype=bool)
    needed[sites] = True
    flops, idle = 0, dict[int, int]()
    for index in reversed(sequence.schedule):
        if index in idle:  # nothing has been added since this map was last met
            flops += idle[index]
            continue
        paid, columns = 0, [np.zeros(0, dtype=np.int64)]
        for operator in sequence.maps[index].operators.values():
            tensor = written_out(operator)
            read = needed[tensor.rows]
            paid += (tensor.degree + 1) * int(read.sum())
            columns.append(tensor.cols[read].reshape(-1))
        flops += paid
        found = np.unique(np.concatenate(columns))
        if needed[found].all():
            idle[index] = paid
        else:
            needed[found] = True
            idle.clear()
    return LightCone(
        support=int(needed.sum()),
        flops=flops,
        is_exact=True,
        sites=np.flatnonzero(needed),
        source="followed entry by entry",
    )
