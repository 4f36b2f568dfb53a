"""An access to bare bloqs: what a method queries where no spec and no system is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from carlemanc.access.access import Access, Answer, Rounding
from carlemanc.access.facts import InversionFacts, StepFacts


def access_of(
    encodings: Any,
    start: Any,
    facts: InversionFacts | StepFacts | None = None,
    operators: Any = None,
    vector: Any = None,
) -> Access[Any]:
    """Return an access.

    Args:
        encodings: one block encoding, or those of the distinct steps.
        start: the preparation of the start.
        facts: that a circuit or amplitudes ask for; only marching does.
        operators: L, or the matrices of the distinct steps: what exact arithmetic computes with.
        vector: the start of exact arithmetic, not normalized.
    """
    several = tuple(encodings) if isinstance(encodings, Sequence) else (encodings,)
    return Access(
        known=None,
        encodings=several,
        names=("L",) if len(several) == 1 else tuple(f"the step {i}" for i in range(len(several))),
        start=start,
        make_facts=lambda: facts,
        answer=Answer(
            layout={},
            is_solution=False,
            holds_start=False,
            find=lambda entries: (np.arange(len(vector)) if entries is None else entries)[None, :],
            pick=lambda found: np.asarray(found)[None, :],
        ),
        inverts=False,
        rounding=Rounding(
            bits=0, most=0, error=0.0, words="no coefficient is rounded", find_conditioning=None
        ),
        make_exact=None if operators is None else lambda: (operators, np.asarray(vector)),
        size=lambda: (0, 0),
    )


def exact_access(operators: Any, vector: Any, facts: InversionFacts | StepFacts | None = None) -> Access[Any]:
    """Return an access to exact arithmetic alone, without a bloq."""
    return access_of((), None, facts, operators, vector)
