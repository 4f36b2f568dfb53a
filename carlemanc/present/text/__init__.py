"""Results as text: `text(result)`, one file a family of results, loaded when a result of it is first shown.

Comes in: a frozen result of a command, or a part of one that is shown alone. Goes out: lines of plain characters, as
the command prints them without `--json`.
"""

from __future__ import annotations

from functools import singledispatch
from importlib import import_module

FAMILIES = {
    "carlemanc.estimate.ledger": "ledger",
    "carlemanc.pipeline.analysis": "analysis",
    "carlemanc.pipeline.compilation": "files",
    "carlemanc.pipeline.derivation": "derivation",
    "carlemanc.pipeline.estimate_result": "estimate",
    "carlemanc.pipeline.execution": "run",
    "carlemanc.pipeline.solver_choice": "solvers",
    "carlemanc.pipeline.sparse_run": "given_system",
    "carlemanc.pipeline.symbolic": "symbolic",
    "carlemanc.pipeline.system_files": "files",
    "carlemanc.pipeline.verification": "verification",
    "carlemanc.sweep.driver": "sweep",
}
"""Module of a result -> file of this package that has the words for it."""


@singledispatch
def text(result: object) -> str:
    """Return a result as text.

    Each family registers its results when it is imported, and that is here, by the module of the result: a result is
    shown without loading what the others are made of. Raises TypeError for an object that no family shows.
    """
    family = FAMILIES.get(type(result).__module__)
    if family is not None:
        import_module(f"{__name__}.{family}")
    shown = text.dispatch(type(result))
    if shown is text.dispatch(object):
        raise TypeError(f"no text is known for {type(result).__name__} of {type(result).__module__}")
    return shown(result)
