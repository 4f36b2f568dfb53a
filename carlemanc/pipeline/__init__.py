"""The drivers: from a spec to a result, through every stage in order.

Comes in: a `ModelSpec`, the path of one, or the name of a packaged example. Goes out: frozen results whose
`to_json()` is what the command of the same name prints with `--json`. The only package that knows all stages.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "derive": "derivation",
    "analyze": "analysis",
    "system": "system_files",
    "compile": "compilation",
    "run": "execution",
    "estimate": "estimation",
    "estimate_symbolic": "symbolic",
    "verify": "verification",
    "examples": "example_list",
    "Stages": "stages",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Load a driver on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
