"""The methods by the name they have in a spec (`solver.method`), with the options that a spec gives them.

A method is one file with one `Method`, and joins the compiler by one line here: the schema, the table of solvers and
the choice of "auto" read this. Modules load on use. Installed packages offer more by entry points of the group
`GROUP`, name = "module:class" as here: they are looked for where a name is not in `METHODS` and for the table, and
their code runs where such a method is named or compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from carlemanc.core.errors import InputError, Problem
from carlemanc.core.lazy import loaded

if TYPE_CHECKING:
    from carlemanc.methods.method import AnyMethod


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


GROUP: Final = "carlemanc.methods"
"""The group of entry points that installed packages offer methods in."""


@cache
def offered() -> Mapping[str, Entry]:
    """Return the methods that installed packages offer; none of their code runs.

    Raises InputError where two have one name, or one has a name of `METHODS`.
    """
    from importlib.metadata import entry_points  # as long to import as the rest of a light command's imports

    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    places = {name: {entry.place} for name, entry in METHODS.items()}
    for point in points:
        places.setdefault(point.name, set()).add(point.value)
    problems = [
        Problem(
            where=f"entry points {GROUP}",
            found=f"{name} at {' and '.join(sorted(found))}",
            allowed="one place",
        )
        for name, found in places.items()
        if len(found) > 1
    ]
    if problems:
        raise InputError("two methods of one name", problems)
    return {point.name: Entry(point.value) for point in points}


def method_named(name: str, **options: Any) -> AnyMethod:
    """Return the method of that name; `options` are its own fields.

    Raises InputError for a name that is neither in `METHODS` nor offered, or an offer that is no method of that name.
    """
    if name in METHODS:
        made: AnyMethod = loaded(METHODS[name].place)(**options)
        return made
    if name in offered():
        return _offered_method(name, offered()[name].place)
    problem = Problem(where="solver.method", found=repr(name), allowed=", ".join([*METHODS, *offered()]))
    raise InputError("unknown solver", [problem])


def _offered_method(name: str, place: str) -> AnyMethod:
    from carlemanc.methods.method import Method

    try:
        made: object = loaded(place)()
        fault = "" if isinstance(made, Method) and made.name == name else f"no Method of the name {name}"
    except Exception as error:  # whatever the code of others raises
        fault = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if fault or not isinstance(made, Method):
        allowed = "a class of carlemanc.methods.method.Method in a package that can be imported"
        problem = Problem(where=f"entry point {name} = {place}", found=fault, allowed=allowed)
        raise InputError("a method of an installed package does not load", [problem])
    return made
