"""Sweeps: a grid of estimates over any keys of a spec, in parallel, resumable after a kill.

Comes in: a spec and `KEY=VALUES` axes. Goes out: a directory with `rows.jsonl` (append-only, one line a grid
point under the digest of its inputs), `sweep.csv` and `sweep.parquet`. Names are resolved on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "Axis": "grid",
    "parse_axis": "grid",
    "grid_points": "grid",
    "RowStore": "store",
    "Sweep": "driver",
    "sweep": "driver",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
