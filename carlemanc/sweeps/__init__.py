"""Sweeps: a grid of estimates over any keys of a spec, in parallel, resumable after a kill.

Comes in: a spec and `KEY=VALUES` axes. Goes out: a directory with `rows.jsonl` (append-only, one line a grid
point under the digest of its inputs), `sweep.csv` and `sweep.parquet`. Names load on first use. No paper: rows
are what `estimate` says at each point.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
