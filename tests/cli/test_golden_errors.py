"""Every offending spec of tests/golden/errors gives exactly the message of its .err file, and status 2.

`CARLEMANC_UPDATE_GOLDEN=1 pytest tests/cli/test_golden_errors.py` rewrites the messages; read the difference.
"""

import os
from pathlib import Path

import pytest

from carlemanc.cli._app import main

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "errors"


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.toml")))
def test_message(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(GOLDEN)
    before = sorted(GOLDEN.iterdir())
    status = main(["analyze", f"{name}.toml"])
    out, err = capsys.readouterr()
    expected = GOLDEN / f"{name}.err"
    if os.environ.get("CARLEMANC_UPDATE_GOLDEN"):
        expected.write_text(err, encoding="utf-8")
    else:
        assert sorted(GOLDEN.iterdir()) == before
    assert (status, out) == (2, "")
    assert err == expected.read_text(encoding="utf-8")


def test_every_message_has_its_spec() -> None:
    assert {path.stem for path in GOLDEN.glob("*.err")} == {path.stem for path in GOLDEN.glob("*.toml")}
