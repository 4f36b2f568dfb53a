"""What a result depends on: every file that a spec names or runs is in its digest."""

from pathlib import Path
from typing import Any

import pytest

from carlemanc.spec.inputs import Inputs, input_files
from carlemanc.spec.module_sources import module_files

FILES = {
    "J.npy": b"coefficients",
    "d.csv": b"data",
    "m.npy": b"mask",
    "u.npy": b"first weights",
    "map.npz": b"map",
    "L.NPZ": b"matrix",
    "b.npy": b"right-hand side",
    "model.py": b"import parts.layers\nfrom helper import width as w\nSOURCE = 'weights.pt'\n",
    "parts/__init__.py": b"",
    "parts/layers.py": b"from . import sizes\nfrom .sizes import WIDTH\n",
    "parts/sizes.py": b"WIDTH = 3\n",
    "helper.py": b"import numpy\n",
    "weights.pt": b"tensors",
}
SPEC: dict[str, Any] = {
    "name": "d.csvx",
    "loss": {"expression": "J[0]*theta[0]", "parameters": {"J": "J.npy"}},
    "network": {"module": "model:build"},
    "map": {"file": "map.npz"},
    "system": {"matrix": "L.NPZ", "rhs": "b.npy"},
    "model": {"mask": "m.npy"},
    "data": {"source": "d.csv"},
    "training": {"initial": "u.npy"},
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    for name, content in {**FILES, "unrelated.py": b"", "unrelated.npy": b""}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def inputs(place: Path, **options: Any) -> Inputs:
    return Inputs.of(SPEC, place, options)


def test_every_file_is_found_and_no_other(place: Path) -> None:
    assert input_files(SPEC, place).keys() == FILES.keys()


@pytest.mark.parametrize("name", FILES)
def test_a_change_of_any_file_is_seen_and_said(place: Path, name: str) -> None:
    before = inputs(place)
    assert inputs(place).changes(before) == ""
    (place / name).write_bytes(FILES[name][:-1] + b" ")
    after = inputs(place)
    assert after.digest != before.digest
    assert f"{name} has changed" in after.changes(before)


def test_what_else_differs_is_said(place: Path) -> None:
    before = inputs(place, seed=0)
    assert inputs(place, seed=1).changes(before) == "the options are others"
    assert Inputs.of({**SPEC, "name": "x"}, place, {"seed": 0}).changes(before) == "the spec has changed"
    assert Inputs.from_json(before.to_json()) == before
    (place / "d.csv").unlink()
    assert inputs(place, seed=0).changes(before) == "d.csv has changed"


def test_an_installed_package_is_followed_inside_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, base = tmp_path / "site", tmp_path / "spec"
    (root / "nets" / "deep").mkdir(parents=True)
    base.mkdir()
    (root / "nets" / "__init__.py").touch()
    (root / "nets" / "small.py").write_text("import other, nets.deep.wide\n")
    (root / "nets" / "deep" / "wide.py").write_text("from .. import base\n")
    (root / "nets" / "base.py").touch()
    (root / "other.py").touch()
    monkeypatch.syspath_prepend(str(root))
    found = module_files("nets.small:build", base)
    assert set(found) == {"nets/__init__.py", "nets/small.py", "nets/deep/wide.py", "nets/base.py"}


@pytest.mark.parametrize("text", ["absent:build", "../model:build", "model", "", "a:b:c"])
def test_other_texts_name_no_source(place: Path, text: str) -> None:
    assert module_files(text, place) == {}


def test_a_source_that_does_not_parse_is_a_file_all_the_same(place: Path) -> None:
    (place / "model.py").write_bytes(b"def (\0")
    assert set(module_files("model:build", place)) == {"model.py"}
