"""The program that computes one weight of each set of equal ones."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from carlemanc.classical.lookups import lookup_flops
from carlemanc.classical.nearly_uniform import nearly_uniform
from carlemanc.classical.periods import periods_of
from carlemanc.classical.program import Answer, Program, Told
from carlemanc.classical.question import Question
from carlemanc.classical.quotient import Quotient, is_even, reach_of
from carlemanc.classical.quotient_values import (
    longest_offset,
    quotient_value,
    quotient_values_flops,
    unanswered,
)
from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError
from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import BYTES_OF_A_WEIGHT, ClassicalProgram
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.weights import check_array_size, values_at

ORBITS = Formula(text="T flops of a step on one weight of each set of equal ones", status="derived here")


@final
class Symmetry(Program):
    """One weight of each orbit of the start under the shifts of its lattice, or of each distance from open ends."""

    name: ClassVar[str] = "symmetry"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops on one weight of each kind; see `Program.cost`."""
        near = nearly_uniform(question)
        if near is not None:
            return ClassicalProgram(
                name=self.name,
                flops=near.flops,
                reason=near.reason,
                formula=ORBITS,
                memory=BYTES_OF_A_WEIGHT * near.sites,
            )
        found = _quotient(question)
        if isinstance(found, str):
            return self.refused(found, ORBITS)
        kinds = found.small.n
        steps = question.lifted.steps * found.map(question.lifted.map).flops_per_step
        looked_up = lookup_flops(question.lifted.training.start, kinds, found.whole.n)
        shape = " x ".join(map(str, found.small.dims))
        how = (
            f"a start of period {shape}"
            if found.whole.periodic
            else f"by the distances from open ends, {shape}"
        )
        return ClassicalProgram(
            name=self.name,
            flops=steps + looked_up + quotient_values_flops(question, found),
            reason=f"{kinds} kinds of equal weights: {how}",
            formula=ORBITS,
            memory=BYTES_OF_A_WEIGHT * kinds,
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Run gradient descent on the small lattice; see `Program.run`. Raises TooLarge for a list of all weights."""
        near = nearly_uniform(question)
        if near is not None:
            return near.answer(question)
        found = _quotient(question)
        if isinstance(found, str):
            raise InputError(f"no symmetry answers this: {found}")
        u = _end(question, found)
        if question.values:
            told = {one.name: Told(value=quotient_value(one, found, u)) for one in question.values}
            return Answer(values=told)
        check_array_size(found.whole.n)
        sites = np.arange(found.whole.n, dtype=np.int64)
        return Answer(sites=sites, theta=question.lifted.map.point.fill + u[found.sites(sites)])


def _end(question: Question, found: Quotient) -> FloatArray:
    """Return u(T) of one weight of each kind."""
    lifted = question.lifted
    small = found.map(lifted.map)
    u = values_at(lifted.training.start, found.representatives()) - lifted.map.point.fill
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(lifted.steps):
            u = small.step(u)
    return np.asarray(u)


def _quotient(question: Question) -> Quotient | str:
    """Return the small lattice that stands for the training's, or why there is none."""
    lifted = question.lifted
    sequence = lifted.sequence
    if sequence.maps[0].is_shaped or not sequence.is_constant or sequence.map.lattice is None:
        return "no lattice whose every step is the same"
    lattice = sequence.map.lattice
    if not is_even(sequence.map):
        return "some rows of the map, or sites of the center, differ from the others"
    why = unanswered(question)
    if why is not None:
        return why
    periods = periods_of(lifted.training.start, lattice.dims)
    if lattice.periodic:
        dims = periods
        none = "the start is not known to come back before the lattice ends"
    else:
        if any(period > 1 for period in periods):
            return "an open lattice, and a start that is not the same everywhere"
        dims = tuple(_between(question, axis) for axis in range(len(lattice.dims)))
        none = "within T steps the open ends reach every site"
    if dims == lattice.dims:
        return none
    return Quotient(whole=lattice, small=Lattice(dims=dims, periodic=lattice.periodic))


def _between(question: Question, axis: int) -> int:
    """Return the least extent of an open axis that holds every kind of weight."""
    lifted = question.lifted
    assert lifted.map.lattice is not None
    ends, longest = reach_of(lifted.map, axis)
    reach = ends + longest * lifted.steps + longest_offset(question, axis)
    return min(lifted.map.lattice.dims[axis], 2 * reach + 1)
