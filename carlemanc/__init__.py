"""Compile the training of a machine-learning model into a fault-tolerant quantum program, and price it.

The functions of the command line, `derive`, `analyze`, `system`, `compile`, `run`, `estimate`, `sweep`, `verify`,
`dissipation`, `train`, take a `ModelSpec`, a path or the name of a packaged example and return frozen results. Names
are resolved on first use, as `__init__.pyi` lists them: importing the package imports nothing numerical, and any
stage may ask it for `__version__`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from carlemanc.core.lazy import public_names

TYPE_CHECKING = False  # typing takes as long to import as the interpreter, and an interrupt may come now
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_CALLABLE = ("estimate", "sweep")
"""Packages that are also the function of the same name."""

_load, __dir__, __all__ = public_names(__name__, __file__)
__all__.append("__version__")


class _CallablePackage(ModuleType):
    """`carlemanc.estimate` is both the package of cost models and the function of the same name."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return _load(self.__name__.rpartition(".")[2])(*args, **options)


class _Root(ModuleType):
    """The package object itself: importing `carlemanc.estimate` from anywhere leaves it callable."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _CALLABLE and isinstance(value, ModuleType):
            value.__class__ = _CallablePackage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Root


def __getattr__(name: str) -> Any:
    return import_module(f"carlemanc.{name}") if name in _CALLABLE else _load(name)
