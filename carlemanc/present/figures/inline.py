"""A matplotlib figure as one inline `svg` element: text stays text, colors are those of the page."""

from __future__ import annotations

import html
import re

from carlemanc.present.figures.style import saved

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
