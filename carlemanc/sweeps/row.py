"""One grid point: its digest, its work, its row. What crosses a process is text and plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from carlemanc.core.double_precision import within_double_precision
from carlemanc.core.errors import CarlemancError, CheckFailed, InputError
from carlemanc.spec.inputs import Inputs
from carlemanc.spec.loading import load_spec
from carlemanc.spec.overrides import apply_overrides
from carlemanc.spec.problems import Origin
from carlemanc.spec.schema import ModelSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker needs: a spec as a dictionary, where its files are, `KEY=VALUE` texts, options of estimate.

    Data files of the spec that are held in memory are `held`.

    `inputs` is what the row depends on as it was when the grid was laid out (`settled`).
    """

    tables: Mapping[str, Any]
    label: str
    base: str
    overrides: tuple[str, ...]
    options: Mapping[str, Any]
    held: Mapping[str, bytes] = field(default_factory=dict)
    inputs: Inputs | None = None

    def settled(self, known: dict[Path, str] | None = None) -> Job:
        """Return the job with its inputs; `known` has the digests of files that were read already."""
        return replace(self, inputs=self._inputs(known))

    @property
    def digest(self) -> str:
        """Of everything the row depends on: spec, files it names, overrides, options, version."""
        return (self.inputs or self._inputs()).digest

    def changes(self) -> str:
        """Return which inputs are others than they were, in words; empty where none is."""
        return "" if self.inputs is None else self._inputs().changes(self.inputs)

    def _inputs(self, known: dict[Path, str] | None = None) -> Inputs:
        options = {**self.options, "overrides": sorted(self.overrides)}
        tables = _merged(self.tables, self.overrides)
        return Inputs.of(tables, Path(self.base), options, held=self.held, known=known)


def compute_row(job: Job) -> dict[str, Any]:
    """Return the row of a job: its digest, overrides, `status` and the estimate or the reason there is none.

    Its verdict has no levers and no crossovers: these are other points.

    An error a user can meet becomes a row with `status` 1, 2 or 3 (CONTRACT section 3) and a `message`;
    anything else is a bug and is raised. Raises CheckFailed where a file changed while the row was computed.
    """
    from carlemanc.commands.estimate import estimate

    job = job if job.inputs is not None else job.settled()
    row: dict[str, Any] = {"digest": job.digest, "overrides": list(job.overrides)}
    try:
        origin = Origin(label=job.label, base=Path(job.base), held=job.held)
        spec = load_spec(ModelSpec.from_dict(dict(job.tables), origin=origin), job.overrides)
        with within_double_precision():
            document = estimate(spec, **job.options, levers=False).to_json()
    except CarlemancError as error:
        row |= {"status": error.exit_status, "message": str(error), "estimate": None}
    else:
        row |= {"status": 0, "message": "", "estimate": document}
    if changed := job.changes():
        raise CheckFailed(
            f"{changed} while the sweep ran; the rows so far are kept: run the same command again"
        )
    return row


def _merged(tables: Mapping[str, object], overrides: tuple[str, ...]) -> Mapping[str, Any]:
    """The tables of a point; of one that cannot be made, whose row says why, those of the spec."""
    try:
        return apply_overrides(tables, overrides)[0]
    except InputError:
        return tables
