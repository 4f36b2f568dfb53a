"""Pages of several estimates and of what other commands wrote: numbers of the documents, other forms refused."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.cli._app import main
from carlemanc.core.errors import InputError
from carlemanc.present.page import driver
from carlemanc.present.page.formats import html_page, markdown_page
from tests.present.directories import put
from tests.present.pages import Page, counted
from tests.present.test_page import HOSTILE, check_shape
from tests.present.test_shapes import HOSTILE as VALUES
from tests.present.test_shapes import changed, edited_json, markup_of_others, places


def page_of(*directories: Path) -> Page:
    document, _ = driver.page_of(directories, directories[0] / "report.html")
    page = Page(html_page(document))
    check_shape(page)
    plain = markdown_page(document).replace("\\", "")
    assert all(cell.strip() in plain for cells in page.rows for cell in cells)
    return page


def point(file: str, method: str, t: int, seconds: float, qubits: int, **choices: Any) -> dict[str, Any]:
    return {
        "file": file,
        "method": method,
        "t_count": t,
        "seconds": seconds,
        "physical_qubits": qubits,
        "logical_qubits": 24,
        "choices": {
            "carleman.order": {"value": 3, "by": "spec"},
            **{key.replace("__", "."): {"value": value, "by": "search"} for key, value in choices.items()},
        },
    }


FRONTIER: dict[str, Any] = {
    "name": "pair",
    "hardware": "superconducting",
    "points": [
        point("point-1.toml", "march", 352_700_000, 2432.5, 44_285, solver__amplification=False),
        point("point-2.toml", "qsvt", 964_200_000, 86_400.0, 22_142, solver__amplification=True),
    ],
}


def test_a_frontier_shows_its_points_and_what_each_trades(tmp_path: Path) -> None:
    page = page_of(put(tmp_path / "a", frontier=FRONTIER))
    assert "The fastest configuration, 1, is march: 40.5 minutes for all runs" in page.text
    assert f"The fewest physical qubits, {counted(22_142)}, take 1 day" in page.text
    assert [
        "1",
        "march",
        counted(352_700_000),
        "40.5 minutes",
        counted(44_285),
        "24",
        "point-1.toml",
    ] in page.rows
    assert ["2", "2.73", "35.5", "0.5"] in page.rows
    assert ["solver.amplification", "False", "True"] in page.rows
    assert ["carleman.order", "3", "spec"] in page.rows
    assert "configurations-title" in page.ids
    one = page_of(put(tmp_path / "b", frontier=FRONTIER | {"points": FRONTIER["points"][:1]}))
    assert "1 configuration\n" in one.text
    assert "svg" not in one.tags


def test_an_estimate_beside_a_frontier_comes_first(document: dict[str, Any], tmp_path: Path) -> None:
    page = page_of(put(tmp_path / "a", frontier=FRONTIER, estimate=document))
    assert "The fastest configuration" not in page.text
    assert "Where the cost goes" in page.text


def test_a_frontier_of_another_form_is_refused(tmp_path: Path) -> None:
    for key, value in (("points", []), ("points", None), ("name", 3)):
        place = put(tmp_path / "a", frontier=FRONTIER | {key: value})
        with pytest.raises(InputError, match=r"frontier\.json"):
            carlemanc.report(place)
    assert not (tmp_path / "a" / "report.html").exists()


def test_any_value_at_any_place_of_a_frontier_is_shown_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw, place, seen = random.Random(3), put(tmp_path / "a", frontier=FRONTIER), set()
    everywhere = list(places(FRONTIER))
    for number in range(40):
        path, value = draw.choice(everywhere), VALUES[number % len(VALUES)]
        (place / "frontier.json").write_text(edited_json(changed(copy.deepcopy(FRONTIER), path, value)))
        status = main(["report", str(place), "-o", str(place / "page.html")])
        seen.add(status)
        assert status in (0, 2), (path, value)
        if status == 2:
            assert "frontier.json" in capsys.readouterr().err
        else:
            assert markup_of_others((place / "page.html").read_text()) == []
    assert seen == {0, 2}


def test_estimates_stand_side_by_side(document: dict[str, Any], tmp_path: Path) -> None:
    near = copy.deepcopy(document)
    near["verdict"] |= {"factor": 2.5, "pays": "no"}
    near["total"]["t_in_all"], near["physical"]["seconds_of_all_runs"] = 123_456_789, 30.0
    far = document | {"verdict": None, "method": HOSTILE}
    places = [
        put(tmp_path / name, estimate=one) for name, one in (("near", near), ("far", far), ("mid", document))
    ]
    page = page_of(*places)
    assert (
        "None of the 2 that are judged pays: near is nearest, 2.5 times the best classical program"
        in page.text
    )
    heads = next(cells for cells in page.rows if cells[0] == "estimate")
    shown = {
        cells[0]: dict(zip(heads, cells, strict=True)) for cells in page.rows if len(cells) == len(heads)
    }
    assert shown["near"]["T gates of all runs"] == counted(123_456_789)
    assert shown["near"]["time of all runs"] == "30 s"
    assert shown["far"]["method"] == HOSTILE
    assert (shown["far"]["pays"], shown["mid"]["pays"]) == ("not judged", document["verdict"]["pays"])
    assert {"estimate-1", "estimate-2", "estimate-3"} <= set(page.ids)
    alike = page_of(places[0], places[0])
    assert {"near (1)", "near (2)"} <= {cells[0] for cells in alike.rows}


def test_several_directories_need_a_name_and_an_estimate_each(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = put(tmp_path / "a", estimate=document), put(tmp_path / "b", frontier=FRONTIER)
    assert main(["report", str(first), str(first)]) == 2
    assert "a page about several directories needs a name" in capsys.readouterr().err
    assert main(["report", str(first), str(second), "-o", str(tmp_path / "c.html")]) == 2
    assert not (tmp_path / "c.html").exists()
    assert main(["report", str(first), str(first), "-o", str(tmp_path / "c.html"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sections"][0] == "Side by side"


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """What a schedule of two segments writes, its weights drawn at random."""
    steps = [
        {
            "step": step,
            "phase": phase,
            "segment": step // 2,
            "loss": 1 / (1 + step),
            "accuracy": None,
            "proxy": 1.0,
        }
        for step, phase in ((0, "upload"), (1, "quantum"), (2, "upload"), (3, "quantum"))
    ]
    segment = {
        "number": 0, "first": 0, "steps": 2, "update": 0.25, "download": {"copies": 2_406_000, "error": 1.5e-4},
        "truncation": {"bound": 12.5, "measured": None, "regime": "divergent", "note": "a <note> of 1e9"},
    }  # fmt: skip
    return {
        "format": "carlemanc.training/1", "name": "net", "label": "run classically", "data": None, "weights": 1210,
        "survivors": 242, "order": 2, "learning_rate": 0.2, "steps": steps, "cost": None,
        "schedule": {"steps": 4, "segments": 2, "reupload_every": 2},
        "segments": [segment, segment | {"number": 1, "first": 2, "download": None}],
        "reference": {"label": "gradient descent", "steps": [{"step": 0, "loss": 1.0}, {"step": 3, "loss": 0.3}]},
        "final": {"loss": 0.25, "accuracy": None, "reference_loss": 0.3, "reference_accuracy": None},
    }  # fmt: skip


def test_a_schedule_stands_beside_gradient_descent(record: dict[str, Any], tmp_path: Path) -> None:
    page = page_of(put(tmp_path / "a", record=record))
    assert "The schedule ends at loss 0.25; gradient descent on the same weights at loss 0.3." in page.text
    assert [
        "1",
        "0",
        "2",
        "1",
        "–",
        "0.25",
        "divergent",
        "12.5",
        "–",
        "0.00015",
        counted(2_406_000),
    ] in page.rows
    assert ["2", "2", "2", "0.333", "–", "0.25", "divergent", "12.5", "–", "–", "–"] in page.rows
    assert "a <note> of 10⁹." in page.text
    assert "training-loss-title" in page.ids
    assert "training-accuracy-title" not in page.ids
    memory = {
        "one_run": {"t_count": 1_234_567, "logical_qubits": 99},
        "tomography": {"runs": 40_000},
        "training": {"t_count": 98_765_432_100, "seconds": 7200.0, "physical_qubits": None},
    }
    cost = {
        "segments": 2,
        "basis": "the first segment",
        "lookup": memory,
        "qram": {"reason": "too <large>\nfar too large"},
        "classical": {"flops": 5_000_000, "dense_flops": None, "program": "support"},
    }
    page = page_of(put(tmp_path / "b", record=record | {"cost": cost}))
    figures = [counted(1_234_567), "99", counted(40_000), counted(98_765_432_100), "not known", "2 hours", ""]
    assert ["data loaded by lookups", *figures] in page.rows
    assert ["data loaded by a QRAM", *["–"] * 6, "too <large>"] in page.rows
    assert f"support, takes {counted(5_000_000)} operations" in page.text


@pytest.fixture(scope="module")
def spectrum(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `dissipation quartic-pair -o` writes."""
    place = tmp_path_factory.mktemp("spectrum") / "out"
    place.mkdir()
    carlemanc.dissipation("quartic-pair").save(place)
    return place


def test_a_spectrum_says_for_how_many_steps_circuits_make_sense(spectrum: Path, tmp_path: Path) -> None:
    found = json.loads((spectrum / "spectrum.json").read_text())
    page = page_of(spectrum)
    assert "Circuits make sense for any number of steps: the majorant contracts." in page.text
    assert {"density-title", "proxy-title"} <= set(page.ids)
    assert ["of −h", "0", "2 (100 %)", "0 (0 %)", "0 (0 %)"] in page.rows
    assert f"{found['gains']['largest_gain_per_step']:.6g}" in page.text
    found["compiler"] |= {"certified_steps": 3}
    page = page_of(put(tmp_path / "a", spectrum=found))
    assert "Circuits make sense for 3 of these 4 steps" in page.text
    assert "density-title" not in page.ids
    found["compiler"], found["error_proxy"] = None, {HOSTILE: {"log_E": [0.0, None, -1.5]}}
    page = page_of(put(tmp_path / "b", spectrum=found))
    assert page.text.count("keeps the gain of level N = 3 below e for any number of steps") == 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY", "objects", "shapes"])
def test_damaged_arrays_are_refused(content: Any, spectrum: Path, tmp_path: Path) -> None:
    place = put(tmp_path / "a", spectrum=json.loads((spectrum / "spectrum.json").read_text()))
    if isinstance(content, bytes):
        (place / "spectrum.npz").write_bytes(content)
    elif content == "objects":
        np.savez(place / "spectrum.npz", grid=np.array([{}, {}], dtype=object), density=np.ones(2))
    else:
        np.savez(place / "spectrum.npz", grid=np.ones((2, 2)), density=np.ones(2))
    with pytest.raises(InputError, match=r"spectrum\.npz"):
        carlemanc.report(place)


@pytest.mark.parametrize("name", ["record", "spectrum"])
def test_any_value_at_any_place_of_another_document_is_shown_or_refused(
    name: str, record: dict[str, Any], spectrum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = record if name == "record" else json.loads((spectrum / "spectrum.json").read_text())
    draw, place, seen = random.Random(5), put(tmp_path / "a", **{name: document}), set()
    everywhere = list(places(document))
    for number in range(40):
        path, value = draw.choice(everywhere), VALUES[number % len(VALUES)]
        (place / f"{name}.json").write_text(edited_json(changed(copy.deepcopy(document), path, value)))
        status = main(["report", str(place), "-o", str(place / "page.html")])
        seen.add(status)
        assert status in (0, 2), (path, value)
        if status == 2:
            assert f"{name}.json" in capsys.readouterr().err
        else:
            assert markup_of_others((place / "page.html").read_text()) == []
    assert seen == {0, 2}
