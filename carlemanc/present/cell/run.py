"""A run as a small page: what was read, beside the same numbers computed classically."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.commands.run_result import Run, SystemRun
from carlemanc.present.cell import facts_of, parts_of
from carlemanc.present.cell.fragment import Folded, Part
from carlemanc.present.number_words import real
from carlemanc.present.page.document import PageTable, Paragraph, listing

_SHOWN = 8
"""Numbers that are listed."""
_DIGITS = 8


@parts_of.register
def run_parts(found: Run) -> list[Part]:
    """Return the observables, or the first weights; of a run that misses its bound what is wrong first."""
    table = _observables(found) if found.observables else _weights(found)
    return [*_failure(found.failure), facts_of(found), *table, Folded("as text", found.to_text(all=True))]


@parts_of.register
def system_parts(found: SystemRun) -> list[Part]:
    """Return the first unknowns; of a run that misses its bound what is wrong first."""
    read = {"circuit": found.x, "size, from shots": found.magnitudes, "scipy": found.x_classical}
    columns = {head: numbers.tolist() for head, numbers in read.items() if numbers is not None}
    table = [_vectors("x", columns)] if columns else []
    return [*_failure(found.failure), facts_of(found), *table, Folded("as text", found.to_text(all=True))]


def _failure(sentence: str | None) -> list[Paragraph]:
    return [] if sentence is None else [Paragraph(f"{sentence}.", tone="caution")]


def _weights(found: Run) -> list[PageTable]:
    if found.theta is None:
        return []
    columns = {
        "circuit": found.theta.tolist(),
        "Carleman": found.theta_carleman.tolist(),
        "gradient descent": found.theta_classical.tolist(),
    }
    return [_vectors("theta(T)", columns)]


def _vectors(what: str, columns: dict[str, list[float]]) -> PageTable:
    rows: Sequence[tuple[int, tuple[float, ...]]] = list(
        enumerate(zip(*(numbers[:_SHOWN] for numbers in columns.values()), strict=True))
    )
    size = max(map(len, columns.values()))
    cells = {"index": lambda row: str(row[0])} | {
        head: lambda row, place=place: real(row[1][place], _DIGITS) for place, head in enumerate(columns)
    }
    return listing(f"{what}, {min(size, _SHOWN)} of {size}", rows, cells)


def _observables(found: Run) -> list[PageTable]:
    return [
        listing(
            "observables",
            found.observables,
            {
                "observable:": lambda one: one.name,
                "circuit": lambda one: real(one.value, _DIGITS),
                "error bar": lambda one: real(one.error_bar),
                "Carleman": lambda one: real(one.carleman, _DIGITS),
                "gradient descent": lambda one: real(one.classical, _DIGITS),
            },
        )
    ]
