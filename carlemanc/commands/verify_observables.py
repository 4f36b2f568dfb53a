"""The part of `verify` on observables: columns of the rows of tensors that they are encoded by."""

from __future__ import annotations

from carlemanc.commands.opening import Opened
from carlemanc.commands.verify_result import RowsCheck
from carlemanc.observables.checked_rows import check_row


def check_observables(opened: Opened, columns: int, seed: int) -> tuple[RowsCheck, ...]:
    """Return the check of each observable that the spec reads; what is read by shifts and overlaps alone has no row.

    Args:
        opened: the spec.
        columns: of each row, or every boundary case where these are more.
        seed: of the random ones.
    """
    found = []
    for observable in opened.request.at.goal.observed(opened.lifted):
        checked = [check_row(row, opened.lifted.history, columns, seed) for row in observable.rows]
        found.append(
            RowsCheck(
                name=observable.name,
                rows=len(checked),
                columns=sum(item.columns for item in checked),
                deviation=max((item.deviation for item in checked), default=0.0),
            )
        )
    return tuple(found)
