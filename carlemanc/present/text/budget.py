"""An error budget as a table: what each cause may take, what it takes and how that is known."""

from __future__ import annotations

import math
from collections.abc import Mapping

from carlemanc.evaluation.budget_part import BudgetPart


def budget_lines(budget: Mapping[str, BudgetPart]) -> list[str]:
    """Return the table, a line a cause."""
    rows = [f"{'error of theta(T) - center':<28}{'share':>12}{'achieved':>12}"]
    for name, part in budget.items():
        share = "-" if part.share is None else f"{part.share:.3g}"
        known = part.achieved is not None and math.isfinite(part.achieved)
        achieved = f"{part.achieved:.3g}" if known else "unknown"
        measured = "" if part.measured is None else f"; measured {part.measured:.3g}"
        above = "" if part.is_kept else "; ABOVE ITS SHARE"
        title = name.replace("_", " ")
        rows.append(f"{title:<28}{share:>12}{achieved:>12}   {part.status}: {part.source}{measured}{above}")
    return rows
