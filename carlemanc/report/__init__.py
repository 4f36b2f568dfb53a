"""Reports: one self-contained page, HTML or Markdown, from what `estimate -o` and `sweep -o` wrote.

Comes in: a directory of results; nothing is computed again. Goes out: a file with the answer first, then pipeline,
assumptions, ledger, growth with n and T, solvers, physical cost, classical baseline, sources and the command that
makes it again. A piece that is not in the directory is named with the command that adds it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {"Report": "driver", "report": "driver", "load_material": "material", "assemble": "assembly"}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
