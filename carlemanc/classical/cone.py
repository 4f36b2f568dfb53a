"""The program that computes what a value of few weights depends on, and nothing else."""

from __future__ import annotations

from typing import ClassVar, final

from carlemanc.classical.local_descent import local_end
from carlemanc.classical.lookups import lookup_flops
from carlemanc.classical.overlap import overlap_flops
from carlemanc.classical.program import Answer, Program, Told
from carlemanc.classical.question import Question
from carlemanc.classical.told import value_at
from carlemanc.classical.value_cost import values_flops
from carlemanc.classical.value_sites import asked_sites
from carlemanc.core.arrays import IntArray
from carlemanc.core.errors import InputError
from carlemanc.costs.classical_baseline import BYTES_OF_A_WEIGHT, ClassicalProgram
from carlemanc.model.light_cone import backward
from carlemanc.model.light_cone.cone import nonzeros
from carlemanc.model.weights import Weights


@final
class Cone(Program):
    """The backward light cone of the weights that the values read."""

    name: ClassVar[str] = "cone"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops of all entries in rows that the values depend on; see `Program.cost`."""
        asked = _few(question)
        if asked is None:
            what = "a value reads" if question.values else "what is asked reads"
            return self.refused(f"{what} more than a few weights, whose cones are everything", backward.FLOPS)
        sequence = question.lifted.sequence
        found = backward.backward_cone(sequence, asked)
        if found is None:
            return self.refused(
                "the maps are not known entry by entry, or differ from step to step", backward.FLOPS
            )
        if found.support >= question.lifted.n and found.flops >= sequence.flops:
            return self.refused(
                f"it would save nothing: T steps back every weight matters ({found.source})", backward.FLOPS
            )
        flops, how = (
            found.flops,
            f"{'' if found.is_exact else 'at most '}{found.support} at time 0, {found.source}",
        )
        both = _overlap(question, asked)
        if both is not None and both < flops:
            flops, how = both, f"{found.support} at time 0, less those that the start has not reached"
        looked_up = lookup_flops(
            question.lifted.training.start, min(found.support, question.lifted.n), question.lifted.n
        )
        return ClassicalProgram(
            name=self.name,
            flops=flops + looked_up + values_flops(question, len(asked)),
            reason=f"only the weights that {question.what} depends on: {len(asked)} at time T, {how}",
            formula=backward.FLOPS,
            memory=BYTES_OF_A_WEIGHT * min(found.support, question.lifted.n),
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Run gradient descent on the cone, inward from its widest layer; see `Program.run`."""
        asked = _few(question)
        if asked is None or self.cost(question).flops is None:
            raise InputError(f"the cone does not answer this: {self.cost(question).reason}")
        lifted = question.lifted
        sites, values = local_end(lifted.sequence, lifted.displacement, asked)
        end = Weights(n=lifted.n, fill=0.0, sites=sites, values=values)
        return Answer(values={one.name: Told(value=value_at(one, end)) for one in question.values})


def _few(question: Question) -> IntArray | None:
    """Return the weights that the values read; None where these are many, as for the norm of a gradient."""
    return None if any(value.is_root for value in question.values) else asked_sites(question)


def _overlap(question: Question, asked: IntArray) -> int | None:
    """Return the flops from a sparse start, None where it is not sparse or the count takes too long."""
    lifted = question.lifted
    if not lifted.sequence.is_constant or lifted.map.lattice is None:
        return None
    start = nonzeros(lifted.displacement)
    if start is None or len(start) == lifted.n:
        return None
    return overlap_flops(lifted.sequence, start, asked)
