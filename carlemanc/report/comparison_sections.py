"""The same task by other means: other solvers, and gradient descent on a classical machine."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from carlemanc.report.costs import costs_of, ratio, verdict
from carlemanc.report.document import Block, Column, Fact, Facts, Paragraph, Row, Section, Table
from carlemanc.report.material import Material, table
from carlemanc.report.material import Table as Json
from carlemanc.report.number_words import duration, integer, real, short


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
    caption = "T with rotations synthesized; expected T is that of all runs the readout needs"
    blocks: list[Block] = [Table(caption=caption, columns=columns, rows=rows)]
    if choice.get("reason"):
        blocks.append(Paragraph(text=f"Cheapest: {choice['reason']}.{_compared(material, methods, choice)}"))
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


def baseline_section(material: Material) -> Section | None:
    """Return what the same training costs classically."""
    estimate = table(material.subject)
    baseline = table(estimate.get("classical_baseline"))
    if not baseline:
        return None
    costs = costs_of(estimate)
    words, tone = verdict(costs)
    facts = [Fact(name="floating-point operations", value=_flops(costs.flops), note="for the same T steps")]
    if costs.classical is not None:
        facts.append(Fact(name="time", value=duration(costs.classical), note=costs.rate))
    if costs.total is not None:
        facts.append(
            Fact(name="time of all quantum runs", value=duration(costs.total), note="one after another")
        )
    facts += [
        Fact(name=str(key).replace("_", " "), value=_plain(value))
        for key, value in baseline.items()
        if key not in ("flops", "seconds", "machine")
    ]
    blocks: tuple[Block, ...] = (Paragraph(text=words, tone=tone), Facts(facts=tuple(facts)))
    return Section(title="Gradient descent on a classical machine", anchor="baseline", blocks=blocks)


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


def _flops(value: int | None) -> str:
    return "none: there is no training" if value is None else integer(value)


def _plain(value: Any) -> str:
    """A value of a key that this report has no words for."""
    if isinstance(value, dict):
        return "; ".join(f"{str(key).replace('_', ' ')} {_plain(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else integer(value)
