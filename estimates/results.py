"""The result of an entry: computed through the public functions, compact, and compared with the one in the folder."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import carlemanc
from carlemanc.spec.effective import resolved
from carlemanc.spec.loading import load_spec
from estimates.catalog import Entry

FORMAT = "carlemanc.result/1"
TOLERANCE = 1e-9
"""Relative difference of floats that are still the same; integers and texts must be equal."""
_NOTHING = 1e-15
"""Floats within this of each other are the same too: rounding alone."""
_LEFT_OUT = ("breakdown", "assumptions", "explain", "references", "step_forms", "leaf")
_LEFT_OUT_INSIDE = {
    "physical": ("frontier",),
    "classical_baseline": ("machine", "machines", "programs", "crossover"),
    "readout": ("source",),
    "verdict": ("separation", "levers", "reasons"),
}
_LEFT_OUT_OF_A_CAUSE = ("source", "status")

Json = dict[str, Any]


def compact(document: Mapping[str, Any]) -> Json:
    """Return the estimate of a grid point without what all points share or only a page of its own would show."""
    kept = _without(document, _LEFT_OUT)
    for key, left_out in _LEFT_OUT_INSIDE.items():
        kept[key] = _without(kept.get(key), left_out)
    budget = kept.get("error_budget", {})
    return kept | {
        "error_budget": {cause: _without(part, _LEFT_OUT_OF_A_CAUSE) for cause, part in budget.items()}
    }


def _without(document: Any, left_out: Iterable[str]) -> Any:
    """Return a mapping without some of its keys; anything else as it is."""
    if not isinstance(document, Mapping):
        return document
    return {key: value for key, value in document.items() if key not in left_out}


def row_of(entry: Entry, overrides: tuple[str, ...]) -> Json:
    """Return one grid point, computed now."""
    document = carlemanc.estimate(entry.spec, overrides=overrides, levers=False).to_json()
    return _plain(_row(entry, overrides, 0, "", document))


def committed_row(entry: Entry, overrides: tuple[str, ...]) -> Json:
    """Return one grid point of the committed result."""
    row: Json = next(row for row in read(entry)["sweep"] if tuple(row["overrides"]) == overrides)
    return row


def estimate_as_chosen(entry: Entry, overrides: tuple[str, ...]) -> Json:
    """Return the estimate of one grid point computed now with what its search chose: nothing is searched."""
    choices = committed_row(entry, overrides)["estimate"]["choices"]
    named = resolved(load_spec(entry.spec, overrides), choices)
    return compact(_plain(carlemanc.estimate(named, levers=False).to_json()))


def _row(
    entry: Entry, overrides: Iterable[str], status: int, message: str, estimate: Mapping[str, Any] | None
) -> Json:
    listed = list(overrides)
    point = json.dumps([entry.spec.read_text(encoding="utf-8"), listed])
    return {
        "digest": hashlib.sha256(point.encode()).hexdigest()[:32],
        "overrides": listed,
        "status": status,
        "message": message,
        "estimate": None if estimate is None else compact(estimate),
    }


def compute(entry: Entry, work: Path, processes: int) -> Json:
    """Return the whole result; what stands in `work` from an interrupted call is not computed again."""
    directory = work / entry.name
    directory.mkdir(parents=True, exist_ok=True)
    grid = carlemanc.sweep(entry.spec, over=entry.over, output=directory, processes=processes)
    rows = [
        _row(entry, row["overrides"], row["status"], row["message"], row["estimate"]) for row in grid.rows
    ]
    documents: dict[str, Callable[[], Any]] = {
        "estimate": lambda: carlemanc.estimate(entry.spec).to_json(),
    }
    if entry.compared:
        documents["solvers"] = lambda: _solvers(entry)
    if entry.analyzed:
        documents["analysis"] = lambda: carlemanc.analyze(entry.spec).to_json()
    found = {name: _kept(directory / f"{name}.json", make) for name, make in documents.items()}
    return _plain(
        {
            "format": FORMAT,
            "command": entry.command,
            "estimate": found["estimate"],
            "sweep": rows,
            "analysis": found.get("analysis"),
            "solvers": found.get("solvers"),
        }
    )


def read(entry: Entry) -> Json:
    """Return the committed result."""
    document: Json = json.loads(entry.result.read_text(encoding="utf-8"))
    return document


def write(entry: Entry, document: Json) -> None:
    """Write the result, a row of the sweep a line."""
    rows = ",\n  ".join(_line(row) for row in document["sweep"] or ())
    lines = [
        f'"{key}": ' + (f"[\n  {rows}\n ]" if key == "sweep" and rows else _line(value))
        for key, value in document.items()
    ]
    entry.result.write_text("{\n " + ",\n ".join(lines) + "\n}\n", encoding="utf-8")


def differences(found: Any, committed: Any, where: str = "") -> Iterator[str]:
    """Yield what differs between two documents: integers and texts at all, floats by more than `TOLERANCE`."""
    if isinstance(found, dict) and isinstance(committed, dict):
        for key in sorted(found.keys() | committed.keys()):
            if key not in found or key not in committed:
                yield f"{where}.{key}: only {'committed' if key in committed else 'computed'}"
            else:
                yield from differences(found[key], committed[key], f"{where}.{key}")
    elif isinstance(found, list) and isinstance(committed, list) and len(found) == len(committed):
        for number, pair in enumerate(zip(found, committed, strict=True)):
            yield from differences(*pair, f"{where}[{number}]")
    elif isinstance(found, float) and isinstance(committed, float):
        if not math.isclose(found, committed, rel_tol=TOLERANCE, abs_tol=_NOTHING):
            yield f"{where}: computed {found!r}, committed {committed!r}"
    elif type(found) is not type(committed) or found != committed:
        yield f"{where}: computed {found!r}, committed {committed!r}"


def work_directory(under: Path) -> Path:
    """Return a directory of this very code: rows of other code are not taken up."""
    package, digest = Path(carlemanc.__file__).resolve().parent, hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return under / digest.hexdigest()[:16]


def _solvers(entry: Entry) -> Any:
    from carlemanc.commands.solvers import solvers  # numerical: not for reading results

    return solvers(entry.spec).to_json()


def _kept(path: Path, make: Callable[[], Any]) -> Any:
    if not path.exists():
        path.write_text(_line(_plain(make())), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def _plain(document: Any) -> Any:
    """Return a document as it is read back: tuples as lists, keys as text, infinities as null."""
    return json.loads(_line(document))


def _line(document: Any) -> str:
    return json.dumps(_finite(document), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
