"""Output is there whole or not at all, and a directory keeps what was in it."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from carlemanc.core.atomic_output import atomic_directory, atomic_file
from carlemanc.core.errors import InputError


def test_new_directory(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    with atomic_directory(target) as place:
        (place / "x").write_text("1")
        (place / "sub").mkdir()
        (place / "sub" / "y").write_text("2")
        assert not target.exists()
    assert (target / "x").read_text() + (target / "sub" / "y").read_text() == "12"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_existing_directory_keeps_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    (tmp_path / "x").write_text("old")
    with atomic_directory(tmp_path) as place:
        (place / "x").write_text("new")
        assert (tmp_path / "x").read_text() == "old"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"mine": "kept", "x": "new"}
    assert [path.name for path in tmp_path.parent.glob(".*partial")] == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_nothing_is_left_after_an_error(tmp_path: Path, error: type[BaseException]) -> None:
    with suppress(error), atomic_directory(tmp_path / "a" / "b") as place:
        (place / "x").write_text("half")
        raise error
    with suppress(error), atomic_file(tmp_path / "c" / "d.txt") as path:
        path.write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    for text in ("one", "two"):
        with atomic_file(target) as path:
            path.write_text(text)
        assert target.read_text() == text
    assert [path.name for path in target.parent.iterdir()] == ["a.txt"]


def test_wrong_kinds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="found:   a file"), atomic_directory(tmp_path / "file"):
        pass
    with pytest.raises(InputError, match="found:   a directory"), atomic_file(tmp_path):
        pass
    with pytest.raises(InputError, match="inside the file"), atomic_directory(tmp_path / "file" / "under"):
        pass


def test_place_that_takes_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *arguments: False)
    with pytest.raises(InputError, match="takes no files"), atomic_directory(tmp_path / "a"):
        pass


def test_full_disk(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_directory(tmp_path / "a"):
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_interrupt_during_the_move_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    replace = Path.replace

    def interrupted(path: Path, target: Path) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    interrupts = 0
    try:
        with atomic_directory(tmp_path / "out") as place:
            for name in "abc":
                (place / name).write_text(name)
    except KeyboardInterrupt:
        interrupts += 1
    assert interrupts == 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a", "b", "c"}
