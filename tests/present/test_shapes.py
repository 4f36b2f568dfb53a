"""What a report reads has the form that carlemanc writes, or the file and the key are named."""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from carlemanc.cli._app import main
from carlemanc.present.page.forms import ABOUT_FORM, ANALYSIS_FORM, ESTIMATE_FORM
from carlemanc.present.page.shapes import (
    FLAG,
    TEXT,
    Each,
    Fields,
    Values,
    digest,
    faults,
    only,
    real,
    whole,
)
from tests.hostile.classes.result_directories import VALUES as HOSTILE


@pytest.mark.parametrize(
    ("value", "shape", "path", "found", "allowed"),
    [
        (
            {"a": float("nan")},
            Fields({"a": real()}),
            "a",
            "nan",
            "a finite number, or null where it is not known",
        ),
        ({"b": [float("inf")]}, Fields({}), "b[0]", "inf", "a finite number, or null where it is not known"),
        ({"a": True}, Fields({"a": whole()}), "a", "true", "an integer from 0 on"),
        ({"a": -1}, Fields({"a": whole()}), "a", "-1", "an integer from 0 on"),
        ({"a": 1.0}, Fields({"a": whole(1)}), "a", "1.0", "an integer from 1 on"),
        ({"a": 1.5}, Fields({"a": real(least=0, most=1)}), "a", "1.5", "a number, at least 0, at most 1"),
        ({"a": 1}, Fields({"a": FLAG}), "a", "1", "true or false"),
        ({"a": "x"}, Fields({"a": only("y")}), "a", '"x"', '"y", of this version of carlemanc'),
        ({"a": "\ud800"}, Fields({}), "a", "halves of characters", "a text in Unicode"),
        ({"a": {}}, Fields({"a": Each(TEXT)}), "a", "a table", "a list"),
        ({"a": {"k": [1]}}, Fields({"a": Values(TEXT)}), "a.k", "a list", "a text"),
        ([], Fields({}), "", "a list", "a table"),
        ({}, Fields({"a": TEXT}, needed=frozenset({"a"})), "a", "nothing", "a text"),
        ({"a": None}, Fields({"a": TEXT}, needed=frozenset({"a"})), "a", "null", "a text"),
        (None, Fields({}), "", "null", "a table"),
        ({"a": ["x", None]}, Fields({"a": Each(TEXT)}), "a[1]", "null", "a text"),
        ({"a": {"k": None}}, Fields({"a": Values(TEXT, known=True)}), "a.k", "null", "a text"),
        ({"a": "0" * 31}, Fields({"a": digest(32)}), "a", f'"{"0" * 31}"', "32 hexadecimal digits"),
        ({"a": "xyz"}, Fields({"a": digest(3)}), "a", '"xyz"', "3 hexadecimal digits"),
    ],
)
def test_a_fault_names_its_key(value: Any, shape: Any, path: str, found: str, allowed: str) -> None:
    (fault,) = faults(value, shape)
    assert (fault.path, fault.found, fault.allowed) == (path, found, allowed)


def test_null_is_not_known_and_unknown_keys_are_left_alone() -> None:
    assert not list(faults({"a": None, "z": [1, "x", {}]}, Fields({"a": whole(), "b": TEXT})))


def test_nesting_has_an_end() -> None:
    value: Any = 1
    for _ in range(60):
        value = [value]
    assert [fault.allowed for fault in faults({"a": value}, Fields({}))] == ["fewer"]


def test_what_is_written_has_the_form(estimated: Path) -> None:
    forms = {"estimate": ESTIMATE_FORM, "analysis": ANALYSIS_FORM, "about": ABOUT_FORM}
    for name, form in forms.items():
        assert not list(faults(json.loads((estimated / f"{name}.json").read_text()), form))


class _Markup(HTMLParser):
    """Collects what could run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "img"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}")


def markup_of_others(page: str) -> list[str]:
    parser = _Markup()
    parser.feed(page)
    return parser.found


def test_every_text_of_a_document_is_escaped(estimated: Path, tmp_path: Path) -> None:
    """Each text of every file, and each key, becomes markup: none of it is markup in the page."""
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'

    def soiled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: soiled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [soiled(item) for item in value]
        return f"{value}{hostile}" if isinstance(value, str) else value

    for name in ("estimate", "analysis", "about"):
        document = json.loads((estimated / f"{name}.json").read_text())
        kept = {key: document[key] for key in ("format", "spec_sha256", "files") if key in document}
        edited = soiled(document) | kept
        if name == "estimate":
            edited["leaf"] = {hostile: hostile}
            edited["error_budget"] = {hostile: next(iter(edited["error_budget"].values()))}
        (tmp_path / f"{name}.json").write_text(json.dumps(edited))
    assert main(["report", str(tmp_path), "-o", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert markup_of_others(page) == []
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 30


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document, of long lists the first three."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value[:3]):
            yield from places(item, (*path, number))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at a place; None there where it is to be gone."""
    if not path:
        return value
    document = copy.deepcopy(document)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


@pytest.mark.parametrize("part", range(4))
def test_an_edited_file_is_reported_on_or_refused(
    part: int, estimated: Path, swept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever stands at whatever place: a page without markup of its own, or status 2 with the file's name."""
    draw = random.Random(part)
    files = [path for place in (estimated, swept) for path in sorted(place.glob("*.json"))]
    files.append(swept / "rows.jsonl")
    seen = set()
    for number in range(12):
        source = draw.choice(files)
        place = tmp_path / str(number)
        place.mkdir()
        for file in source.parent.iterdir():
            (place / file.name).write_bytes(file.read_bytes())
        if source.suffix == ".json":
            document = json.loads(source.read_text())
            edited = changed(document, draw.choice(list(places(document))), draw.choice(HOSTILE))
            text = edited_json(edited).encode()
        else:
            (place / "sweep.json").unlink()
            document = json.loads(source.read_text().splitlines()[0])
            document.pop("check")
            edited = changed(document, draw.choice(list(places(document))), draw.choice(HOSTILE))
            text = edited_json(edited).encode() + b"\n"
        (place / source.name).write_bytes(text)
        status = main(["report", str(place), "-o", str(place / "page.html")])
        err = capsys.readouterr().err
        seen.add(status)
        assert status in (0, 2), (source.name, text[:2000], err)
        if status == 2:
            assert source.name in err
            assert not (place / "page.html").exists()
        else:
            assert not markup_of_others((place / "page.html").read_text())
    assert seen == {0, 2}


def edited_json(document: Any) -> str:
    """JSON as a hand may have edited it, with NaN and integers of any length."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return json.dumps(document)
    finally:
        sys.set_int_max_str_digits(limit)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("solvers.json", '{"methods": NaN}', "solvers.json: methods"),
        (
            "solvers.json",
            '{"methods": [{"method": "qsvt", "qubits": "many"}]}',
            "solvers.json: methods[0].qubits",
        ),
        ("analysis.json", '{"truncation_bound": []}', "analysis.json: truncation_bound"),
        ("about.json", '{"format": "carlemanc.estimate-directory/9"}', "about.json: format"),
        ("estimate.json", '{"t_count": 1e999}', "estimate.json: t_count"),
        ("estimate.json", "[" * 100_000, "no JSON"),
        ("estimate.json", '{"n": ' + "9" * 5000 + "}", "estimate.json: n"),
        ("symbolic.json", "\xff", "symbolic.json"),
        ("analysis.json", "", "no JSON"),
        ("about.json", "null", "about.json\n    found:   null"),
        ("about.json", "{}", "about.json: spec_sha256"),
        ("estimate.json", "null", "estimate.json\n    found:   null"),
        ("analysis.json", "null", "analysis.json\n    found:   null"),
        ("analysis.json", "{}", "analysis.json: regime"),
        ("solvers.json", "null", "solvers.json\n    found:   null"),
        ("solvers.json", "{}", "solvers.json: methods"),
        ("symbolic.json", "{}", "symbolic.json: asymptotics"),
        ("rows.jsonl", "", "rows.jsonl\n    found:   no whole row"),
        ("rows.jsonl", "null", "rows.jsonl\n    found:   no whole row"),
        ("rows.jsonl", "null\n", "line 1\n    found:   null"),
        ("sweep.json", "null", "sweep.json\n    found:   null"),
        ("spec.toml", "", "spec.toml\n    found:   a spec without a key"),
        ("spec.toml", "# a comment\n", "spec.toml\n    found:   a spec without a key"),
    ],
)
def test_the_file_and_the_key_are_named(
    name: str, text: str, words: str, estimated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in estimated.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    assert main(["report", str(tmp_path), "-o", str(tmp_path / "page.html")]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert "run the command that made it again, or remove the file" in err
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    "wrong", [None, "text", float("inf"), 10**5000, 7], ids=["null", "text", "1e999", "long", "7"]
)
@pytest.mark.parametrize("name", ["sweep.json", "about.json"])
def test_no_value_of_what_says_how_it_was_made_can_be_replaced(
    name: str, wrong: Any, estimated: Path, swept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each value in turn; a free text is as good as another: names, the version, words of commands, reasons."""
    source = swept if name == "sweep.json" else estimated
    for file in source.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    document = json.loads((source / name).read_text())
    for path in places(document):
        free = path[:1] in (("name",), ("version",)) or (path[:1] in (("command",), ("absent",)) and path[1:])
        if wrong == "text" and free:
            continue
        (tmp_path / name).write_text(edited_json(changed(document, path, wrong)))
        assert main(["report", str(tmp_path), "-o", str(tmp_path / "page.html")]) == 2, path
        assert (f"{name}: {path[0]}" if path else name) in capsys.readouterr().err
        assert not (tmp_path / "page.html").exists()


def test_a_grid_of_other_axes_than_its_rows_is_refused(
    swept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in swept.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    document = json.loads((swept / "sweep.json").read_text())
    for axis, words in ((["1", "2"], "4 points"), (["1", "2", "8"], "training.steps=8")):
        document["over"]["training.steps"] = axis
        (tmp_path / "sweep.json").write_text(json.dumps(document))
        assert main(["report", str(tmp_path), "-o", str(tmp_path / "page.html")]) == 2
        err = capsys.readouterr().err
        assert "sweep.json: over" in err
        assert words in err


def test_a_row_without_its_estimate_is_refused(
    swept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = json.loads((swept / "rows.jsonl").read_text().splitlines()[0])
    del line["check"]
    (tmp_path / "rows.jsonl").write_text(json.dumps(line | {"estimate": None}) + "\n")
    assert main(["report", str(tmp_path)]) == 2
    assert "rows.jsonl: line 1: estimate" in capsys.readouterr().err
