"""The committed catalog is what the code computes: the costs of sampled rows, in the slow run how they are chosen."""

from __future__ import annotations

import copy
import json
import re
import warnings

import pytest

from carlemanc.core.rounding import whole
from carlemanc.spec.loading import load_spec
from carlemanc.sweeps.grid import grid_points, parse_axis
from estimates import answer, headline
from estimates.catalog import ENTRIES, ROOT
from estimates.results import (
    FORMAT,
    committed_row,
    compact,
    compute,
    differences,
    estimate_as_chosen,
    read,
    row_of,
)

LARGEST_FILE = 1_000_000
SLOW = ("digits-pruned-net",)
"""Entries of which one estimate takes over ten seconds, whatever is named."""
SAMPLES = [
    pytest.param(entry, overrides, id=f"{entry.name}-{number}")
    for entry in ENTRIES
    for number, overrides in enumerate(entry.sampled)
]


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_every_folder_is_an_entry():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and (path / "spec.toml").exists()}
    assert folders == {entry.name for entry in ENTRIES}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_result_is_whole(entry):
    """The grid of the entry, in its order, every point with an estimate or the reason there is none."""
    document = read(entry)
    assert document["format"] == FORMAT
    assert document["command"] == entry.command
    points = [list(point) for point in grid_points([parse_axis(text) for text in entry.over])]
    assert [row["overrides"] for row in document["sweep"]] == points
    for row in document["sweep"]:
        assert (row["status"] == 0) == (row["estimate"] is not None) == (not row["message"])
    assert entry.result.stat().st_size < LARGEST_FILE
    spec = load_spec(entry.spec)
    assert spec.name == entry.name
    estimate = document["estimate"]
    assert estimate["T"] == spec.training.steps
    assert sum(row["toffoli"] for row in estimate["breakdown"]) == estimate["toffoli_count"]
    if estimate["readout"]["method"] == "sampling":
        assert estimate["total"]["t_count"] == whole(estimate["total"]["runs"] * estimate["t_count"])


@pytest.mark.parametrize(
    ("entry", "overrides"), [sample for sample in SAMPLES if sample.values[0].name not in SLOW]
)
def test_sampled_rows_are_what_their_choices_cost(entry, overrides):
    """Each with every key that its search chose named, so that nothing is searched."""
    committed, found = committed_row(entry, overrides)["estimate"], estimate_as_chosen(entry, overrides)
    for choice in (*found["choices"].values(), *committed["choices"].values()):
        del choice["by"]  # who chose it
    assert list(differences(found, committed)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("entry", "overrides"), SAMPLES)
def test_sampled_rows_are_current(entry, overrides):
    assert list(differences(row_of(entry, overrides), committed_row(entry, overrides))) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.name.startswith("synthetic")], ids=lambda entry: entry.name
)
def test_the_synthetic_networks_are_current(entry, tmp_path):
    assert list(differences(compute(entry, tmp_path, 2), read(entry))) == []


def test_the_table_is_made_of_the_results():
    for path, lines in (
        (headline.README, headline.table()),
        (headline.PROJECT_README, headline.short_table()),
    ):
        text = path.read_text(encoding="utf-8")
        assert headline.written_into(text, lines) == text
    assert _rounded(answer.PICTURE.read_text(encoding="utf-8")) == _rounded(answer.picture())
    assert headline.table().count("\n") == 1 + sum(len(entry.headline) for entry in ENTRIES)


def _rounded(picture):
    """A picture without the last digits of its coordinates."""
    return re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.1f}", picture)


def test_no_point_of_the_grids_pays():
    """What the README says of the catalog: no verdict but "no"."""
    for entry in ENTRIES:
        for row in read(entry)["sweep"]:
            if row["estimate"] is not None:
                assert row["estimate"]["verdict"]["pays"] == "no"


def test_differences_are_found():
    document = {"count": 10**30, "value": 0.5, "rows": [{"name": "a"}], "none": None}
    assert list(differences(document, json.loads(json.dumps(document)))) == []
    assert list(differences(document, {**document, "value": 0.5 * (1 + 1e-12)})) == []
    for key, other in {"count": 10**30 + 1, "value": 0.5 + 1e-8, "rows": [{"name": "b"}], "none": 0}.items():
        changed = copy.deepcopy(document) | {key: other}
        (line,) = differences(changed, document)
        assert key in line
    assert len(list(differences({**document, "more": 1}, document))) == 1
    assert len(list(differences({**document, "rows": []}, document))) == 1


def test_a_compact_row_keeps_every_count():
    estimate = read(ENTRIES[0])["estimate"]
    kept = compact(estimate)
    assert kept["total"] == estimate["total"]
    assert kept["physical"]["qubits"] == estimate["physical"]["qubits"]
    assert "frontier" not in kept["physical"]


def test_a_text_without_markers_is_refused():
    with pytest.raises(ValueError, match="begin:estimates"):
        headline.written_into("# nothing here\n", "| |")
