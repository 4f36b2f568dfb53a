"""Ledgers: sums at every level, counts of one call, what the table shows."""

from __future__ import annotations

from carlemanc.costs import Ledger, LedgerRow
from tests.ledgers import unbalanced


def row(part: str, calls: int, t: int, *children: LedgerRow, toffoli: int = 0) -> LedgerRow:
    return LedgerRow(
        part=part,
        calls=calls,
        t=t,
        toffoli=toffoli,
        rotations=0,
        measurements=0,
        qubits=3,
        children=children,
    )


def test_a_row_that_is_not_the_sum_of_its_children_is_found() -> None:
    whole = row("L", 2, 10, row("a", 2, 4), row("b", 4, 6, row("c", 4, 6)))
    assert unbalanced([whole]) == []
    torn = row("L", 2, 10, row("a", 2, 4), row("b", 4, 6, row("c", 4, 5)))
    assert unbalanced([torn]) == ["b"]
    assert Ledger(rows=(torn, whole)).total("t") == 20


def test_counts_of_one_call_where_all_calls_cost_the_same() -> None:
    assert row("a", 4, 8).each("t") == 2
    assert row("a", 4, 9).each("t") is None
    assert row("a", 4, 9).to_json()["t_each"] is None
    assert row("a", 1, 3**60).to_json()["t_each"] == 3**60


def test_the_table_shows_what_costs_and_shows_it_once() -> None:
    def encoding(name: str, prefix: str) -> LedgerRow:
        return row(name, 2, 8, row(f"{prefix}step", 2, 8), row("AND undone", 2, 0))

    text = Ledger(rows=(encoding("L", ""), encoding("its adjoint", "adjoint of "))).to_text()
    assert text.count("step") == 1
    assert "AND undone" not in text
    assert text.splitlines()[-1].split() == ["total", "16", "0", "0"]
