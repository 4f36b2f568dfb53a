"""One grid point: its digest, its work, its row. What crosses a process is text and plain dictionaries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carlemanc import __version__
from carlemanc.core.errors import CarlemancError
from carlemanc.core.places import is_file
from carlemanc.spec.loading import load_spec
from carlemanc.spec.problems import Origin
from carlemanc.spec.schema import ModelSpec

_FILES = (".npy", ".npz", ".csv", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker needs: a spec as a dictionary, where its files are, `KEY=VALUE` texts, options of estimate."""

    tables: Mapping[str, Any]
    label: str
    base: str
    overrides: tuple[str, ...]
    options: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of everything the row depends on: spec, files it names, overrides, options, version."""
        content = {
            "version": __version__,
            "spec": self.tables,
            "files": _file_digests(self.tables, Path(self.base)),
            "overrides": sorted(self.overrides),
            "options": dict(self.options),
        }
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def compute_row(job: Job) -> dict[str, Any]:
    """Return the row of a job: its digest, overrides, `status` and the estimate or the reason there is none.

    An error a user can meet becomes a row with `status` 1, 2 or 3 (CONTRACT section 3) and a `message`;
    anything else is a bug and is raised.
    """
    from carlemanc import pipeline

    row: dict[str, Any] = {"digest": job.digest, "overrides": list(job.overrides)}
    try:
        origin = Origin(label=job.label, base=Path(job.base))
        spec = load_spec(ModelSpec.from_dict(dict(job.tables), origin=origin), job.overrides)
        document = pipeline.estimate(spec, **job.options).to_json()
    except CarlemancError as error:
        return row | {"status": error.exit_status, "message": str(error), "estimate": None}
    return row | {"status": 0, "message": "", "estimate": document}


def _file_digests(tables: Any, base: Path) -> dict[str, str]:
    """SHA-256 of every file that a text of the spec names."""
    if isinstance(tables, Mapping):
        tables = list(tables.values())
    if isinstance(tables, list | tuple):
        merged: dict[str, str] = {}
        for item in tables:
            merged |= _file_digests(item, base)
        return merged
    if isinstance(tables, str) and tables.lower().endswith(_FILES):
        path = base / tables
        if is_file(path):
            return {tables: hashlib.sha256(path.read_bytes()).hexdigest()}
    return {}
