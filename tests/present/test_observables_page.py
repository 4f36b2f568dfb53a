"""The page of an estimate, a run and a sweep that read observables, and of the other ways to read."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.present.estimate_directory import estimate_into
from carlemanc.present.page.driver import assemble
from carlemanc.present.page.formats import html_page
from carlemanc.present.page.forms import ESTIMATE_FORM, RUN_FORM
from carlemanc.present.page.material import load_material
from carlemanc.present.page.shapes import faults
from carlemanc.present.text.amounts import amount
from carlemanc.sweeps import sweep
from carlemanc.sweeps.table import flatten
from tests.fixed import fixed
from tests.present.directories import put
from tests.present.pages import Page, counted
from tests.present.test_page import check_shape
from tests.present.test_shapes import HOSTILE, changed, edited_json, markup_of_others, places

READ = (
    'readout.target="observables"',
    'readout.observables={loss="loss", first="theta[0]", grad="gradient_norm"}',
    "solver.method=march",
)


def page_of(directory: Path) -> Page:
    page = Page(html_page(assemble(load_material(directory))))
    check_shape(page)
    return page


def facts_of(page: Page, anchor: str) -> dict[str, str]:
    """The quantities of a section, each with its value and its note."""
    section = re.search(rf'<section id="{anchor}">.*?</section>', page.html, re.DOTALL)
    assert section
    plain = [
        (name, " ".join(re.sub("<[^>]*>", " ", rest).split()))
        for name, rest in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", section[0])
    ]
    assert len(plain) == len(dict(plain))
    return dict(plain)


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `estimate quartic-pair -o` writes where observables are read, and a run of the same beside it."""
    place = tmp_path_factory.mktemp("observed") / "out"
    estimate_into(fixed("quartic-pair", READ), place, command=["carlemanc"], compare=True)
    run = carlemanc.run(fixed("quartic-pair", READ), shots=0, seed=3)
    return put(place, run=run.to_json())


def test_what_is_written_has_the_form(observed: Path) -> None:
    for name, form in (("estimate", ESTIMATE_FORM), ("run", RUN_FORM)):
        assert not list(faults(json.loads((observed / f"{name}.json").read_text()), form))


def test_each_observable_stands_with_what_it_costs(observed: Path) -> None:
    document = json.loads((observed / "estimate.json").read_text())
    page = page_of(observed)
    found = document["readout"]["observables"]
    assert [one["name"] for one in found] == ["loss", "first", "grad"]
    for one in found:
        (row,) = [cells for cells in page.rows if cells[0] == one["name"] and cells[-1].endswith(("s", "es"))]
        expression, value, precision, certificate, uses, depth = row[1:7]
        assert (expression, precision) == (one["expression"], "1 %")
        assert float(value) == pytest.approx(one["classical"], rel=5e-3)
        assert certificate == f"{100 * one['certificate'] / one['scale']:.3g} %"
        assert (uses, depth) == (counted(one["uses"]), f"{counted(one['depth'])} uses")
        for event in one["events"]:
            (cells,) = [cells for cells in page.rows if cells[:2] == [one["name"], event["name"]]]
            assert cells[4:] == [counted(event["uses"]), one["method"]]


def test_whether_one_pays_is_said(observed: Path, tmp_path: Path) -> None:
    document = json.loads((observed / "estimate.json").read_text())
    assert {one["verdict"] for one in document["readout"]["observables"]} == {"no"}
    assert "None of them pays: a classical program (" in page_of(observed).text
    document["readout"]["observables"][1]["verdict"] = "open"
    assert "Reading loss, grad does not pay" in page_of(put(tmp_path / "a", estimate=document)).text
    document["readout"]["observables"] = document["readout"]["observables"][1:2]
    page = page_of(put(tmp_path / "b", estimate=document))
    assert "has it sooner" not in page.text
    assert "Reading first to within 1 % of its planned magnitude takes" in page.text


@pytest.mark.parametrize("name", ["estimate", "run"])
def test_any_value_at_any_place_is_shown_or_refused(
    name: str, observed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands in the keys of observables, hostile values one by one: a page, or status 2 with the file's name."""
    document = json.loads((observed / f"{name}.json").read_text())
    inside = document["readout"] if name == "estimate" else document
    root = ("readout", "observables") if name == "estimate" else ("observables",)
    draw = random.Random(7)
    wanted = [(*root, *path) for path in places(inside["observables"])]
    place, seen = put(tmp_path / "a", estimate=json.loads((observed / "estimate.json").read_text())), set()
    for number in range(60):
        path, value = draw.choice(wanted), HOSTILE[number % len(HOSTILE)]
        (place / f"{name}.json").write_text(edited_json(changed(document, path, value)))
        status = main(["report", str(place), "-o", str(place / "page.html")])
        seen.add(status)
        assert status in (0, 2), (path, value)
        if status == 2:
            assert f"{name}.json" in capsys.readouterr().err
        else:
            assert markup_of_others((place / "page.html").read_text()) == []
    assert seen == {0, 2}


def test_no_sentence_speaks_of_weights_copies_or_theta(observed: Path) -> None:
    page = page_of(observed)
    summary = page.text[: page.text.index("Why")]
    assert "Reading loss, first and grad, each to within 1 % of its planned magnitude, takes" in summary
    assert "uses of this circuit" in summary
    assert "uses to read the observables" in summary
    for word in ("theta(T)", "sample", "runs to read", "relative error"):
        assert word not in summary
    assert "Reading the observables" in page.text
    assert "Reading the weights" not in page.text
    assert "reading theta(T)" not in page.text
    facts = facts_of(page, "readout")
    assert facts["probability"].startswith("0.95 ")
    assert not {"copies", "error", "runs"} & set(facts)
    assert "None" not in " ".join(facts.values())


def test_the_time_of_all_uses_holds_what_lies_between_them(observed: Path) -> None:
    document = json.loads((observed / "estimate.json").read_text())
    every = document["physical"]["seconds_of_all_runs"]
    each = sum(one["seconds"] for one in document["readout"]["observables"])
    assert every == pytest.approx(each, rel=2e-3)
    assert every > 1.05 * document["physical"]["seconds"] * document["total"]["runs"]
    assert f"{every / 60:.3g} minutes in all" in page_of(observed).text


def test_what_is_not_proved_is_said(observed: Path, tmp_path: Path) -> None:
    document = json.loads((observed / "estimate.json").read_text())
    certified = {one["name"]: one["certified"] for one in document["readout"]["observables"]}
    assert certified == {"loss": False, "first": True, "grad": False}
    assert "Not proved to the precision at this order: loss, grad." in page_of(observed).text
    loss, first, _ = document["readout"]["observables"]
    loss |= {"certificate": None, "caveat": "nothing is proved <of> it"}
    first |= {"classical": None, "seconds": None, "scale": 0}
    document["readout"]["observables"] = [loss, first]
    page = page_of(put(tmp_path / "a", estimate=document))
    assert "Not proved to the precision" not in page.text
    assert "loss: nothing is proved <of> it." in page.text
    assert [cells[4] for cells in page.rows if cells[0] == "loss" and len(cells) == 9] == ["none"]
    (row,) = [cells for cells in page.rows if cells[0] == "first" and len(cells) == 9]
    assert [row[k] for k in (2, 4, 8)] == ["not known"] * 3


def test_a_run_beside_it_stands_on_the_page(observed: Path, tmp_path: Path) -> None:
    run = json.loads((observed / "run.json").read_text())
    page = page_of(observed)
    for one in run["observables"]:
        (row,) = [
            cells for cells in page.rows if cells[0] == one["name"] and cells[-1] == counted(one["uses"])
        ]
        shown = [float(cell.replace("−", "-")) for cell in row[2:7]]
        wanted = [one[key] for key in ("value", "error_bar", "carleman", "classical", "certificate")]
        assert shown == pytest.approx(wanted, rel=5e-3)
    assert "carlemanc run " not in page.text
    estimate = json.loads((observed / "estimate.json").read_text())
    alone = page_of(put(tmp_path / "a", estimate=estimate))
    assert "carlemanc run SPEC -o a/run.json" in alone.text
    assert "run" in page.ids
    assert "run" not in alone.ids
    weights = carlemanc.run(fixed("quartic-pair", ("solver.method=march",)))
    page = page_of(put(tmp_path / "b", estimate=estimate, run=weights.to_json()))
    (row,) = [cells for cells in page.rows if cells[0] == "theta_1" and len(cells) == 4]
    values = [one[1] for one in (weights.theta, weights.theta_carleman, weights.theta_classical)]
    assert [float(cell.replace("−", "-")) for cell in row[1:]] == pytest.approx(values, rel=5e-3)


@pytest.mark.parametrize(
    ("overrides", "title", "wanted", "left_out"),
    [
        (
            ('readout.method="tomography"',),
            "uses to read theta(T)",
            {"error": "in the l2 norm, with probability 0.95", "uses": "of a run or its inverse"},
            {"copies", "runs"},
        ),
        (
            ("model.n=1024", "training.steps=30", 'readout.target="largest"', "readout.largest=3"),
            "runs to read the 3 largest weights",
            {"weights that are read": "the 3 largest weights", "copies": "in the l2 norm"},
            {"uses"},
        ),
        (
            ("solver.amplification=true",),
            "runs to read theta(T)",
            {"rounds of amplification a run": "of the answer", "copies": "in the l2 norm"},
            {"uses"},
        ),
    ],
)
def test_other_ways_to_read(
    overrides: tuple[str, ...], title: str, wanted: dict[str, str], left_out: set[str], tmp_path: Path
) -> None:
    name = "quartic-ring" if "model.n=1024" in overrides else "quartic-pair"
    document = carlemanc.estimate(fixed(name, ("solver.method=march", *overrides))).to_json()
    assert not list(faults(document, ESTIMATE_FORM))
    page = page_of(put(tmp_path / "a", estimate=document))
    facts = facts_of(page, "readout")
    assert title in page.text
    assert "Reading the weights" in page.text
    assert {key: facts[key] for key, words in wanted.items() if words not in facts[key]} == {}
    assert not left_out & set(facts)
    assert "None" not in " ".join(facts.values())


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A sweep that reads observables, with a point that cannot be estimated."""
    place = tmp_path_factory.mktemp("grid") / "out"
    model = fixed("quartic-pair", READ)
    return sweep(model, over=["carleman.order=1,3", "readout.precision=0.03,0.1"], output=place, processes=1)


def test_a_sweep_has_columns_of_each_observable(grid: Any) -> None:
    estimated = [row for row in grid.rows if row["status"] == 0]
    assert len(estimated) == 2
    for row in estimated:
        flat = flatten(row)
        for one in row["estimate"]["readout"]["observables"]:
            prefix = f"readout.observables.{one['name']}"
            for key in ("uses", "t_count", "seconds", "certificate", "classical"):
                assert flat[f"{prefix}.{key}"] == one[key]
            assert f"{prefix}.name" not in flat
    _, _, heads, *lines = grid.to_text(width=1000).splitlines()
    assert " ".join(heads.split()).endswith("uses T for loss T for first T for grad pays times against")
    shown = [line.split() for line in lines if line.split()[0] == "3"]
    counts = [
        [amount(one["t_count"]) for one in row["estimate"]["readout"]["observables"]] for row in estimated
    ]
    assert [cells[-6:-3] for cells in shown] == counts
    assert all(cells[-3] == "no" for cells in shown)


def test_the_page_of_such_a_sweep(grid: Any) -> None:
    page = page_of(Path(grid.directory))
    for row in grid.rows:
        if row["status"]:
            continue
        precision = row["overrides"][1].partition("=")[2]
        for one in row["estimate"]["readout"]["observables"]:
            lines = [cells for cells in page.rows if cells[:3] == ["3", precision, one["name"]]]
            assert [cells[5] for cells in lines] == [counted(one["uses"])]
    assert "2 of them without an estimate" in page.text
    assert "reading the observables multiplies it by the number of uses" in page.text
