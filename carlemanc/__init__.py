"""Compile the training of a machine-learning model into a fault-tolerant quantum program, and price it.

The functions of the command line, `derive`, `analyze`, `system`, `compile`, `run`, `estimate`, `sweep`, `verify`,
`dissipation`, `train`, take a `ModelSpec`, a path or the name of a packaged example and return frozen results. Names
are resolved on first use: importing the package imports nothing numerical. Their types stand in `__init__.pyi`, which
keeps this module free of imports, so that any stage may ask it for `__version__`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = (
    False  # typing takes as long to import as the interpreter to start, and an interrupt may come now
)
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "CarlemancError": "carlemanc.core.errors",
    "CheckFailed": "carlemanc.core.errors",
    "InputError": "carlemanc.core.errors",
    "ModelSpec": "carlemanc.spec.schema",
    "TooLarge": "carlemanc.core.errors",
    "analyze": "carlemanc.pipeline",
    "compile": "carlemanc.pipeline",
    "derive": "carlemanc.pipeline",
    "dissipation": "carlemanc.training.dissipation",
    "examples": "carlemanc.pipeline",
    "load_spec": "carlemanc.spec.loading",
    "run": "carlemanc.pipeline",
    "system": "carlemanc.pipeline",
    "train": "carlemanc.training.loop",
    "verify": "carlemanc.pipeline",
}

_CALLABLE = {
    "estimate": "carlemanc.pipeline",
    "report": "carlemanc.report.driver",
    "sweep": "carlemanc.sweep.driver",
}
"""Packages that are also the function of the same name, and where that function is."""

__all__ = ["__version__", *_CALLABLE, *_HOMES]


class _CallablePackage(ModuleType):
    """`carlemanc.estimate` is both the package of cost models and the function of the same name."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        name = self.__name__.rpartition(".")[2]
        return getattr(import_module(_CALLABLE[name]), name)(*args, **options)


class _Root(ModuleType):
    """The package object itself: importing `carlemanc.estimate` from anywhere leaves it callable."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _CALLABLE and isinstance(value, ModuleType):
            value.__class__ = _CallablePackage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Root


def __getattr__(name: str) -> Any:
    if name in _CALLABLE:
        return import_module(f"carlemanc.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
