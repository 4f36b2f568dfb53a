"""`--resolved FILE`: the spec with every choice written in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from carlemanc.cli._output import Result, save
from carlemanc.core.atomic_output import check_file_place

if TYPE_CHECKING:
    from carlemanc.spec.schema import ModelSpec

Resolved: TypeAlias = Annotated[
    str | None,
    Parameter(
        name="--resolved",
        metavar="FILE",
        help="Also write the spec with every choice of the search in it: it gives the same numbers again.",
    ),
]


def expect_resolved(place: str | None) -> None:
    """Refuse a place that cannot become a file before the work begins."""
    if place is not None:
        check_file_place(place)


def save_resolved(place: str | None, spec: ModelSpec, result: Result) -> None:
    """Write the spec, where it was asked for."""
    if place is not None:
        from carlemanc.spec.effective import resolved_text

        save(place, resolved_text(spec, result.to_json()["choices"], Path(place).absolute().parent))
