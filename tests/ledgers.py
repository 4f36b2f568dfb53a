"""What must hold of every ledger."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.costs.ledger import COUNTS, LedgerRow


def unbalanced(rows: Sequence[LedgerRow]) -> list[str]:
    """Return the parts at any level whose children do not add up to them."""
    found = []
    for row in rows:
        sums = [sum(getattr(child, column) for child in row.children) for column in COUNTS]
        if row.children and sums != [getattr(row, column) for column in COUNTS]:
            found.append(row.part)
        found += unbalanced(row.children)
    return found
