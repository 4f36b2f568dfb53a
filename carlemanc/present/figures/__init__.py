"""Figures as SVG: `svg(result)` for results that have one, and the charts of a page. One look, one place for ticks.

Comes in: a frozen result, or numbers of any size. Goes out: SVG text, the same bytes for the same numbers: no date, ids
from the name of the figure, none of the user's settings.
"""

from __future__ import annotations

from functools import singledispatch

from carlemanc.present.families import renderer

FAMILIES = {
    "carlemanc.commands.derive": "blocks",
    "carlemanc.training.dissipation_report": "density",
    "carlemanc.training.result": "training",
}
"""Module of a result -> file of this package that draws it."""


@singledispatch
def svg(result: object) -> str:
    """Return a result as one SVG document. Raises TypeError for an object that no family draws."""
    return str(renderer(svg, FAMILIES, result)(result))
