"""`sweep`: a grid of estimates of one spec, in parallel, resumable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from carlemanc import __version__
from carlemanc.core.atomic_output import atomic_file, check_directory_place
from carlemanc.core.document import Document
from carlemanc.core.engine import engine
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.frame import frame
from carlemanc.core.json_text import json_text
from carlemanc.core.option_check import check_processes
from carlemanc.core.progress import task
from carlemanc.core.shown import Plotted
from carlemanc.spec.effective import SPEC_FILE, EffectiveSpec, effective_spec
from carlemanc.spec.loading import SpecSource, load_spec
from carlemanc.spec.overrides import key_path
from carlemanc.spec.schema import ModelSpec
from carlemanc.sweeps.grid import GridAxis, grid_points, meet, parse_axis
from carlemanc.sweeps.row import Job, compute_row
from carlemanc.sweeps.store import RowStore
from carlemanc.sweeps.table import flatten, write_csv, write_parquet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

CSV, PARQUET, GRID = "sweep.csv", "sweep.parquet", "sweep.json"
GRID_FORMAT = "carlemanc.sweep/1"
_LOST = "a worker process of the sweep died (out of memory, or killed); the rows so far are kept"
_SHOWN = 80
"""Characters of a value."""
_TRIED = 2_000
"""Points that are tried before the work, of all of them at random: a key that the spec has not fails at each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(Plotted, Document):
    """A finished grid: its rows in grid order, and where they are."""

    name: str
    directory: Path
    axes: tuple[GridAxis, ...]
    rows: tuple[Mapping[str, object], ...]
    computed: int

    BRIEF = "name swept rows computed failure directory"
    KEYS = "name over computed rows"
    """Rows of this call; the others were there."""

    @property
    def over(self) -> dict[str, Any]:
        """The values of each axis, by its key."""
        return {axis.key: axis.values for axis in self.axes}

    @property
    def swept(self) -> tuple[str, ...]:
        """The keys of the axes."""
        return tuple(axis.key for axis in self.axes)

    def plot(self, axes: Axes | None = None, *, y: str = "t_of_a_run") -> Axes:
        """Draw a number of the points against the first swept key, marked by their verdict; return the axes.

        Args:
            axes: of matplotlib; None: those of a new figure of pyplot.
            y: a column of `to_frame`.
        """
        return self._plotted(axes, y=y)

    def to_frame(self) -> DataFrame:
        """Return the points as a pandas DataFrame: swept keys, status, message, then the estimate by dotted names."""
        return frame(flatten(row) for row in self.rows)

    @property
    def failure(self) -> str | None:
        """A sentence where no point has an estimate."""
        if any(row["status"] == 0 for row in self.rows):
            return None
        reason = str(self.rows[0]["message"]).replace("\n", " ") if self.rows else "no points"
        return f"no point of the grid has an estimate; the first says: {reason}"


def sweep(
    spec: SpecSource,
    *,
    over: Iterable[str],
    output: str | PathLike[str],
    overrides: Iterable[str] = (),
    processes: int = 2,
    scheduler: str | None = None,
    options: Mapping[str, object] | None = None,
) -> Sweep:
    """Estimate every point of a grid; a later call with the same inputs continues where this one ended.

    The directory also gets spec.toml and sweep.json (axes, rows of this grid, command), for `report`.

    Args:
        spec: the model.
        over: `KEY=VALUES` texts (see `parse_axis`).
        output: directory of rows.jsonl, sweep.csv and sweep.parquet; the tables hold this grid alone.
        overrides: `KEY=VALUE` texts for all points.
        processes: local processes.
        scheduler: address of a Dask scheduler to use instead.
        options: keyword arguments of `commands.estimate`, plain values.

    Raises InputError for a grid, spec or directory that cannot be used, CheckFailed where a worker died.
    """
    check_processes(processes)
    model = load_spec(spec, tuple(overrides))
    axes = tuple(parse_axis(text) for text in over)
    points = list(grid_points(axes))
    _check_points(model, axes, points, tuple(overrides))
    known: dict[Path, str] = {}
    tables = model.to_dict()
    jobs = [
        Job(
            tables=tables,
            label=model.origin,
            base=str(model.base),
            overrides=point,
            options=dict(options or {}),
            held=dict(model.held),
        ).settled(known)
        for point in points
    ]
    directory = Path(output)
    check_directory_place(directory)
    kept = effective_spec(model, directory)
    digests = [job.digest for job in jobs]
    with (
        engine(processes=processes, scheduler=scheduler, lost=_LOST) as workers,
        RowStore(directory) as store,
    ):
        kept.write(directory)
        _write_grid(directory, model, axes, digests, options or {}, kept)
        missing = [job for job, digest in zip(jobs, digests, strict=True) if digest not in store.rows]
        with task("estimate", total=len(missing)) as progress:
            for row in workers.as_finished(compute_row, missing):
                store.append(row)
                progress.advance()
        rows = tuple(store.rows[digest] for digest in digests)
        flat = [flatten(row) for row in rows]
        write_csv(flat, directory / CSV)
        write_parquet(flat, directory / PARQUET)
    return Sweep(name=model.name, directory=directory, axes=axes, rows=rows, computed=len(missing))


def _check_points(
    model: ModelSpec, axes: Iterable[GridAxis], points: list[tuple[str, ...]], overrides: tuple[str, ...]
) -> None:
    """Raise InputError for an axis of a key that is set too, and where the spec can have none of the points."""
    given = [text.partition("=")[0].strip() for text in overrides]
    if twice := [axis.key for axis in axes if any(meet(axis.key, key) for key in given)]:
        problem = Problem(where=f"--over {twice[0]}", found="the same key in --set", allowed="one of both")
        raise InputError("the grid cannot be read", [problem])
    first: InputError | None = None
    for point in Random(0).sample(points, min(len(points), _TRIED)):
        try:
            load_spec(model, point)
        except InputError as error:
            first = first or _of_the_axes(error, point)
        else:
            return
    if first is not None:
        raise first


def _of_the_axes(error: InputError, point: tuple[str, ...]) -> InputError:
    """Return the error of a point with --over and the text of the value where it is about an axis."""

    def told(problem: Problem) -> Problem:
        for text in point:
            where = f"--set {'.'.join(key_path(text) or ())}"
            if problem.where.startswith(where) and problem.where[len(where) :][:1] in (
                "",
                ".",
                "[",
                "=",
                ",",
            ):
                typed = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
                return replace(problem, where=f"--over {typed}")
        return problem

    return InputError(error.title, [told(problem) for problem in error.problems])


def _write_grid(
    directory: Path,
    model: ModelSpec,
    axes: Iterable[GridAxis],
    digests: list[str],
    options: Mapping[str, object],
    kept: EffectiveSpec,
) -> None:
    """Write which rows are this grid, before any is computed: a report can say how many are missing."""
    over = [word for axis in axes for word in ("--over", f"{axis.key}={','.join(axis.values)}")]
    document = {
        "format": GRID_FORMAT,
        "version": __version__,
        "name": model.name,
        "over": {axis.key: list(axis.values) for axis in axes},
        "options": dict(options),
        "command": ["carlemanc", "sweep", SPEC_FILE, *over, "-o", "."],
        **kept.record(),
        "digests": digests,
    }
    with atomic_file(directory / GRID) as place:
        place.write_text(f"{json_text(document)}\n", encoding="utf-8")
