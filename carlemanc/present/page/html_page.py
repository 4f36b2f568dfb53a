"""A report as one HTML file: style and figures inside, no script, nothing that a browser would fetch."""

from __future__ import annotations

from functools import cache

import jinja2
from markupsafe import Markup

from carlemanc.present.page.document import Document


def html_page(document: Document) -> str:
    """Return the page. Every text is escaped; the figures, made here, are the only markup taken as it is."""
    return _environment().get_template("page.html.j2").render(document=document)


def _unbroken(value: object) -> object:
    """Keep a power of ten on one line."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return value.replace(" × 10", "\u00a0×\u00a010")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("carlemanc.present.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["as_is"] = Markup
    return environment
