"""What a directory holds for a report: results of `estimate -o`, `sweep -o`, or one result.json of the catalog.

Nothing is computed again. A file that is not there, or that a command left out, is named with the command that adds
it; a file that cannot be read is an error.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from carlemanc.core.checked_lines import row_of
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.places import is_directory, is_file
from carlemanc.present.page.forms import (
    ABOUT_FORM,
    ANALYSIS_FORM,
    ESTIMATE_FORM,
    GRID_FORM,
    LINE_FORM,
    RESULT_FORM,
    SOLVERS_FORM,
    SYMBOLIC_FORM,
)
from carlemanc.present.page.older import with_keys_of_today
from carlemanc.present.page.shapes import Fields, faults
from carlemanc.spec.toml_text import parse_toml

ESTIMATE, SYMBOLIC, ANALYSIS, SOLVERS = "estimate.json", "symbolic.json", "analysis.json", "solvers.json"
ROWS, GRID, RESULT, SPEC, ABOUT = "rows.jsonl", "sweep.json", "result.json", "spec.toml", "about.json"
USABLE = (ESTIMATE, ROWS, RESULT, SYMBOLIC)
"""A report needs one of these."""
_CONTINUE = "the same command continues it"
_REMEDY = "run the command that made it again, or remove the file"
_LARGEST, _LARGEST_ROWS = 256 << 20, 2 << 30
"""Bytes of a document, and of the rows of a sweep: an estimate has some ten thousand."""
_LONGEST_INTEGER = 4_000
"""Digits: those of a count at n = 2^200 and order 16 are some hundred."""
_MOST_FAULTS = 10
"""Keys that one message names."""

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The documents of a directory, as they were written.

    Attributes:
        directory: its name, without the path.
        spec: tables of spec.toml, empty where there is none; `spec_text`: as written.
        estimate: document of `estimate --json`; `symbolic`: of `estimate --symbolic`.
        analysis: document of `analyze --json`; `solvers`: of `solvers --json`.
        rows: rows of a sweep, in grid order where the grid is known.
        grid: what sweep.json says: name, axes, command.
        command: lines of the commands that made the results.
        version: of the carlemanc that made them, where it is written.
        reasons: why a document was left out, by its file name.
        cautions: what a reader has to know about these files.
    """

    directory: str
    spec: Table
    spec_text: str
    estimate: Table | None
    symbolic: Table | None
    analysis: Table | None
    solvers: Table | None
    rows: tuple[Table, ...]
    grid: Table
    command: tuple[str, ...]
    version: str
    reasons: Mapping[str, str]
    cautions: tuple[str, ...]

    @property
    def name(self) -> str:
        """What was estimated."""
        for source in (self.spec.get("name"), self.grid.get("name"), table(self.solvers).get("name")):
            if isinstance(source, str) and source.strip():
                return source
        return self.directory

    @property
    def spec_digest(self) -> str:
        """SHA-256 of spec.toml, as `sha256sum spec.toml` prints it; empty without one."""
        return hashlib.sha256(self.spec_text.encode()).hexdigest() if self.spec_text else ""

    @property
    def estimated_rows(self) -> tuple[Table, ...]:
        """Rows that have an estimate."""
        return tuple(row for row in self.rows if row.get("status") == 0 and row.get("estimate"))

    @property
    def subject(self) -> Table | None:
        """The estimate that the report takes apart: estimate.json, else the last point of the sweep."""
        if self.estimate is not None:
            return self.estimate
        return self.estimated_rows[-1]["estimate"] if self.estimated_rows else None

    @property
    def subject_overrides(self) -> tuple[str, ...]:
        """The grid point of the subject; empty where it is estimate.json."""
        if self.estimate is not None or not self.estimated_rows:
            return ()
        return tuple(map(str, self.estimated_rows[-1].get("overrides", ())))


def load_material(directory: Path) -> Material:
    """Return what a directory holds. Raises InputError where nothing in it is a result, or a file is damaged."""
    present = [name for name in USABLE if is_file(directory / name)] if is_directory(directory) else []
    if not present:
        raise _nothing(directory)
    result = _result(directory / RESULT)
    about = _document(directory / ABOUT, ABOUT_FORM) or {}
    grid = _document(directory / GRID, GRID_FORM) or {}
    text = _spec_text(directory / SPEC)
    rows, cautions = _rows(directory / ROWS, grid)
    estimate = _document(directory / ESTIMATE, ESTIMATE_FORM) or result.get("estimate")
    material = Material(
        directory=os.fsencode(directory.resolve().name).decode(errors="backslashreplace"),
        spec=_spec(text, directory / SPEC),
        spec_text=text,
        estimate=None if estimate is None else with_keys_of_today(estimate),
        symbolic=_document(directory / SYMBOLIC, SYMBOLIC_FORM),
        analysis=_document(directory / ANALYSIS, ANALYSIS_FORM) or result.get("analysis"),
        solvers=_document(directory / SOLVERS, SOLVERS_FORM) or result.get("solvers"),
        rows=tuple(map(_row_of_today, rows or result.get("sweep") or ())),
        grid=grid,
        command=tuple(_line(document) for document in (about, grid, result) if document.get("command")),
        version=str(about.get("version") or grid.get("version") or result.get("version") or ""),
        reasons={str(key): str(value) for key, value in table(about.get("absent")).items()},
        cautions=(),
    )
    return _with_cautions(material, cautions, {ABOUT: about, GRID: grid})


def _row_of_today(row: Table) -> Table:
    estimate = row.get("estimate")
    return row if estimate is None else {**row, "estimate": with_keys_of_today(estimate)}


def table(value: object) -> Table:
    """Return a value that should be a JSON object, an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}


def _with_cautions(material: Material, cautions: list[str], makers: Mapping[str, Table]) -> Material:
    for file, document in makers.items():
        made_from = document.get("spec_sha256")
        if made_from and material.spec_digest and made_from != material.spec_digest:
            cautions.append(
                f"The {SPEC} here is not the spec that {'the sweep' if file == GRID else 'the estimate'} was made from "
                f"(its SHA-256 begins {str(made_from)[:12]}, that of {SPEC} {material.spec_digest[:12]})"
            )
    return replace(material, cautions=tuple(cautions))


def _rows(path: Path, grid: Table) -> tuple[tuple[Table, ...], list[str]]:
    """The whole lines of rows.jsonl: those of the grid in its order, or all of them."""
    if not is_file(path):
        return (), []
    *lines, torn = _read(path, _LARGEST_ROWS).split(b"\n")
    if not lines:
        raise _damaged(str(path), "no whole row", f"the rows of a sweep, one a line: {_CONTINUE}")
    cautions = [f"1 line of {ROWS}, the last, is cut off and left out: {_CONTINUE}"] if torn else []
    rows: dict[str, Table] = {}
    for number, line in enumerate(lines, start=1):
        where = f"{path}: line {number}"
        row = _parsed(line, where, LINE_FORM)
        if row_of(line) is None:
            raise _damaged(where, "a line that has changed since it was written")
        if row["status"] == 0 and row.get("estimate") is None:
            raise _damaged(f"{where}: estimate", "nothing", "an estimate, as the status is 0")
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


def _check_grid(path: Path, grid: Table, rows: Mapping[str, Table]) -> None:
    """Raise InputError where the axes of a grid are not those of its rows."""
    over, digests = grid["over"], grid["digests"]
    if math.prod(map(len, over.values())) != len(digests):
        allowed = f"{len(digests):,}, as many as digests"
        raise _damaged(f"{path}: over", f"{math.prod(map(len, over.values())):,} points", allowed)
    for point, digest in zip(itertools.product(*over.values()), digests, strict=True):
        texts = [f"{key}={value}" for key, value in zip(over, point, strict=True)]
        if digest in rows and sorted(rows[digest]["overrides"]) != sorted(texts):
            raise _damaged(
                f"{path}: over", " ".join(texts), f"{' '.join(rows[digest]['overrides'])}, as in {ROWS}"
            )


def _result(path: Path) -> Table:
    return _document(path, RESULT_FORM) or {}


def _document(path: Path, form: Fields) -> Table | None:
    return _parsed(_read(path), str(path), form) if is_file(path) else None


def _parsed(content: bytes, where: str, form: Fields) -> Table:
    """Return a document of a form. Raises InputError with every key that has another one."""
    try:
        document = json.loads(content, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise _damaged(where, f"no JSON ({' '.join(str(error).split())[:120]})") from None
    found = list(islice(faults(document, form), _MOST_FAULTS))
    if found:
        problems = [
            Problem(
                where=f"{where}: {fault.path}" if fault.path else where,
                found=fault.found,
                allowed=fault.allowed,
            )
            for fault in found
        ]
        problems[-1] = replace(problems[-1], help=_REMEDY)
        raise InputError("the report cannot be written from JSON of another form", problems)
    return document  # type: ignore[no-any-return]


def _integer(text: str) -> int | float:
    """An integer of JSON; one that is longer than any of a result is infinite, so that its key can be named."""
    return int(text) if len(text) <= _LONGEST_INTEGER else math.inf


def _spec_text(path: Path) -> str:
    if not is_file(path):
        return ""
    try:
        return _read(path).decode()
    except UnicodeDecodeError:
        raise _damaged(str(path), "bytes that are not UTF-8") from None


def _spec(text: str, path: Path) -> Table:
    try:
        tables = parse_toml(text, path.name)
    except InputError as error:
        raise _damaged(str(path), f"no TOML ({' '.join(str(error).split())[:120]})") from None
    if not tables and is_file(path):
        raise _damaged(str(path), "a spec without a key")
    return tables


def _read(path: Path, largest: int = _LARGEST) -> bytes:
    try:
        if (size := path.stat().st_size) > largest:
            raise _damaged(str(path), f"a file of {size:,} bytes, above {largest:,}")
        return path.read_bytes()
    except OSError as error:
        raise _damaged(str(path), f"a file that cannot be read ({error.strerror})") from None


def _line(document: Table) -> str:
    """The command of a document: its words joined as a shell reads them, or lines as they are."""
    words = document["command"]
    if not isinstance(words, list):
        return str(words)
    words = [str(word) for word in words]
    return "\n".join(words) if any(word.startswith("carlemanc ") for word in words) else shlex.join(words)


def _damaged(where: str, found: str, allowed: str = "the file as carlemanc wrote it") -> InputError:
    problem = Problem(where=where, found=found, allowed=allowed, help=_REMEDY)
    return InputError("the report cannot be written", [problem])


def _nothing(directory: Path) -> InputError:
    found = "a file" if is_file(directory) else "no directory"
    if is_directory(directory):
        found = "a directory without results"
    problem = Problem(
        where=f"DIR {directory}",
        found=found,
        allowed=f"a directory with one of {', '.join(USABLE)}",
        help=f"carlemanc estimate SPEC -o {directory} makes one, or carlemanc sweep SPEC --over KEY=VALUES -o ...",
    )
    return InputError("there is nothing to report", [problem])
