"""Documents older than a key: the one file that finds in their words what a document of today says by itself.

Comes in: a document of `estimate --json`, of any age that a report takes. Goes out: the same with the keys of today,
as far as its words tell them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_REGIME = re.compile(r"the system is ([a-z -]+)(?: \(.*\))?: the theorems' premise")


def with_keys_of_today(estimate: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an estimate with its regime, which older ones tell among their assumptions.

    The first of them told a regime only where it was not the fully dissipative one; rows of a catalog have no
    assumptions, and tell none.
    """
    lines = estimate.get("assumptions")
    if "regime" in estimate or estimate.get("T") is None or lines is None:
        return estimate
    told = (found[1] for line in lines if (found := _REGIME.match(line)))
    return {**estimate, "regime": {"name": next(told, "fully dissipative")}}
