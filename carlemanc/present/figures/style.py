"""The look of every figure: matplotlib's defaults but for these, whatever the user has set.

The same input gives the same bytes: no date, and ids hashed from the name of the figure. In a page a figure is one
inline `svg` element: text stays text, colors are those of the page.
"""

from __future__ import annotations

import html
import io
import re
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


INK, GRID = "#010203", "#010204"
SERIES = ("#010211", "#010212", "#010213", "#010214", "#010215", "#010216")
"""Placeholders in the image, replaced by the colors of the page (see templates/style.css)."""
MARKERS = ("o", "s", "^", "D", "v", "P")
_COLORS = {INK: "currentColor", GRID: "var(--grid)"} | {
    color: f"var(--series-{number})" for number, color in enumerate(SERIES, start=1)
}


def svg_text(figure: object, name: str, title: str, description: str) -> str:
    """The figure as one `svg` element: no prologue, no metadata, ids of its own, colors and fonts of the page."""
    text = saved(figure)
    text = text[text.index("<svg") :].strip()
    for noise in (
        r"<metadata>.*?</metadata>\s*",
        r"<!--.*?-->\s*",
        r"<style.*?</style>\s*",
        r"font-family: [^;\"]*; ",
    ):
        text = re.sub(noise, "", text, flags=re.DOTALL)
    text = re.sub("#0102(?:0[34]|1[1-6])", lambda found: _COLORS[found[0]], text)
    return _labeled(_own_ids(text.replace("xlink:href", "href"), name), name, title, description)


def _own_ids(text: str, name: str) -> str:
    """Ids that are referred to get the name of the figure before them; the others go."""
    used = set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", text))
    text = re.sub(r' id="([^"]*)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", text)
    return re.sub(r"(href=\"#|url\(#)", rf"\g<1>{name}-", text)


def _labeled(text: str, name: str, title: str, description: str) -> str:
    """Size from the page; title and description for those who cannot see it."""
    head, body = text.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    opening = f'<svg {box[0] if box else ""} role="img" aria-labelledby="{name}-title {name}-desc">'
    words = (
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-desc">{html.escape(description)}</desc>'
    )
    return f"{opening}{words}{body}"
