"""A periodic lattice on which all weights but a few are equal, and move together: a uniform drive, a uniform start.

Far from the few sites where the start, or an explicit entry of the map, tells weights apart, u is one number that
follows one polynomial. A weight differs from it once a column of one of its entries does: the sites that differ grow as
a light cone does, each column on its own, and all entries of their rows are paid for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carlemanc.carleman.lattice_run import end_point
from carlemanc.classical.program import Answer
from carlemanc.classical.question import Question
from carlemanc.classical.told import told_from
from carlemanc.classical.value_cost import values_flops
from carlemanc.core.arrays import IntArray, Vector
from carlemanc.core.errors import TooLarge
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.light_cone.axes import axis_growth
from carlemanc.model.light_cone.backward import backward_rules
from carlemanc.model.light_cone.growth import Rules, bounded_growth
from carlemanc.model.light_cone.walk import walked_growth
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import Weights, check_array_size


@dataclass(frozen=True, slots=True, kw_only=True)
class NearlyUniform:
    """What it takes to follow the sites that differ.

    Args:
        flops: of all steps and values, at most.
        sites: that differ at time T, at most.
        reason: in words.
    """

    flops: int
    sites: int
    reason: str

    def answer(self, question: Question) -> Answer:
        """Run it. Raises TooLarge for a list of all weights, or where following the sites took too long."""
        lifted = question.lifted
        if not question.values:
            check_array_size(lifted.n)
        end = end_point(lifted.sequence, lifted.displacement)
        if end is None:
            raise TooLarge(
                "following the sites that differ",
                size=f"{self.sites:,} of them",
                limit="seconds of work",
                instead="Take fewer steps.",
            )
        return told_from(question, end)


def nearly_uniform(question: Question) -> NearlyUniform | None:
    """Return what it takes, None where it is no such training or where no uniform part moves."""
    lifted = question.lifted
    sequence = lifted.sequence
    if sequence.maps[0].is_shaped or not sequence.is_constant or sequence.map.lattice is None:
        return None
    found, moved = sequence.map, lifted.displacement
    start = _by_few_sites(moved) if isinstance(moved, np.ndarray) else moved
    moves = isinstance(start, Weights) and (start.fill != 0.0 or _is_driven(found))
    if not moves or not isinstance(start, Weights) or not _is_uniform(found):
        return None
    if any(value.is_root for value in question.values):
        return None
    beside = [item.entries.rows for item in found.operators.values() if isinstance(item, LatticeTensor)]
    seeds = np.unique(np.concatenate([start.sites, *beside]))
    if not len(seeds):
        return None
    rules = _rules(found)
    growth = (
        axis_growth(rules, seeds, sequence.steps + 1)
        or walked_growth(rules, seeds, sequence.steps + 1)
        or bounded_growth(rules, seeds, sequence.steps + 1)
    )
    sites = min(growth.support, lifted.n)
    one = sum(
        (item.degree + 1) * len(item.stencils)
        for item in found.operators.values()
        if isinstance(item, LatticeTensor)
    )
    flops = min(growth.flops, sequence.flops) + sequence.steps * one
    reading = (
        values_flops(
            question,
            min(lifted.n, sites * (1 + max(value.polynomial.map.degree for value in question.values))),
        )
        if question.values
        else 0
    )
    return NearlyUniform(
        flops=flops + reading,
        sites=sites,
        reason=f"all weights but at most {sites} are equal and move as one ({growth.source})",
    )


def _by_few_sites(start: Vector) -> Weights | None:
    """Return a start that is zero but for few sites by these, as long lattices have it; None for any other."""
    sites = np.flatnonzero(start)
    if 2 * len(sites) > len(start):
        return None
    return Weights(n=len(start), fill=0.0, sites=sites, values=start[sites])


def _is_driven(found: PolynomialMap) -> bool:
    drive = found.operators.get(0)
    return isinstance(drive, LatticeTensor) and bool(drive.stencils)


def _is_uniform(found: PolynomialMap) -> bool:
    """Whether every row has the same stencils; explicit entries may stand beside them."""
    assert found.lattice is not None
    return found.lattice.periodic and all(
        isinstance(item, LatticeTensor)
        and all(one.box == item.lattice.full and one.profile is None for one in item.stencils)
        for item in found.operators.values()
    )


def _rules(found: PolynomialMap) -> Rules:
    """Return the rules by which sites that differ spread: to every row that reads one of them."""
    lattice = found.lattice
    assert lattice is not None
    offsets = {
        offset
        for item in found.operators.values()
        if isinstance(item, LatticeTensor)
        for stencil in item.stencils
        for offset in stencil.offsets
        if any(offset)
    }
    entries = [
        SparseTensor(
            n=found.n,
            degree=1,
            rows=np.repeat(item.entries.rows, item.degree),
            cols=_column(item.entries.cols),
            vals=np.ones(item.entries.cols.size),
        )
        for item in found.operators.values()
        if isinstance(item, LatticeTensor) and item.degree and item.entries.nnz
    ]
    return Rules(
        lattice=lattice,
        stencils=tuple(Stencil(offsets=(offset,), box=lattice.full) for offset in sorted(offsets)),
        entries=tuple(entries),
        site_costs=backward_rules(found).site_costs,
    )


def _column(columns: IntArray) -> IntArray:
    return columns.reshape(-1, 1)
