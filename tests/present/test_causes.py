"""What T gates are spent on: sums are those of the ledger, adjoints stand with what they undo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from carlemanc.present.page.causes import Spent, causes_of, causes_of_a_run
from tests.present.directories import put
from tests.present.test_page import check_shape, page_of


def part(
    name: str, *children: dict[str, Any], t: int = 0, toffoli: int = 0, rotations: int = 0
) -> dict[str, Any]:
    """A row of a ledger, with what it takes beside its children."""
    own = {"t": t, "toffoli": toffoli, "rotations": rotations}
    sums = {key: value + sum(child[key] for child in children) for key, value in own.items()}
    return {"part": name, "calls": 1, **sums, "children": list(children)}


def flat(parts: Iterable[Spent], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Fraction]]:
    for one in parts:
        path = (*above, one.part)
        yield path, one.t
        yield from flat(one.children, path)


LEDGER = [
    part("prepare b", part("AND", toffoli=3), part("AND undone"), part("multiplexed Ry", rotations=2)),
    part("unprepare b", part("adjoint of multiplexed Ry", rotations=2)),
    part(
        "block encoding of L",
        part("amplitude leaf", part("add", toffoli=5), part("adjoint of add", toffoli=5), rotations=1),
        part("increment", part("AND", toffoli=7), part("AND undone"), t=11),
        part("rotation", rotations=4),
    ),
    part("its adjoint", part("adjoint of amplitude leaf", part("add", toffoli=5)), part("AND", toffoli=1)),
    part("projector phases, real part", part("zero test", toffoli=9), part("rotation", rotations=3)),
]
ESTIMATE: dict[str, Any] = {
    "t_of_a_run": 11 + 4 * 35 + 120,
    "logical_qubits": 1,
    "t_count": 11,
    "toffoli_count": 35,
    "rotation_count": 12,
    "rotation_synthesis": {"t_count": 120, "toffoli_count": 0, "included_in_t_count": False},
    "breakdown": LEDGER,
    "total": {"runs": None, "t_in_all": None},
    "readout": {},
}


def test_each_gate_has_one_cause_and_adjoints_stand_with_what_they_undo() -> None:
    found = dict(flat(causes_of_a_run(ESTIMATE)))
    assert {path[0]: t for path, t in found.items() if len(path) == 1} == {
        "loading": 4 * (3 + 5 + 5 + 5),
        "arithmetic": 11 + 4 * (7 + 1),
        "rotations": 120,
        "phases": 36,
    }
    assert found["loading", "block encoding of L", "amplitude leaf", "add"] == 60
    assert found["rotations", "prepare b", "multiplexed Ry"] == 40
    assert found["arithmetic", "block encoding of L", "increment"] == 39
    assert not [path for path in found if any("adjoint" in name or "undone" in name for name in path)]


def test_of_all_runs_those_without_a_copy_failed() -> None:
    sampled = ESTIMATE | {"total": {"runs": 1000, "t_in_all": 271_000}, "readout": {"copy_probability": 0.25}}
    spent = {cause.part: cause.t for cause in causes_of(sampled)}
    assert spent["failed attempts"] == 750 * 271
    assert spent["rotations"] == 250 * 120
    assert sum(spent.values()) == 271_000
    coherent = sampled | {
        "readout": {"copy_probability": 0.25, "method": "tomography"},
        "total": {"runs": 1000, "t_in_all": 300_000},
    }
    spent = {cause.part: cause.t for cause in causes_of(coherent)}
    assert spent["readout"] == 29_000
    assert spent["rotations"] == 120_000
    assert "failed attempts" not in spent
    assert sum(spent.values()) == 300_000


def test_causes_of_a_real_estimate_are_those_of_its_leaves(document: dict[str, Any], tmp_path: Path) -> None:
    leaves: Counter[str] = Counter()

    def walk(row: dict[str, Any]) -> None:
        if row["children"]:
            for child in row["children"]:
                walk(child)
        else:
            leaves["gates"] += row["t"] + 4 * row["toffoli"]
            leaves["rotations"] += row["rotations"]

    for row in document["breakdown"]:
        walk(row)
    spent = {cause.part: cause.t for cause in causes_of_a_run(document)}
    price = Fraction(document["rotation_synthesis"]["t_count"], document["rotation_count"])
    assert spent["rotations"] == price * leaves["rotations"]
    assert sum(spent.values()) - spent["rotations"] == leaves["gates"]
    assert sum(spent.values()) == document["t_of_a_run"]
    page = page_of(put(tmp_path / "a", estimate=document))
    check_shape(page)
    assert {"details", "summary"} <= set(page.tags)
    for cause in spent:
        assert f"\n{cause} " in page.text
    assert "adjoint of" not in page.text[: page.text.index("Ledger of one run", page.text.index("by cause"))]


def test_a_ledger_whose_rotations_are_synthesized_has_no_price_of_them() -> None:
    synthesized = ESTIMATE | {"rotation_synthesis": {"t_count": 120, "included_in_t_count": True}}
    assert {cause.part: cause.t for cause in causes_of_a_run(synthesized)} == {
        "loading": 72,
        "arithmetic": 43,
        "phases": 36,
    }
