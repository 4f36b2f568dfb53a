"""Results as text: `text(result)`, one file a family of results, loaded when a result of it is first shown.

Comes in: a frozen result of a command, or a part of one that is shown alone, and how it is looked at: its first screen
or the whole, in lines of which width. Goes out: lines of plain characters, as the command prints them without `--json`.
"""

from __future__ import annotations

from functools import singledispatch

from carlemanc.present.families import renderer
from carlemanc.present.text.layout import FIRST, View

FAMILIES = {
    "carlemanc.costs.ledger": "ledger",
    "carlemanc.costs.scaling": "scaling",
    "carlemanc.commands.analyze": "analysis",
    "carlemanc.commands.circuit": "files",
    "carlemanc.commands.compile": "files",
    "carlemanc.commands.derive": "derivation",
    "carlemanc.commands.estimate_result": "estimate",
    "carlemanc.evaluation.comparison": "solvers",
    "carlemanc.commands.optimize": "frontier",
    "carlemanc.commands.run_paths": "walks",
    "carlemanc.commands.run_result": "run",
    "carlemanc.commands.solution": "solution",
    "carlemanc.commands.symbolic": "symbolic",
    "carlemanc.commands.system": "files",
    "carlemanc.commands.verify_result": "verification",
    "carlemanc.present.page.driver": "page",
    "carlemanc.sweeps.driver": "sweep",
    "carlemanc.training.dissipation_report": "dissipation",
    "carlemanc.training.exponents": "scaling",
    "carlemanc.training.result": "training",
}
"""Module of a result -> file of this package that has the words for it."""


@singledispatch
def text(result: object, view: View = FIRST) -> str:
    """Return a result as text, without loading what the other families are made of.

    Raises TypeError for an object that no family shows.
    """
    return str(renderer(text, FAMILIES, result)(result, view))
