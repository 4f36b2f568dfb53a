"""The download of a segment: what tomography by sampling reads of theta - center, drawn with a seed.

The two circuits of the readout are sampled in distribution: `readout/sampling.py` draws as many shots as the
plan asks for. `carleman` and `emulated` segments have no circuit, so their state is taken to be read at a share of
`COPY_SHARE` of the runs (any small share gives the same errors). The scale of the state is known, as a solver that
keeps the norm gives it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.readout.largest import Largest
from carlemanc.readout.registry import goal_named
from carlemanc.readout.sampling import SampledState, kept, read_vector
from carlemanc.readout.ways.sampling import SampledPlan
from carlemanc.readout.weights import AUTO, AllWeights
from carlemanc.spec.schema import ModelSpec

COPY_SHARE = 1e-3
"""Share of the runs that give a copy: the error of an entry is then sqrt((1 - p)/(4 copies)) with p below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download(Document):
    """What one tomography was and how far it is off, in 2-norms of the weights.

    Attributes:
        copies: successful runs of both circuits.
        support: weights that can have moved, known before the run: the others are not read.
        largest: weights kept (the k of k-sparse tomography), None: all.
        bound: of the error, with probability 1 - failure_probability.
        error: drawn.
        source: whose bound gave the copies.
    """

    copies: int
    support: int
    largest: int | None
    bound: float
    error: float
    failure_probability: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entries:
    """So many entries that can be nonzero: all that a goal asks of what it reads weights from."""

    support: int


def download_plan(model: ModelSpec, entries: int) -> SampledPlan:
    """Return the plan of the spec's goal for so many entries; a method left to be chosen is the one that is drawn.

    Raises InputError where it is not drawn.
    """
    table = model.readout
    goal = goal_named(table.target, table)
    drawn = "a schedule draws its downloads"
    if not isinstance(goal, AllWeights | Largest):
        allowed = f'"{AllWeights.name}", "{Largest.name}": {drawn}, and goes on from weights'
        problem = Problem(where=f"{model.origin}: readout.target", found=f'"{table.target}"', allowed=allowed)
        raise InputError("this readout reads no weights", [problem])
    if isinstance(goal, AllWeights) and goal.method == AUTO:
        goal = replace(goal, method="sampling")
    goal.check(model.origin)
    way = table.method or "sampling"
    plan = goal.plan(_Entries(support=entries), model.solver.epsilon)
    if isinstance(plan, SampledPlan) and plan.norm == "l2":
        return plan
    problem = Problem(
        where=f"{model.origin}: readout.method, readout.norm",
        found=f'"{way}", "{table.norm}"',
        allowed=f'"sampling", "l2": {drawn}',
    )
    raise InputError("this readout is not drawn", [problem])


def draw_download(
    model: ModelSpec, exact: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, Download]:
    """Return what is read of `exact`, (s,), the entries that can be nonzero, and what the reading was.

    Where `readout.largest` = k only the k largest estimates are kept. The plan may read all, where that takes fewer
    copies: with estimates within e of x in l2 the error is then at most 2 e + ||x - x_k||, since x_k is no closer to
    the estimates than what is kept (proved here).
    """
    plan = download_plan(model, len(exact))
    norm = float(np.linalg.norm(exact))
    largest = model.readout.largest or None
    found, bound = exact, plan.epsilon * norm
    if norm:
        state = SampledState(
            amplitudes=exact * (math.sqrt(COPY_SHARE) / norm), success_probability=COPY_SHARE, rng=rng
        )
        read = read_vector(state, plan, plan.runs(COPY_SHARE)).amplitudes
        found = read * (norm / math.sqrt(COPY_SHARE))
    if norm and largest is not None and largest < len(exact):
        found = kept(found, largest)
        tail = float(np.linalg.norm(np.sort(np.abs(exact))[:-largest]))
        bound = tail + (1 if plan.largest else 2) * bound
    return found, Download(
        copies=plan.copies,
        support=len(exact),
        largest=largest,
        bound=bound,
        error=float(np.linalg.norm(found - exact)),
        failure_probability=plan.failure_probability,
        source=plan.source,
    )
