"""Every other linear-system solver for the same system."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from carlemanc.present.number_words import count, prose, real
from carlemanc.present.page.costs import ratio
from carlemanc.present.page.document import Block, Paragraph, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.reading import reading_of


def solvers_section(material: Material) -> Section | None:
    """Return every method's cost for this system."""
    methods = material.solvers.get("methods")
    if not methods:
        return None
    choice = table(material.solvers.get("choice"))
    caption = (
        "All solvers: T with Toffoli as 4 and rotations at the length fitted to their precision; expected T is that "
        f"of all runs that the readout needs{_without(material)}"
    )
    chosen = choice.get("method")
    shown = listing(
        caption, methods, _cells(chosen), emphasis=lambda row: row["method"] == chosen, folded=True
    )
    blocks: list[Block] = []
    if choice.get("reason"):
        reason = prose(choice["reason"])
        blocks.append(Paragraph(f"Cheapest: {reason}.{_compared(material, methods, choice)}"))
    left_out = [f"{row['method']}: {row.get('reason')}" for row in methods if not row.get("applies")]
    if left_out:
        blocks.append(Paragraph(f"Not applicable: {'; '.join(left_out)}."))
    blocks.append(shown)
    return Section("Other solvers for this system", "solvers", tuple(blocks))


def _without(material: Material) -> str:
    """What the expected T of every solver leaves out alike."""
    is_coherent = bool(material.subject) and reading_of(material.subject).unit == "uses"
    return ", without the reflections and loads between them" if is_coherent else ""


def _compared(material: Material, methods: list[Json], choice: Json) -> str:
    """What the cheapest solver would save, where the report takes another one apart."""
    used = material.subject.get("method")
    expected = {str(row.get("method")): row.get("expected_t") for row in methods}
    here, best = expected.get(str(used)), expected.get(str(choice.get("method")))
    if used == choice.get("method") or not isinstance(here, int) or not isinstance(best, int) or not best:
        return ""
    more = ratio(Fraction(here, best))
    return (
        f" This report takes {used} apart, the solver of the spec, which expects {more} times as many T; "
        'solver.method = "auto" chooses the cheapest.'
    )


def _cells(chosen: object) -> dict[str, Callable[[Json], str]]:
    """What stands in each column; a dash where a method does not apply."""

    def where_it_applies(cell: Callable[[Json], str]) -> Callable[[Json], str]:
        return lambda row: cell(row) if row.get("applies") else "–"

    shown: dict[str, Callable[[Json], str]] = {
        "kappa": lambda row: "–" if row.get("kappa") is None else real(row["kappa"], 4),
        "queries to L": lambda row: count(table(row.get("queries")).get("L")),
        "to b": lambda row: count(table(row.get("queries")).get("b")),
        "qubits": lambda row: count(row.get("qubits")),
        "T gates a run": lambda row: count(row.get("t_per_run")),
        "success": lambda row: (
            f"{'≥ ' if row.get('success_is_bound') else ''}{real(row.get('success_probability'), 4)}"
        ),
        "runs": lambda row: count(row.get("runs")),
        "expected T": lambda row: count(row.get("expected_t")),
    }
    return {
        "method:": lambda row: row["method"],
        **{head: where_it_applies(cell) for head, cell in shown.items()},
        ":": lambda row: _remarks(row, chosen),
    }


def _remarks(row: Json, chosen: object) -> str:
    if not row.get("applies"):
        return "does not apply"
    said = {
        "cheapest": row["method"] == chosen,
        "queries priced": not row.get("counted", True),
        "error measured, not proved": not row.get("certified", True),
    }
    return ", ".join(remark for remark, holds in said.items() if holds)
