"""The look of every figure: matplotlib's defaults but for these, whatever the user has set.

The same input gives the same bytes: no date, and ids hashed from the name of the figure.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

QUANTUM, CLASSICAL, GROWTH = "#1f5fa8", "#8a8a8a", "#c0392b"
"""Colors of a figure in a file of its own."""
_LOOK: dict[str, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "font.size": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "svg.fonttype": "path",
    "svg.hashsalt": "carlemanc",
}


@contextmanager
def look(changes: Mapping[str, object] | None = None) -> Iterator[None]:
    """The look, with changes to matplotlib's settings, for figures that are made and saved inside."""
    import matplotlib as mpl

    settings: Any = {**_LOOK, **(changes or {})}
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        yield


def saved(figure: Any) -> str:
    """Return a figure as SVG text, with nothing in it but its content."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": "carlemanc"})
    return stream.getvalue()
