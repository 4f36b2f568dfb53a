"""The access of a method that marches: the encoding of each distinct step and the start; nothing is inverted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import numpy as np

from carlemanc.access.access import Access, Answer, Reading, Rounding
from carlemanc.access.facts import StepFacts
from carlemanc.access.register_parts import step_answer_flag, step_parts
from carlemanc.block_encoding.step_encoding import StepEncoding, first_answer, step_encoding
from carlemanc.bloqs.loading import DEFAULT_LOADING
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.core.arrays import IntArray
from carlemanc.core.errors import InputError, Problem
from carlemanc.linear_system.extended_step import ExtendedSteps
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.lifted import Lifted
from carlemanc.state_preparation.march_start import prepare_start


@singledispatch
def steps(system: Any, reading: Reading, bits: int | None) -> Access[StepFacts]:
    """Open a system for marching; `bits` change nothing: no bound on what rounding does is known here.

    Raises InputError for a system without steps, or of a single number; TooLarge.
    """
    raise InputError(f"{type(system).__name__} has no steps to march")


@steps.register
def _given(system: Given, reading: Reading, bits: int | None) -> Access[StepFacts]:
    problem = Problem(
        where=f"{system.origin}: solver.method",
        found='"march" of a [system]',
        allowed='"qsvt", "lcu", "kernel", "hhl", "adiabatic" or "auto"',
    )
    raise InputError("a linear system has no steps to march", [problem])


@steps.register
def _lifted(system: Lifted, reading: Reading, bits: int | None) -> Access[StepFacts]:
    history, loading = system.history, reading.loading()
    extended = system.steps_of_march
    level_zero = extended.level_zero
    layout = step_parts(history.layout, level_zero=level_zero)
    _refuse_single(layout)
    encodings = tuple(step_encoding(one, level_zero=level_zero, loading=loading) for one in history.systems)
    flag = step_answer_flag(history.layout, level_zero=level_zero)
    level_one = slice(int(level_zero), int(level_zero) + history.n)

    first = first_answer(history, level_zero=level_zero)

    def facts() -> StepFacts:
        start_norm, end_norm, share = _state_norms(extended, system.end_sizes, level_one)
        return StepFacts(
            alphas=tuple(encoding.alpha for encoding in encodings),
            norms=_norms(extended, encodings),
            schedule=history.schedule,
            start_norm=start_norm,
            end_norm=end_norm,
            readout_probability=share,
            is_part=flag is not None,
        )

    def find(entries: IntArray | None) -> IntArray:
        wanted = np.arange(history.n, dtype=np.int64) if entries is None else entries
        kind = np.int64 if history.layout.width < 62 else object
        return np.asarray(wanted, dtype=kind)[None, :] + first

    rounded = max(map(rounding_error, encodings))
    return Access(
        known=system,
        encodings=encodings,
        names=tuple(f"the step {i}" for i in range(len(encodings))) if len(encodings) > 1 else ("the step",),
        start=prepare_start(history, loading=loading),
        make_facts=facts,
        answer=Answer(
            layout=layout,
            is_solution=False,
            holds_start=False,
            find=find,
            first=first,
            pick=lambda vector: np.asarray(vector[level_one][None, :]),
            flag=flag,
        ),
        inverts=False,
        rounding=Rounding(
            bits=(loading or DEFAULT_LOADING).bits,
            most=0,
            error=rounded,
            words=f"loaded angles within {rounded:.2g} a step; no bound on their effect is known to march",
            find_conditioning=None,
        ),
        make_exact=None if system.is_shaped else lambda: (extended.matrices(), extended.start()),
        size=lambda: (history.layout.width, history.entries_bound),
    )


def _refuse_single(layout: dict[str, Any]) -> None:
    """Raise InputError for a single number, which needs no register."""
    if layout["level"] or any(layout["slots"]):
        return
    problem = Problem(
        where="solver.method",
        found='"march" of one weight to order 1 without sources',
        allowed="two numbers or more to march",
        help='solver.method = "qsvt", or a higher carleman.order',
    )
    raise InputError("marching a single number needs no qubits", [problem])


def _state_norms(
    extended: ExtendedSteps, sizes: tuple[float, float] | None, level_one: slice
) -> tuple[float, float, float]:
    """Return ||y(0)||, ||y(T)|| and the share of level 1 in the latter.

    With `sizes`, ||u(0)|| / gamma and ||u(T)|| / gamma, those of the exact lift; else the history is solved.
    """
    if sizes is None:
        start, end = extended.start(), extended.end()
        norm = float(np.linalg.norm(end))
        share = float(np.square(np.linalg.norm(end[level_one]) / np.linalg.norm(end)))
        return float(np.linalg.norm(start)), norm, share
    first, last = (_lift_norm(extended, size) for size in sizes)
    return first, last, (sizes[1] / last) ** 2


def _lift_norm(extended: ExtendedSteps, size: float) -> float:
    powers = [size ** (2 * level) for level in extended.history.levels]
    return math.sqrt(extended.level_zero + math.fsum(powers))


def _norms(extended: ExtendedSteps, encodings: Sequence[StepEncoding]) -> tuple[float, ...]:
    """The norm of each distinct step, or alpha where it is not computed (no amplification)."""
    alphas = tuple(encoding.alpha for encoding in encodings)
    norms = extended.norms
    return alphas if norms is None else tuple(map(min, alphas, norms))
