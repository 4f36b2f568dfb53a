"""A sealed file and a checked line are used as they were written, or not at all."""

import io
import random
from pathlib import Path

import numpy as np
import pytest

from carlemanc.core.checked_lines import checked_line, row_of
from carlemanc.core.sealed import read_sealed, sealed, unsealed


def archive() -> bytes:
    content = io.BytesIO()
    np.savez(content, a=np.arange(40.0), b=np.array("text"))
    return content.getvalue()


def test_every_flipped_byte_and_every_cut_is_found() -> None:
    whole = sealed(archive())
    assert unsealed(whole) == archive()
    draw = random.Random(0)
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << draw.randrange(8)
        assert unsealed(bytes(flipped)) is None
        assert unsealed(whole[:place]) is None
    assert unsealed(whole + b"\n") is None
    assert unsealed(archive()) is None


def test_numpy_reads_through_the_seal() -> None:
    with np.load(io.BytesIO(sealed(archive()))) as found:
        assert np.array_equal(found["a"], np.arange(40.0))
        assert str(found["b"]) == "text"


def test_what_is_damaged_is_set_aside_and_said(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    assert read_sealed(path, "x") is None
    path.write_bytes(sealed(b"abc"))
    assert read_sealed(path, "x") == b"abc"
    path.write_bytes(b"abc")
    with pytest.warns(
        UserWarning, match=r"c\.npz is damaged and is set aside as c\.npz\.damaged: it starts anew"
    ):
        assert read_sealed(path, "it starts anew") is None
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"c.npz.damaged": b"abc"}


def test_every_flipped_byte_of_a_line_is_found_or_changes_nothing() -> None:
    row = {
        "digest": "a1",
        "t": 3**60,
        "x": 0.1,
        "text": "naïve",
        "none": None,
        "list": [1, {"k": True}],
    }
    line = checked_line(row)
    assert row_of(line) == row
    assert row_of(checked_line(row | {"text": "\udcff"})) == row | {"text": "\udcff"}
    draw = random.Random(0)
    kept = 0
    for place in range(len(line) - 1):
        flipped = bytearray(line)
        flipped[place] ^= 1 << draw.randrange(8)
        found = row_of(bytes(flipped))
        if found is not None:  # the key of the check itself: the row is as it was, with an unknown key more
            kept += 1
            assert {key: found[key] for key in row} == row
    assert kept <= len("check")


@pytest.mark.parametrize("line", [b"[1]", b"{}", b'{"digest": 1}', b"", b"nul", b"\xff", b"[" * 100_000])
def test_other_lines_are_no_rows(line: bytes) -> None:
    assert row_of(line) is None
