"""The download of a segment: what tomography by sampling reads of theta - center, drawn with a seed.

The two circuits of the readout are sampled in distribution: `readout/sampling.py` draws as many shots as the
plan asks for. `carleman` and `emulated` segments have no circuit, so their state is taken to be read at a share of
`COPY_SHARE` of the runs (any small share gives the same errors). The scale of the state is known, as a solver that
keeps the norm gives it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.readout.copies import Copies
from carlemanc.readout.sampling import SampledState, read_vector
from carlemanc.readout.ways.registry import plan_readout
from carlemanc.spec.schema import ModelSpec

COPY_SHARE = 1e-3
"""Share of the runs that give a copy: the error of an entry is then sqrt((1 - p)/(4 copies)) with p below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download(Document):
    """What one tomography was and how far it is off, in 2-norms of the weights.

    Attributes:
        copies: successful runs of both circuits.
        largest: weights kept (the k of k-sparse tomography), None: all.
        bound: of the error, with probability 1 - failure_probability.
        error: drawn.
        source: whose bound gave the copies.
    """

    copies: int
    largest: int | None
    bound: float
    error: float
    failure_probability: float
    source: str


def download_plan(model: ModelSpec, entries: int) -> Copies:
    """Return the plan of reading so many entries within solver.epsilon. Raises InputError where it is not drawn."""
    table = model.readout
    if (table.norm, table.method) != ("l2", "sampling"):
        problem = Problem(
            where=f"{model.origin}: readout.method, readout.norm",
            found=f'"{table.method}", "{table.norm}"',
            allowed='"sampling", "l2": a schedule draws its downloads',
        )
        raise InputError("this readout is not drawn", [problem])
    return plan_readout(
        entries,
        model.solver.epsilon,
        table.failure_probability,
        norm="l2",
        largest=table.largest or None,
        method="sampling",
    )


def draw_download(
    model: ModelSpec, exact: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, Download]:
    """Return what is read of `exact`, (s,), and what the reading was.

    Where `readout.largest` = k only the k largest estimates are kept. With estimates within e of x in l2 the error is
    then at most 2 e + ||x - x_k||, since x_k is no closer to the estimates than what is kept (proved here).
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
        order = np.argsort(-np.abs(found), kind="stable")
        found = np.where(np.isin(np.arange(len(found)), order[:largest]), found, 0.0)
        tail = float(np.linalg.norm(np.sort(np.abs(exact))[:-largest]))
        bound = tail + (1 if plan.largest else 2) * bound
    return found, Download(
        copies=plan.copies,
        largest=largest,
        bound=bound,
        error=float(np.linalg.norm(found - exact)),
        failure_probability=plan.failure_probability,
        source=plan.source,
    )
