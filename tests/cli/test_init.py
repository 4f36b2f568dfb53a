"""`init` and `schema`: what they print, what they write, what they refuse."""

import json
import tomllib
from pathlib import Path

import pytest

from carlemanc.cli._app import main
from carlemanc.spec import load_spec
from carlemanc.spec.examples import example_names

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", example_names())
def test_a_written_spec_loads_as_its_example(name: str, capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "new" / "mine.toml"
    assert main(["init", "--example", name, "-o", str(path)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"wrote {path}\n")
    made, expected = load_spec(path), load_spec(name)
    assert made.name == "mine"
    assert {**made.model_dump(), "name": ""} == {**expected.model_dump(), "name": ""}


def test_without_a_name_it_is_the_quick_start(capsys: Capture) -> None:
    assert main(["init", "--set", "training.steps=9"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    tables = tomllib.loads(out)
    assert tables["training"]["steps"] == 9
    assert tables["loss"] == load_spec("quartic-pair").to_dict()["loss"]
    assert main(["init", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["example"] == "quartic-pair"


def test_nothing_is_replaced(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("precious")
    assert main(["init", "-o", str(path)]) == 2
    assert "replaces nothing" in capsys.readouterr().err
    assert path.read_text() == "precious"


def test_data_files_are_copied_beside_the_spec(capsys: Capture, tmp_path: Path) -> None:
    assert main(["init", "--example", "burgers-map"]) == 0
    assert "burgers-map.npz" in capsys.readouterr().err
    assert main(["init", "--example", "burgers-map", "-o", str(tmp_path / "mine.toml")]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"mine.toml", "burgers-map.npz"}


def test_unknown_example(capsys: Capture) -> None:
    assert main(["init", "--example", "quartic-pear"]) == 2
    assert 'did you mean "quartic-pair"' in capsys.readouterr().err


def test_schema(capsys: Capture, tmp_path: Path) -> None:
    assert main(["schema"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["properties"].keys() >= {"loss", "training", "carleman"}
    assert err == ""
    assert main(["schema", "-o", str(tmp_path / "schema.json")]) == 0
    assert json.loads((tmp_path / "schema.json").read_text()) == json.loads(out)
    capsys.readouterr()
    assert main(["schema", "--set", "model.n=3"]) == 2
