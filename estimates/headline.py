"""The headline table, made of the results alone, between its two markers in a Markdown file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from estimates.catalog import ENTRIES, ROOT, Entry
from estimates.results import read

BEGIN, END = "<!-- begin:estimates -->", "<!-- end:estimates -->"
README = ROOT / "README.md"
_HEAD = (
    "| training | n | N | T | logical qubits | T gates, one run | runs | physical qubits | one run | "
    "classical flops, same T steps |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)
_YEAR = 365.25 * 86400


def table() -> str:
    """Return the table in Markdown."""
    lines = [line for entry in ENTRIES for line in _lines(entry)]
    return "\n".join([_HEAD, *lines])


def written_into(text: str) -> str:
    """Return a text with the table between its markers. Raises ValueError where they are missing."""
    before, marker, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not marker or not end:
        raise ValueError(f"no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def update(path: Path = README) -> None:
    """Write the table into a file."""
    path.write_text(written_into(path.read_text(encoding="utf-8")), encoding="utf-8")


def all_t(estimate: dict[str, Any]) -> int:
    """Return T gates of one run: four a Toffoli, rotations synthesized."""
    synthesis = estimate["rotation_synthesis"]
    extra = 0 if synthesis["included_in_t_count"] else synthesis["t_count"]
    return int(estimate["t_count_with_toffoli_as_4t"]) + int(extra)


def _lines(entry: Entry) -> Iterator[str]:
    rows = {tuple(row["overrides"]): row for row in read(entry)["sweep"]}
    for label, overrides in entry.headline:
        found = rows[overrides]["estimate"]
        if found is None:
            yield f"| [{label}]({entry.name}) | " + rows[overrides]["message"].splitlines()[0] + " |" * 9
            continue
        physical = found["physical"]
        cells = [
            f"[{label}]({entry.name})",
            _count(found["n"]),
            str(found["N"]),
            str(found["T"]),
            _count(found["logical_qubits"]),
            _count(all_t(found)),
            _count(found["total"]["runs"]),
            "no known factory" if physical is None else _count(physical["qubits"]),
            "-" if physical is None else _duration(physical["seconds"]),
            _count(found["classical_baseline"]["flops"]),
        ]
        yield f"| {' | '.join(cells)} |"


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**6 else f"{number:.2e}".replace("e+0", "e").replace("e+", "e")


def _duration(seconds: float) -> str:
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h"), (_YEAR, 86400, "days")):
        if seconds < limit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / _YEAR:.3g} years"
