"""The headline tables, made of the results alone, between their two markers in Markdown files.

`estimates/README.md` has every line; the README of the project the few named in `SHORT`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from estimates.catalog import ENTRIES, ROOT, Entry, entry_named
from estimates.results import read

BEGIN, END = "<!-- begin:estimates -->", "<!-- end:estimates -->"
README = ROOT / "README.md"
PROJECT_README = ROOT.parent / "README.md"
SHORT = (
    ("quartic-ring", ("model.n=134217728", "training.steps=100", "carleman.order=3")),
    ("ring-observables", ("model.n=134217728", "training.steps=100")),
    ("ring-dense", ("model.n=134217728", "training.steps=100")),
    ("phi4-lattice", ("model.dims=[8192,8192]", "training.steps=100")),
    ("digits-pruned-net", ("training.steps=30", "carleman.order=2")),
    ("synthetic-7m", ("training.steps=100", "compile.ancilla_budget=0")),
    ("synthetic-103m", ("training.steps=100", "compile.ancilla_budget=0")),
)
"""(entry, overrides) of the lines of the short table."""
_HEAD = (
    "| training | n | N | T | method | logical qubits | T gates, one run | runs | T gates, all runs | "
    "physical qubits | all runs | best classical program known | does it pay |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)
_YEAR = 365.25 * 86400


def table() -> str:
    """Return the whole table in Markdown, links relative to the catalog."""
    lines = [_line(entry, label, point, "") for entry in ENTRIES for label, point in entry.headline]
    return "\n".join([_HEAD, *lines])


def short_table() -> str:
    """Return the table of `SHORT` in Markdown, links relative to the project."""
    lines = []
    for name, point in SHORT:
        entry = entry_named(name)
        label = next(label for label, overrides in entry.headline if overrides == point)
        lines.append(_line(entry, label, point, f"{ROOT.name}/"))
    return "\n".join([_HEAD, *lines])


def written_into(text: str, lines: str) -> str:
    """Return a text with a table between its markers. Raises ValueError where they are missing."""
    before, marker, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not marker or not end:
        raise ValueError(f"no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{lines}\n{END}{after}"


def update() -> None:
    """Write the tables into their files."""
    for path, lines in ((README, table()), (PROJECT_README, short_table())):
        path.write_text(written_into(path.read_text(encoding="utf-8"), lines), encoding="utf-8")


def _line(entry: Entry, label: str, overrides: tuple[str, ...], prefix: str) -> str:
    (row,) = [row for row in read(entry)["sweep"] if tuple(row["overrides"]) == overrides]
    found, link = row["estimate"], f"[{label}]({prefix}{entry.name})"
    if found is None:
        return f"| {link} | " + row["message"].splitlines()[0] + " |" * 12
    physical = found["physical"]
    cells = [
        link,
        _count(found["n"]),
        str(found["N"]),
        str(found["T"]),
        found["method"],
        _count(found["logical_qubits"]),
        _count(found["t_of_a_run"]),
        _count(found["total"]["runs"]),
        _count(found["total"]["t_in_all"]),
        "no known factory" if physical is None else _count(physical["qubits"]),
        "-" if physical is None else _duration(physical["seconds_of_all_runs"]),
        f"{found['classical_baseline']['program']}, {_count(found['classical_baseline']['flops'])} flops",
        _verdict(found["verdict"]),
    ]
    return f"| {' | '.join(cells)} |"


def _verdict(found: Mapping[str, Any]) -> str:
    """Return the verdict in a word, and by how much."""
    factor = found["factor"]
    return found["pays"] if factor is None else f"{found['pays']} ({factor:.1g} times as long)"


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**6 else f"{number:.2e}".replace("e+0", "e").replace("e+", "e")


def _duration(seconds: float) -> str:
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h"), (_YEAR, 86400, "days")):
        if seconds < limit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds / _YEAR:.3g} years"
