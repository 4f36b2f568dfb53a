"""What a directory holds for a report: results of `estimate -o`, `sweep -o`, or one result.json of the catalog.

Nothing is computed again. A file that is not there, or that a command left out, is named with the command that adds
it; a file that cannot be read is an error.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from carlemanc.core.checked_lines import row_of
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_directory, is_file
from carlemanc.present.page.files import (
    LARGEST_ROWS,
    Json,
    contents,
    damaged,
    document,
    parsed,
    spec_tables,
    spec_text,
    table,
)
from carlemanc.present.page.forms import (
    ABOUT_FORM,
    ANALYSIS_FORM,
    ESTIMATE_FORM,
    GRID_FORM,
    LINE_FORM,
    RESULT_FORM,
    RUN_FORM,
    SOLVERS_FORM,
    SYMBOLIC_FORM,
)
from carlemanc.present.page.older import with_keys_of_today
from carlemanc.present.page.shapes import Fields

ESTIMATE, SYMBOLIC, ANALYSIS, SOLVERS = "estimate.json", "symbolic.json", "analysis.json", "solvers.json"
ROWS, GRID, RESULT, SPEC, ABOUT = "rows.jsonl", "sweep.json", "result.json", "spec.toml", "about.json"
RUN = "run.json"
USABLE = (ESTIMATE, ROWS, RESULT, SYMBOLIC)
"""A report of an estimate needs one of these."""
OTHER_RESULTS = ("frontier.json", "record.json", "spectrum.json")
"""What `optimize -o`, `train -o` and `dissipation -o` write, each with a page of its own."""
_CONTINUE = "the same command continues it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The documents of a directory, as they were written; one that is not there is empty.

    Attributes:
        directory: its name, without the path.
        spec: tables of spec.toml, empty where there is none; `spec_text`: as written.
        estimate: document of `estimate --json`; `symbolic`: of `estimate --symbolic`.
        analysis: document of `analyze --json`; `solvers`: of `solvers --json`; `run`: of `run --json`.
        rows: rows of a sweep, in grid order where the grid is known.
        grid: what sweep.json says: name, axes, command.
        command: lines of the commands that made the results.
        version: of the carlemanc that made them, where it is written.
        reasons: why a document was left out, by its file name.
        cautions: what a reader has to know about these files.
    """

    directory: str
    spec: Json
    spec_text: str
    estimate: Json
    symbolic: Json
    analysis: Json
    solvers: Json
    run: Json
    rows: tuple[Json, ...]
    grid: Json
    command: tuple[str, ...]
    version: str
    reasons: Mapping[str, str]
    cautions: tuple[str, ...]

    @property
    def name(self) -> str:
        """What was estimated."""
        for source in (self.spec.get("name"), self.grid.get("name"), self.solvers.get("name")):
            if isinstance(source, str) and source.strip():
                return source
        return self.directory

    @property
    def spec_digest(self) -> str:
        """SHA-256 of spec.toml, as `sha256sum spec.toml` prints it; empty without one."""
        return hashlib.sha256(self.spec_text.encode()).hexdigest() if self.spec_text else ""

    @property
    def estimated_rows(self) -> tuple[Json, ...]:
        """Rows that have an estimate."""
        return tuple(row for row in self.rows if row.get("status") == 0 and row.get("estimate"))

    @property
    def subject(self) -> Json:
        """The estimate that the report takes apart: estimate.json, else that of `subject_row`, else empty."""
        return self.estimate or self.subject_row.get("estimate") or {}

    @property
    def subject_row(self) -> Json:
        """The row of a sweep that is nearest to paying, the last of those alike; empty where none has an estimate."""
        return min(reversed(self.estimated_rows), key=_factor, default={})

    @property
    def subject_overrides(self) -> tuple[str, ...]:
        """The grid point of the subject; empty where it is estimate.json."""
        return () if self.estimate else tuple(map(str, self.subject_row.get("overrides", ())))


def _factor(row: Json) -> float:
    """Quantum over classical time of a row, infinite where its verdict does not say."""
    factor = table(row["estimate"].get("verdict")).get("factor")
    return math.inf if factor is None else float(factor)


def load_material(directory: Path) -> Material:
    """Return what a directory holds. Raises InputError where nothing in it is a result, or a file is damaged."""
    present = [name for name in USABLE if is_file(directory / name)] if is_directory(directory) else []
    if not present:
        raise _nothing(directory)
    result = document(directory / RESULT, RESULT_FORM) or {}
    about = document(directory / ABOUT, ABOUT_FORM) or {}
    grid = document(directory / GRID, GRID_FORM) or {}

    def either(name: str, form: Fields, key: str) -> Json:
        """A document of its own, else that of the catalog's result, else an empty one."""
        return document(directory / name, form) or result.get(key) or {}

    text = spec_text(directory / SPEC)
    rows, cautions = _rows(directory / ROWS, grid)
    material = Material(
        directory=os.fsencode(directory.resolve().name).decode(errors="backslashreplace"),
        spec=spec_tables(text, directory / SPEC),
        spec_text=text,
        estimate=with_keys_of_today(either(ESTIMATE, ESTIMATE_FORM, "estimate")),
        symbolic=document(directory / SYMBOLIC, SYMBOLIC_FORM) or {},
        analysis=either(ANALYSIS, ANALYSIS_FORM, "analysis"),
        solvers=either(SOLVERS, SOLVERS_FORM, "solvers"),
        run=document(directory / RUN, RUN_FORM) or {},
        rows=tuple(map(_row_of_today, rows or result.get("sweep") or ())),
        grid=grid,
        command=tuple(_line(made) for made in (about, grid, result) if made.get("command")),
        version=str(about.get("version") or grid.get("version") or result.get("version") or ""),
        reasons={str(key): str(value) for key, value in table(about.get("absent")).items()},
        cautions=(),
    )
    return _with_cautions(material, cautions, {ABOUT: about, GRID: grid})


def _row_of_today(row: Json) -> Json:
    estimate = row.get("estimate")
    return row if estimate is None else {**row, "estimate": with_keys_of_today(estimate)}


def _with_cautions(material: Material, cautions: list[str], makers: Mapping[str, Json]) -> Material:
    for file, made in makers.items():
        made_from = made.get("spec_sha256")
        if made_from and material.spec_digest and made_from != material.spec_digest:
            cautions.append(
                f"The {SPEC} here is not the spec that {'the sweep' if file == GRID else 'the estimate'} was made from "
                f"(its SHA-256 begins {str(made_from)[:12]}, that of {SPEC} {material.spec_digest[:12]})"
            )
    return replace(material, cautions=tuple(cautions))


def _rows(path: Path, grid: Json) -> tuple[tuple[Json, ...], list[str]]:
    """The whole lines of rows.jsonl: those of the grid in its order, or all of them."""
    if not is_file(path):
        return (), []
    *lines, torn = contents(path, LARGEST_ROWS).split(b"\n")
    if not lines:
        raise damaged(str(path), "no whole row", f"the rows of a sweep, one a line: {_CONTINUE}")
    cautions = [f"1 line of {ROWS}, the last, is cut off and left out: {_CONTINUE}"] if torn else []
    rows: dict[str, Json] = {}
    for number, line in enumerate(lines, start=1):
        where = f"{path}: line {number}"
        row = parsed(line, where, LINE_FORM)
        if row_of(line) is None:
            raise damaged(where, "a line that has changed since it was written")
        if row["status"] == 0 and row.get("estimate") is None:
            raise damaged(f"{where}: estimate", "nothing", "an estimate, as the status is 0")
        rows[row["digest"]] = row
    wanted = grid.get("digests")
    if wanted is None:
        return tuple(rows.values()), [
            *cautions,
            f"There is no {GRID}: every row of {ROWS} is shown, in the order of writing",
        ]
    _check_grid(path.with_name(GRID), grid, rows)
    found = tuple(rows[digest] for digest in wanted if digest in rows)
    if len(found) < len(wanted):
        count = f"{len(found)} of {len(wanted)} points are there"
        cautions.append(f"The sweep is not finished: {count}, and {_CONTINUE}")
    return found, cautions


def _check_grid(path: Path, grid: Json, rows: Mapping[str, Json]) -> None:
    """Raise InputError where the axes of a grid are not those of its rows."""
    over, digests = grid["over"], grid["digests"]
    if math.prod(map(len, over.values())) != len(digests):
        allowed = f"{len(digests):,}, as many as digests"
        raise damaged(f"{path}: over", f"{math.prod(map(len, over.values())):,} points", allowed)
    for point, digest in zip(itertools.product(*over.values()), digests, strict=True):
        texts = [f"{key}={value}" for key, value in zip(over, point, strict=True)]
        if digest in rows and sorted(rows[digest]["overrides"]) != sorted(texts):
            raise damaged(
                f"{path}: over", " ".join(texts), f"{' '.join(rows[digest]['overrides'])}, as in {ROWS}"
            )


def _line(made: Json) -> str:
    """The command of a document: its words joined as a shell reads them, or lines as they are."""
    words = made["command"]
    if not isinstance(words, list):
        return str(words)
    words = [str(word) for word in words]
    return "\n".join(words) if any(word.startswith("carlemanc ") for word in words) else shlex.join(words)


def _nothing(directory: Path) -> InputError:
    found = "a file" if is_file(directory) else "no directory"
    if is_directory(directory):
        found = "a directory without results"
    problem = Problem(
        where=f"DIR {directory}",
        found=found,
        allowed=f"a directory with one of {', '.join((*USABLE, *OTHER_RESULTS))}",
        help=f"carlemanc estimate SPEC -o {directory} makes one, or carlemanc sweep SPEC --over KEY=VALUES -o ...",
    )
    return InputError("there is nothing to report", [problem])
