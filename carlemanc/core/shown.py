"""What results have in common: they are shown by `carlemanc.present`, which is found by its name when it is asked.

A result holds numbers and names; the words stand above it, so that no result imports what renders it and a command
that prints JSON loads no words.
"""

from __future__ import annotations

from importlib import import_module


class Shown:
    """A result that `carlemanc.present.text` has words for."""

    __slots__ = ()

    def to_text(self) -> str:
        """Return the result as text. Raises TypeError where no family of `carlemanc.present.text` has it."""
        return str(import_module("carlemanc.present.text").text(self))


class Drawn(Shown):
    """A result that `carlemanc.present.figures` has a figure of, too."""

    __slots__ = ()

    def to_svg(self) -> str:
        """Return the result as one SVG document. Raises TypeError where `carlemanc.present.figures` draws none."""
        return str(import_module("carlemanc.present.figures").svg(self))
