"""Which file renders a result: found by the result's module, and imported when a result of it is first shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def renderer(render: Any, families: Mapping[str, str], result: object) -> Callable[..., Any]:
    """Return what a `singledispatch` function of a package has for a result, after importing the result's family.

    Args:
        render: the function, defined in the package's `__init__`.
        families: module of a result -> file of the package that registers its results with `render`.
        result: what is to be shown.

    Raises TypeError where no family renders it.
    """
    kind = type(result)
    if kind.__module__ in families:
        import_module(f"{render.__module__}.{families[kind.__module__]}")
    found: Callable[..., Any] = render.dispatch(kind)
    if found is render.dispatch(object):
        raise TypeError(f"{render.__module__} does not know {kind.__name__} of {kind.__module__}")
    return found
