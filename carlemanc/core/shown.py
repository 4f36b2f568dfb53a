"""What results have in common: they are shown by `carlemanc.present`, which is found by its name when it is asked.

A result holds numbers and names; the words stand above it, so that no result imports what renders it and a command
that prints JSON loads no words. In a Python session it is one line: the plain fields that `BRIEF` names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from carlemanc.core.double_precision import as_float

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW = 4
"""Texts and numbers of a tuple that are written out."""


class Shown:
    """A result that `carlemanc.present.text` has words for, and `carlemanc.present.cell` a small page.

    Its `repr` is its brief form, whatever fields it has: `BRIEF` lists attributes, `qubits=plan.qubits` one of an
    attribute or of a mapping under another name.
    """

    __slots__ = ()
    BRIEF: ClassVar[str] = "name"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__repr__" not in cls.__dict__:  # so that a dataclass makes none of all its fields
            cls.__repr__ = Shown.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        told = ", ".join(f"{key}={_told(value)}" for key, value in self.brief().items())
        return f"{type(self).__name__}({told})"

    def _repr_html_(self) -> str:
        return str(import_module("carlemanc.present.cell").html(self))

    def brief(self) -> dict[str, Any]:
        """Return the fields that tell most, by their names."""
        found = {}
        for word in self.BRIEF.split():
            key, _, path = word.partition("=")
            value: Any = self
            for name in (path or key).split("."):
                value = _within(value, name)
            found[key] = value
        return found

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


class Plotted(Shown):
    """A result that `carlemanc.present.plots` draws into axes of matplotlib."""

    __slots__ = ()

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw the result and return the axes.

        Args:
            axes: of matplotlib; None: those of a new figure of pyplot.
        """
        return self._plotted(axes)

    def _plotted(self, axes: Axes | None, **options: Any) -> Axes:
        found: Axes = import_module("carlemanc.present.plots").plot(self, axes, **options)
        return found


def _within(value: Any, name: str) -> Any:
    if value is None:
        return None
    return value[name] if isinstance(value, Mapping) else getattr(value, name)


def _told(value: Any) -> str:
    """A value in a line: numbers to 6 digits, tuples and arrays of much by their size."""
    if isinstance(value, Fraction | float):
        return f"{as_float(value):.6g}" if isinstance(value, Fraction) else f"{value:.6g}"
    if isinstance(value, PurePath):
        return repr(str(value))
    if isinstance(value, str) or not isinstance(value, Collection):
        return repr(value)
    if len(value) <= _FEW and all(isinstance(item, str | int | float) for item in value):
        return f"({', '.join(map(_told, value))})"
    return f"<{len(value)}>"
