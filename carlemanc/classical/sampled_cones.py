"""The program that looks at a sample of sites: sums of local terms from dense starts, at any size.

Values of few weights beside such sums are told by their own cones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, final

import numpy as np

from carlemanc.classical.cone import Cone
from carlemanc.classical.local_terms import LocalTerms
from carlemanc.classical.program import Answer, Program, Told
from carlemanc.classical.question import Question, Value
from carlemanc.classical.sampling_plan import block_variances
from carlemanc.classical.sampling_ways import Way, planned
from carlemanc.classical.value_sites import asked_sites
from carlemanc.core.errors import InputError, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import ClassicalProgram

SAMPLED = Formula(
    text=(
        "n' cones, or (n' + 2 r t) sites of one window at each t < T; "
        "n' = ((z sqrt(V) + sqrt(z^2 V + 12 R E ln(3/delta)))/(2 E))^2, E the error over the number of sites, "
        "R = 0 for independent starts; and the cones of values of few weights"
    ),
    status="derived here",
)
MOST_RUN = 20_000_000_000
"""The most flops that are run: a minute."""
_FEW = 1_024
"""Values of so few weights are told by cones."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """What is sampled, and what is told by cones beside it.

    Args:
        terms, way: the sample.
        beside: the question about values of few weights, None where there are none.
        cones: their program.
    """

    terms: LocalTerms
    way: Way
    beside: Question | None
    cones: ClassicalProgram | None


@final
class SampledCones(Program):
    """Sites drawn at random, each by its cone; or one window, where the start is drawn alike everywhere."""

    name: ClassVar[str] = "sampled-cones"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops for the sites that the errors take; see `Program.cost`."""
        found = _plan(question)
        if isinstance(found, str):
            return self.refused(found, SAMPLED)
        flops, reason, memory = found.way.flops, found.way.reason, found.way.memory
        if found.cones is not None:
            flops, memory = flops + (found.cones.flops or 0), max(memory, found.cones.memory)
            reason = f"{reason}; and {found.cones.reason}"
        return ClassicalProgram(name=self.name, flops=flops, reason=reason, formula=SAMPLED, memory=memory)

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Draw the sites and average; see `Program.run`. The error bars are those of the sample drawn.

        The boxes about the cones are computed, corners and all, since arrays of one shape go faster.
        Raises TooLarge for samples of more than `MOST_RUN` flops.
        """
        found = _plan(question)
        if isinstance(found, str):
            raise InputError(f"samples do not answer this: {found}")
        if found.way.flops > MOST_RUN:
            raise TooLarge(
                "the sample of sites",
                size=f"{found.way.flops:.3g} flops",
                limit=f"{MOST_RUN:.3g}",
                instead="Ask for less precision, or fewer steps.",
            )
        told = _sampled(found.terms, found.way, seed)
        if found.beside is not None:
            told |= Cone().run(found.beside).values
        return Answer(values={one.name: told[one.name] for one in question.values})


def _sampled(terms: LocalTerms, way: Way, seed: int) -> dict[str, Told]:
    if way.is_window:
        drawn = terms.window(way.count)
        variances = block_variances(drawn, 2 * terms.reach[0] + 1)
    else:
        drawn = terms.terms(terms.drawn(way.count, np.random.default_rng(seed)))
        variances = tuple(drawn.var(axis=1, ddof=1).tolist())
    return {
        one.name: terms.told(one, float(row.mean()), variance, way.count)
        for one, row, variance in zip(terms.question.values, drawn, variances, strict=True)
    }


def _plan(question: Question) -> _Plan | str:
    """Return what is sampled and what is not, or why nothing can be."""
    few = [one for one in question.values if _reads_few(question, one)]
    many = tuple(one for one in question.values if one not in few)
    if few and not many:
        return "every value reads a few weights, which their cones tell"
    found = planned(question) if not few else planned(_asking(question, many))
    if isinstance(found, str):
        return found
    terms, way = found
    if not few:
        return _Plan(terms=terms, way=way, beside=None, cones=None)
    beside = _asking(question, tuple(few))
    cones = Cone().cost(beside)
    if not cones.applies:
        return cones.reason
    return _Plan(terms=terms, way=way, beside=beside, cones=cones)


def _reads_few(question: Question, value: Value) -> bool:
    """Whether a value is told by a cone, and not as a sum of many terms."""
    sites = None if value.is_root else asked_sites(replace(question, values=(value,)))
    return sites is not None and len(sites) <= _FEW


@lru_cache(maxsize=32)
def _asking(question: Question, values: tuple[Value, ...]) -> Question:
    """Return the question about some of the values, the same one every time."""
    return replace(question, values=values)
