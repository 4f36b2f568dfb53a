"""What results have in common: they are shown by `carlemanc.present`, which is found by its name when it is asked.

A result holds numbers and names; the words stand above it, so that no result imports what renders it and a command
that prints JSON loads no words.
"""

from __future__ import annotations

from importlib import import_module


class Shown:
    """A result that `carlemanc.present.text` has words for."""

    __slots__ = ()

    def to_text(self, *, all: bool = False, width: int = 100) -> str:
        """Return the result as text, as the command prints it.

        Args:
            all: print the whole, not the first screen alone.
            width: columns of a line, at least 20.

        Raises TypeError where no family of `carlemanc.present.text` has it.
        """
        view = import_module("carlemanc.present.text.layout").View(whole=all, width=width)
        return str(import_module("carlemanc.present.text").text(self, view))


class Drawn(Shown):
    """A result that `carlemanc.present.figures` has a figure of, too."""

    __slots__ = ()

    def to_svg(self) -> str:
        """Return the result as one SVG document. Raises TypeError where `carlemanc.present.figures` draws none."""
        return str(import_module("carlemanc.present.figures").svg(self))
