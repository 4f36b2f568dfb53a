"""The methods by the name they have in a spec (`solver.method`), with the options that a spec gives them.

A method is one file with one `Method`, and joins the compiler by one line here: the schema, the table of solvers and
the choice of "auto" read this. Modules load on use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from carlemanc.core.errors import InputError, Problem

if TYPE_CHECKING:
    from carlemanc.methods.method import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A key of `[solver]` that one method has: its title and its values, the default first."""

    title: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a method is, as "module:class", and its keys of `[solver]`: fields of the class."""

    place: str
    options: Mapping[str, Option] = field(default_factory=dict)


METHODS: Final[dict[str, Entry]] = {
    "qsvt": Entry(
        "carlemanc.methods.qsvt_inversion:QSVTInversion",
        {
            "polynomial": Option(
                title="which error the polynomial of qsvt minimizes: |x P(x) - 1|, or |P(x) - 1/x|",
                values=("relative", "absolute"),
            )
        },
    ),
    "lcu": Entry("carlemanc.methods.lcu:ChebyshevInversion"),
    "kernel": Entry(
        "carlemanc.methods.kernel:KernelInversion",
        {
            "norm": Option(
                title="whether kernel may use the norm of the solution; unknown adds a filter",
                values=("known", "unknown"),
            )
        },
    ),
    "hhl": Entry("carlemanc.methods.hhl:PhaseEstimationInversion"),
    "adiabatic": Entry("carlemanc.methods.adiabatic:AdiabaticWalk"),
    "march": Entry("carlemanc.methods.march:March"),
}
"""Method -> where it is, in the order of the table of solvers."""
LEADING: Final = "qsvt"
"""The method whose share of epsilon settles the encoding of L where a spec names none that queries it."""


def method_named(name: str, **options: Any) -> Method[Any, Any]:
    """Return the method of that name; `options` are its own fields. Raises InputError for a name not in `METHODS`."""
    if name not in METHODS:
        problem = Problem(where="solver.method", found=repr(name), allowed=", ".join(METHODS))
        raise InputError("unknown solver", [problem])
    module, cls = METHODS[name].place.split(":")
    made: Method[Any, Any] = getattr(import_module(module), cls)(**options)
    return made
