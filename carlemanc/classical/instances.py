"""Smaller instances of a training, run to the end: what their values say of the large one, and how far they agree.

Random starts: the values of independent draws, each in units of the large lattice, have a variance inversely
proportional to their sites; its estimate from all draws gives the error of their mean against the one draw that is
asked about by Student's t (a central limit theorem for sums of weakly dependent sites: argued, and measured by the
draws). Functions: values at three sizes, of which each difference must be smaller than the one before by a quarter at
least; the rest of such a series is at most three times the last difference.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import special

from carlemanc.classical.question import Question, Value
from carlemanc.classical.same_law import has_same_law, ratio_of
from carlemanc.classical.told import value_at
from carlemanc.linear_system.lifted import Lifted
from carlemanc.observables.polynomial import polynomial_of
from carlemanc.sources.other_sizes import at_size, dimensions, family
from carlemanc.sources.source import Source, source_of
from carlemanc.sources.systems import lifted_of
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema_training import NormalStart

LARGEST = 18
"""The largest instances have 2^18 sites; the two sizes below have half the extents each, along every axis."""
DRAWS = 2
"""Of a random start, so many at each size."""
SMALLEST_FACTOR = 4
"""The large lattice has at least so many times the sites of the largest instance."""
WORK = 3_000_000_000
"""The most flops of all instances."""
_SEEDS = 1000
"""Seeds of draws are these times one more than the program's."""
_ROUNDING = 1e-9
"""Relative error of sums over the sites of an instance, with room."""
_SLOWEST = 0.75
"""Ratio of two differences up to which a series of sizes counts as converging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value of the large lattice by smaller ones.

    Attributes:
        value: the constant included.
        error_bar: holds with the probability of the question.
        by_size: means at the sizes, in units of the large lattice.
    """

    value: float
    error_bar: float
    by_size: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """What the instances follow from: the spec but for its n, what is asked, the seed."""

    family: str
    asked: tuple[tuple[str, str], ...]
    seed: int
    source: Source = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Instance:
    """A run: its training, and each value, the constant left out."""

    lifted: Lifted
    values: tuple[Value, ...]
    found: tuple[float, ...]


def exponents_of(source: Source) -> tuple[int, ...]:
    """Return the three m of instances with 2^m sites."""
    return tuple(LARGEST - halvings * dimensions(source) for halvings in (2, 1, 0))


def instances(question: Question, seed: int) -> list[_Instance]:
    """Return the runs, which are remembered for all n of a spec."""
    assert question.source is not None
    asked = tuple((value.name, value.expression) for value in question.values)
    key = _Key(family=family(question.source), asked=asked, seed=seed, source=question.source)
    return _run_all(key)


@lru_cache(maxsize=8)
def _run_all(key: _Key) -> list[_Instance]:
    found: list[_Instance] = []
    for exponent in exponents_of(key.source):
        source = at_size(key.source, exponent)
        if not isinstance(source.spec.training.initial, NormalStart):
            found.append(_run(source, key.asked))
            continue
        for _ in range(DRAWS):
            own = _SEEDS * (key.seed + 1) + len(found)  # other numbers for every instance
            found.append(_run(_drawn(source, own), key.asked))
    return found


def _drawn(source: Source, seed: int) -> Source:
    initial = source.spec.training.initial
    assert isinstance(initial, NormalStart)
    start = f"{{normal = {initial.normal!r}, seed = {seed}}}"
    return source_of(load_spec(source.spec, (f"training.initial={start}",)))


def _run(source: Source, asked: tuple[tuple[str, str], ...]) -> _Instance:
    lifted = lifted_of(source.spec)
    u = np.array(lifted.u_in)
    for step in range(lifted.steps):
        u = lifted.sequence.at(step).step(u)
    vocabulary = lifted.training.vocabulary
    assert vocabulary is not None
    values = tuple(
        Value(
            name=name,
            expression=expression,
            polynomial=polynomial_of(lifted, name, expression, vocabulary),
            error=0.0,
            scale=1.0,
        )
        for name, expression in asked
    )
    found = tuple(value_at(one, u) - (0.0 if one.is_root else one.polynomial.constant) for one in values)
    return _Instance(lifted=lifted, values=values, found=found)


def estimates(question: Question, runs: Sequence[_Instance]) -> list[Estimate] | str:
    """Return every value of the large lattice, or why the instances do not tell it."""
    share = min(0.1 * one.error / abs(one.scale) if one.scale else 0.0 for one in question.values)
    large = question.lifted
    assert question.source is not None
    is_random = isinstance(question.source.spec.training.initial, NormalStart)
    if not all(has_same_law(large, run.lifted, share, is_random=is_random) for run in runs):
        return "steps or start are not the same at smaller n"
    found = []
    for place, one in enumerate(question.values):
        scaled = [_scaled(one, large, run, place) for run in runs]
        known = [value for value in scaled if value is not None and math.isfinite(value)]
        if len(known) < len(runs):
            return f"{one.name} has other terms at smaller n"
        sites = [run.lifted.n for run in runs]
        told = _told(question, one, known, sites, is_random=is_random)
        if isinstance(told, str):
            return told
        found.append(told)
    return found


def _scaled(one: Value, large: Lifted, run: _Instance, place: int) -> float | None:
    """Return a value of an instance in units of the large lattice: per site, times its sites."""
    ratio = ratio_of(one.polynomial.map, run.values[place].polynomial.map)
    if ratio is None:
        return None
    sites = large.n / run.lifted.n
    return run.found[place] * (abs(ratio) * math.sqrt(sites) if one.is_root else ratio * sites)


def _told(
    question: Question, one: Value, scaled: list[float], sites: list[int], *, is_random: bool
) -> Estimate | str:
    constant = 0.0 if one.is_root else one.polynomial.constant
    weights = np.array(sites, dtype=np.float64)
    values = np.array(scaled)
    means = tuple(float(values[weights == size].mean()) + constant for size in sorted(set(weights.tolist())))
    if not is_random:
        last, before = means[2] - means[1], means[1] - means[0]
        floor = 1e-3 * one.error
        if abs(last) > max(_SLOWEST * abs(before), floor):
            return f"{one.name} does not settle: {_listed(means)} at {_sizes(question)} sites"
        bar = 3.0 * max(abs(last), min(abs(before), floor))
        best = means[2]
        bar = max(bar, _ROUNDING * abs(best))
    else:
        mean = float(np.average(values, weights=weights))
        spread = float(np.sum(weights * (values - mean) ** 2)) / (len(values) - 1)
        chance = 1.0 - question.failure_probability / (2.0 * len(question.values))
        factor = float(special.stdtrit(len(values) - 1, chance))
        bar = factor * math.sqrt(spread * (1.0 / weights.sum() + 1.0 / question.lifted.n))
        best = mean + constant
    if bar > one.error:
        return (
            f"{one.name} is told to {bar:.2g} by {_sizes(question)} sites, where {one.error:.2g} is allowed: "
            f"{_listed(means)}"
        )
    return Estimate(value=best, error_bar=bar, by_size=means)


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)


def _sizes(question: Question) -> str:
    assert question.source is not None
    return ", ".join(f"2^{exponent}" for exponent in exponents_of(question.source))
