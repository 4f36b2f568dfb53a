"""Every other linear-system solver for the same system."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from carlemanc.present.number_words import integer, prose, real, short
from carlemanc.present.page.costs import ratio
from carlemanc.present.page.document import Block, Column, Paragraph, Row, Section, Table
from carlemanc.present.page.material import Material, table
from carlemanc.present.page.material import Table as Json


def solvers_section(material: Material) -> Section | None:
    """Return every method's cost for this system."""
    methods = table(material.solvers).get("methods")
    if not isinstance(methods, list) or not methods:
        return None
    choice = table(table(material.solvers).get("choice"))
    rows = tuple(_solver(table(row), str(choice.get("method"))) for row in methods)
    names = (
        "method",
        "kappa",
        "queries to L",
        "to b",
        "qubits",
        "T gates a run",
        "success",
        "runs",
        "expected T",
        "",
    )
    columns = tuple(Column(name=name, numeric=bool(name) and name != "method") for name in names)
    caption = (
        "T with Toffoli as 4 and rotations at the length fitted to their precision; expected T is that of all runs "
        "that the readout needs"
    )
    blocks: list[Block] = [Table(caption=caption, columns=columns, rows=rows)]
    if choice.get("reason"):
        reason = prose(str(choice["reason"]))
        blocks.append(Paragraph(text=f"Cheapest: {reason}.{_compared(material, methods, choice)}"))
    left_out = [
        f"{row['method']}: {row.get('reason')}" for row in map(table, methods) if not row.get("applies")
    ]
    if left_out:
        blocks.append(Paragraph(text=f"Not applicable: {'; '.join(left_out)}."))
    return Section(title="Other solvers for this system", anchor="solvers", blocks=tuple(blocks))


def _compared(material: Material, methods: list[Any], choice: Json) -> str:
    """What the cheapest solver would save, where the report takes another one apart."""
    used = table(material.subject).get("method")
    expected = {str(row.get("method")): row.get("expected_t") for row in map(table, methods)}
    here, best = expected.get(str(used)), expected.get(str(choice.get("method")))
    if used == choice.get("method") or not isinstance(here, int) or not isinstance(best, int) or not best:
        return ""
    more = ratio(Fraction(here, best))
    return (
        f" This report takes {used} apart, the solver of the spec, which expects {more} times as many T; "
        'solver.method = "auto" chooses the cheapest.'
    )


def _solver(row: Json, chosen: str) -> Row:
    method = str(row.get("method"))
    if not row.get("applies"):
        return Row(cells=(method, *["–"] * 8, "does not apply"))
    queries = table(row.get("queries"))
    remarks = [] if row.get("counted", True) else ["queries priced"]
    remarks += [] if row.get("certified", True) else ["error measured, not proved"]
    bound = "≥ " if row.get("success_is_bound") else ""
    return Row(
        cells=(
            method,
            "–" if row.get("kappa") is None else real(row["kappa"], 4),
            integer(queries.get("L")),
            integer(queries.get("b")),
            integer(row.get("qubits")),
            short(row.get("t_per_run")),
            f"{bound}{real(row.get('success_probability'), 4)}",
            short(row.get("runs")),
            short(row.get("expected_t")),
            ", ".join([*(["cheapest"] if method == chosen else []), *remarks]),
        ),
        emphasis=method == chosen,
    )
