"""The disk cache: found again, never trusted when damaged, never needed."""

from __future__ import annotations

import json
import threading
import warnings
from pathlib import Path

import pytest

from carlemanc.core import disk_cache
from carlemanc.core.disk_cache import cache_directory, remembered

VALUES = {"norm": 2.25, "inverse_norm": 1e-300}


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("CARLEMANC_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def forbidden():
    raise AssertionError("computed again")


def the_file(place: Path) -> Path:
    (found,) = [path for path in place.rglob("*") if path.is_file()]
    return found


def test_found_again_under_the_same_name_alone(place):
    assert remembered("k", "a", lambda: dict(VALUES)) == VALUES
    assert remembered("k", "a", forbidden) == VALUES
    for kind, inputs in (("k", "b"), ("l", "a")):
        with pytest.raises(AssertionError, match="again"):
            remembered(kind, inputs, forbidden)
    assert [path.suffix for path in place.rglob("*") if path.is_file()] == [".json"]


def test_another_version_computes_anew(place, monkeypatch):
    remembered("k", "a", lambda: dict(VALUES))
    monkeypatch.setattr(disk_cache, "__version__", "0.0.0")
    assert remembered("k", "a", lambda: {"x": 1.0}) == {"x": 1.0}


def _edited(text, **changes):
    return json.dumps(json.loads(text) | changes)


DAMAGE = {
    "cut short": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "another number": lambda text: text.replace("2.25", "2.26"),
    "no numbers": lambda text: _edited(text, numbers={}),
    "not finite": lambda text: _edited(text, numbers={"norm": float("inf")}),
    "another format": lambda text: _edited(text, format="carlemanc.cache/0"),
    "a list": lambda text: "[1, 2]",
    "deep": lambda text: "[" * 100_000,
    "text as a number": lambda text: _edited(text, numbers={"norm": "2.25"}),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_said_and_mended(place, kind):
    remembered("k", "a", lambda: dict(VALUES))
    file = the_file(place)
    whole = file.read_text()
    file.write_text(DAMAGE[kind](whole))
    with pytest.warns(UserWarning, match="is damaged"):
        assert remembered("k", "a", lambda: dict(VALUES)) == VALUES
    assert file.read_text() == whole
    assert remembered("k", "a", forbidden) == VALUES


def test_a_flipped_byte_anywhere(place):
    remembered("k", "a", lambda: dict(VALUES))
    file = the_file(place)
    whole = file.read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 0x80
        file.write_bytes(bytes(changed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert remembered("k", "a", lambda: dict(VALUES)) == VALUES


def test_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.delenv("CARLEMANC_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "carlemanc"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert cache_directory() == tmp_path / "home" / ".cache" / "carlemanc"
    for off in ("off", "OFF", "0", "no"):
        monkeypatch.setenv("CARLEMANC_CACHE", off)
        assert cache_directory() is None


def test_turned_off_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CARLEMANC_CACHE", "off")
    assert remembered("k", "a", lambda: dict(VALUES)) == VALUES
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_takes_no_files_is_none(tmp_path, monkeypatch, recwarn):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CARLEMANC_CACHE", str(tmp_path / "file" / "inside"))
    assert remembered("k", "a", lambda: dict(VALUES)) == VALUES
    assert not recwarn.list


def test_a_failure_keeps_nothing(place):
    with pytest.raises(ZeroDivisionError):
        remembered("k", "a", lambda: {"x": 1 / 0})
    assert not place.exists()


def test_many_writers_leave_one_whole_file(place):
    threads = [threading.Thread(target=remembered, args=("k", "a", lambda: dict(VALUES))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert the_file(place).suffix == ".json"
    assert remembered("k", "a", forbidden) == VALUES
