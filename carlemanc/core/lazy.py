"""The public names of a package, each loaded on first use (PEP 562), so that a light command imports nothing heavy.

Their one list is the stub `__init__.pyi` beside the package's `__init__.py`, one line a name:
`from carlemanc.programs.emitter import emit as emit`. Type checkers read the same lines. Imports as little as the
package `carlemanc` itself.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # typing takes as long to import as the interpreter to start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def public_names(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` for a package, given its `__name__` and `__file__`."""
    place = f"{file.rpartition('.')[0]}.pyi"
    with open(place, encoding="utf-8") as stub:  # noqa: PTH123 - nothing is imported for it
        words = [line.split() for line in stub if line.startswith("from ")]
    homes = {name: home for _, home, _, name, _, _ in words}
    names = sorted(homes)

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return load, lambda: names, names


def loaded(place: str) -> Any:
    """Return what a line of a registry, "module:name", stands for; the module is imported."""
    module, name = place.split(":")
    return getattr(import_module(module), name)
