"""Output is there whole or not at all, and a directory keeps what was in it."""

import os
import signal
import socket
import stat
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from carlemanc.core.atomic_output import (
    atomic_directory,
    atomic_file,
    check_directory_place,
    check_file_place,
)
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


def test_a_place_that_refuses_in_spite_of_its_mode_is_found_before_the_work(tmp_path: Path) -> None:
    check_file_place(tmp_path / "a")
    check_directory_place(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    for check in (check_file_place, check_directory_place):
        with pytest.raises(InputError, match=r"found:   a place in .*, which takes no files"):
            check("/proc/carlemanc/a")


def test_full_disk(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_directory(tmp_path / "a"):
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_a_directory_is_named_by_its_place_at_the_end(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_directory(tmp_path / "a") as place, atomic_file(place / "x"):
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError) as caught:
        write()
    assert f"-o {tmp_path}/a/x\n" in str(caught.value)
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


def written(path: Path, text: str) -> None:
    with atomic_file(path) as place:
        place.write_text(text)


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, first, second = tmp_path / "there" / "a.txt", tmp_path / "first", tmp_path / "second"
    target.write_text("old")
    second.symlink_to("there/a.txt")
    first.symlink_to("second")
    written(first, "new")
    assert (first.is_symlink(), second.is_symlink(), target.is_symlink()) == (True, True, False)
    assert target.read_text() == "new"
    with atomic_directory(tmp_path) as place:
        (place / "first").write_text("newer")
    assert (first.is_symlink(), target.read_text()) == (True, "newer")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.txt", "first", "second", "there"]


def test_a_link_to_nothing_makes_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("there/a.txt")
    written(tmp_path / "link", "new")
    assert (tmp_path / "there" / "a.txt").read_text() == "new"
    (tmp_path / "folder").symlink_to("far")
    with atomic_directory(tmp_path / "folder") as place:
        (place / "x").write_text("1")
    assert (tmp_path / "folder").is_symlink()
    assert (tmp_path / "far" / "x").read_text() == "1"


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for atomic in (atomic_file, atomic_directory):
        with pytest.raises(InputError, match="Too many levels of symbolic links"), atomic(tmp_path / "a"):
            pass
    assert (tmp_path / "a").is_symlink()


def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    for mode in (0o600, 0o755, 0o640):
        target.write_text("old")
        target.chmod(mode)
        written(target, "new")
        assert stat.S_IMODE(target.stat().st_mode) == mode


def test_another_hard_link_keeps_the_old_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    written(tmp_path / "a", "new")
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("new", "old")


def test_a_device_stays_one() -> None:
    before = Path("/dev/null").stat()
    written(Path("/dev/null"), "anything")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert Path("/dev/null").stat().st_ino == before.st_ino
    with pytest.raises(InputError, match="No space left on device"):
        written(Path("/dev/full"), "anything")


def test_a_fifo_is_written_into(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    check_file_place(fifo)
    with pytest.raises(BlockingIOError):  # a writer is there and has said nothing yet: this is no end
        os.read(reader, 100)
    written(fifo, "through")
    assert (os.read(reader, 100), os.read(reader, 100)) == (b"through", b"")
    long = "x" * 1_000_000  # more than a pipe holds
    os.set_blocking(reader, True)
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.extend(iter(lambda: os.read(reader, 65_536), b"")))
    check_file_place(fifo)
    thread.start()
    written(fifo, long)
    thread.join(timeout=10)
    os.close(reader)
    assert b"".join(found) == long.encode()
    assert stat.S_ISFIFO(fifo.stat().st_mode)
    with pytest.raises(InputError, match="found:   a device"), atomic_directory(fifo):
        pass


def test_a_fifo_that_nobody_reads_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    fifo = tmp_path / "d" / "pipe"
    os.mkfifo(fifo)
    for attempt in (lambda: check_file_place(fifo), lambda: written(fifo, "never")):
        with pytest.raises(InputError, match="found:   a FIFO that nothing reads"):
            attempt()
    (tmp_path / "d" / "a").write_text("old")
    directory = atomic_directory(tmp_path / "d")
    made = directory.__enter__()
    (made / "a").write_text("new")
    (made / "pipe").write_text("never")
    with pytest.raises(InputError, match="a FIFO that nothing reads"):
        directory.__exit__(None, None, None)
    assert sorted(path.name for path in (tmp_path / "d").iterdir()) == ["a", "pipe"]
    assert (tmp_path / "d" / "a").read_text() == "old"


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        for atomic in (atomic_file, atomic_directory):
            with pytest.raises(InputError, match="found:   a socket"), atomic("s"):
                pass
    assert stat.S_ISSOCK(Path("s").stat().st_mode)


@pytest.mark.parametrize("atomic", [atomic_file, atomic_directory])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x" * 300, "File name too long"),
        ("new/" + "x" * 300, "a name of 300 bytes"),
        ("new/" + "\u00e9" * 130, "a name of 260 bytes"),
        ("a\0b", "no name of a file"),
        ("", "no name of a file"),
        ("/".join(["x" * 200] * 25), "File name too long"),
    ],
    ids=["long", "long-below", "long-in-bytes", "nul", "empty", "long-path"],
)
def test_names_that_no_file_system_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, atomic: Any, name: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said), atomic(name):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    target = tmp_path / os.fsdecode(b"a\xff.txt")
    written(target, "new")
    assert [os.fsencode(path.name) for path in tmp_path.iterdir()] == [b"a\xff.txt"]
    written(tmp_path / ("x" * 255), "new")
    assert (tmp_path / ("x" * 255)).read_text() == "new"


def test_a_directory_is_refused_before_anything_of_it_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").mkdir()

    def write() -> None:
        with atomic_directory(tmp_path) as place:
            (place / "a").write_text("new")
            (place / "b").write_text("new")

    with pytest.raises(InputError, match="found:   a directory"):
        write()
    assert (tmp_path / "a").read_text() == "old"


def test_a_link_to_another_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far = tmp_path / "far"
    far.mkdir()
    (far / "a").write_text("old")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").symlink_to(far / "a")
    replace = Path.replace

    def across(path: Path, target: Path) -> Path:
        if far not in path.parents and far in Path(target).parents:
            raise OSError(18, "Invalid cross-device link")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", across)
    with atomic_directory(tmp_path / "out") as place:
        (place / "a").write_text("new")
    assert ((far / "a").read_text(), (tmp_path / "out" / "a").is_symlink()) == ("new", True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "a", "far", "out"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_wish_to_end_during_the_move_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    replace = Path.replace
    asked: list[int] = []

    def interrupted(path: Path, target: Path) -> Path:
        os.kill(os.getpid(), number)
        assert asked == []
        return replace(path, target)

    previous = signal.signal(number, lambda found, frame: asked.append(found))
    monkeypatch.setattr(Path, "replace", interrupted)
    try:
        written(tmp_path / "a", "new")
    finally:
        signal.signal(number, previous)
    assert asked == [number]
    assert (tmp_path / "a").read_text() == "new"
