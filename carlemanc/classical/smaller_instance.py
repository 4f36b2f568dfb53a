"""Values that average over all sites, from smaller lattices: what the law of large numbers leaves of a large n.

Offered only where runs at three sizes, with several draws of a random start, agree within the error that is allowed
(`instances`), and where steps, values and start are plainly the same at every size (`same_law`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, final

from carlemanc.classical.instances import (
    DRAWS,
    LARGEST,
    SMALLEST_FACTOR,
    WORK,
    Estimate,
    estimates,
    exponents_of,
    instances,
)
from carlemanc.classical.program import Answer, Program, Told
from carlemanc.classical.question import Question
from carlemanc.classical.same_law import why_not_homogeneous
from carlemanc.classical.value_cost import values_flops
from carlemanc.core.errors import InputError
from carlemanc.core.formula import Formula
from carlemanc.core.rounding import whole
from carlemanc.costs.classical_baseline import BYTES_OF_A_WEIGHT, ClassicalProgram
from carlemanc.sources.other_sizes import at_size
from carlemanc.spec.schema_training import NormalStart

FORMULA = Formula(
    text="T nnz of every instance, checks included: nnz(F_l) (l + 1) flops for each F_l and step, and its values",
    status="measured",
)


@final
class SmallerInstance(Program):
    """Gradient descent on smaller lattices."""

    name: ClassVar[str] = "smaller-instance"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops of all instances, which are run here, once for all n of a spec; see `Program.cost`."""
        found = _answers(question, 0)
        if isinstance(found, str):
            return self.refused(found, FORMULA)
        runs = instances(question, 0)
        own = -(-values_flops(question) * _sites(question) // question.lifted.n)
        checked = "; ".join(
            f"{value.name} {', '.join(f'{told:.6g}' for told in one.by_size)} within {one.error_bar:.2g}"
            for value, one in zip(question.values, found, strict=True)
        )
        assert question.source is not None
        exponents = exponents_of(question.source)
        sizes = ", ".join(f"2^{exponent}" for exponent in exponents)
        draws = f", {len(runs)} draws" if len(runs) > len(exponents) else ""
        return ClassicalProgram(
            name=self.name,
            flops=whole(sum(run.lifted.sequence.flops for run in runs) + own),
            reason=f"what is asked for is an average over sites that {sizes} sites tell{draws}: {checked}",
            formula=FORMULA,
            memory=BYTES_OF_A_WEIGHT * 2**LARGEST,
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Run the instances, of a random start with draws that follow from the seed; see `Program.run`."""
        found = _answers(question, seed)
        if isinstance(found, str):
            raise InputError(f"smaller instances do not apply: {found}")
        return Answer(
            values={
                value.name: Told(value=one.value, error_bar=one.error_bar)
                for value, one in zip(question.values, found, strict=True)
            }
        )


def _sites(question: Question) -> int:
    """Return the sites of all instances together."""
    assert question.source is not None
    is_random = isinstance(question.source.spec.training.initial, NormalStart)
    draws = DRAWS if is_random else 1
    return sum(draws * 2**exponent for exponent in exponents_of(question.source))


@lru_cache(maxsize=32)
def _answers(question: Question, seed: int) -> list[Estimate] | str:
    """Return what the instances say, or why they say nothing."""
    lifted = question.lifted
    if reason := why_not_homogeneous(question):
        return reason
    if lifted.n < SMALLEST_FACTOR * 2**LARGEST:
        return f"instances of 2^{LARGEST} sites are not much smaller"
    if lifted.sequence.flops * _sites(question) > WORK * lifted.n:
        return f"instances of 2^{LARGEST} sites take more than {WORK:.0e} flops"
    assert question.source is not None
    try:
        smaller = at_size(question.source, LARGEST).spec.model.dims
        runs = instances(question, seed)
    except InputError:
        return f"it has no instance of 2^{LARGEST} sites and fewer"
    given = question.source.spec.model.dims
    if given and smaller and min(given) < max(smaller):
        return "its lattice is narrower than the instances along an axis"
    return estimates(question, runs)
