"""A page that was written."""

from __future__ import annotations

from carlemanc.present.page.driver import Report
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View


@text.register
def page_text(page: Report, view: View = FIRST) -> str:
    """Return the same in two lines."""
    return (
        f"{page.path}: {page.size:,} bytes, {len(page.figures)} figures\nsections: {', '.join(page.sections)}"
    )
