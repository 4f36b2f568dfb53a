"""Texts that are too deep, too long or too large are refused before they are parsed; ordinary ones never are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carlemanc.cli._app import main
from carlemanc.core.errors import InputError
from carlemanc.spec.examples import DIRECTORY
from carlemanc.spec.loading import load_spec
from carlemanc.spec.toml_text import MAX_DEPTH, excess, parse_value


def depth(value: Any) -> int:
    """Return how many tables and arrays are inside one another, by walking the parsed value."""
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(
        (depth(item) for item in (value.values() if isinstance(value, dict) else value)), default=0
    )


@pytest.mark.parametrize("path", sorted(DIRECTORY.glob("*.toml")), ids=lambda path: path.stem)
def test_examples_are_within_every_limit(path: Path) -> None:
    assert excess(path.read_text(encoding="utf-8")) is None


PIECES = st.sampled_from(
    [
        "a.b.c",
        "[t.u]",
        "[[v.w]]",
        " = ",
        "[1.5, 2.5]",
        "{x.y = [1], z = 2}",
        "\n",
        "'a.b.c'",
        '"\\".["',
        "# [[[.\n",
        "1",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_parses_is_measured_as_deep_as_it_is(text: str) -> None:
    """A text that is not refused is no deeper than allowed, and one of ordinary depth is not refused."""
    assert excess(text) is None
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert depth(parsed) <= MAX_DEPTH + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (".".join("a" * 50_000) + " = 1\n", "nested more than 32 deep"),
        (f"[{'.'.join('a' * 50_000)}]\n", "nested more than 32 deep"),
        (f"  [[{'.'.join('a' * 20)}]]\n{'.'.join('b' * 20)} = 1\n", "nested more than 32 deep"),
        ("a = " + "[" * 3000 + "]" * 3000, "nested more than 32 deep"),
        ("a = " + "{b = " * 3000, "nested more than 32 deep"),
        ("a = " + "{b.c.d.e = " * 12, "nested more than 32 deep"),
        ("a = " + "9" * 5000, "5,000 characters"),
        ("a = 0x" + "f" * 8000, "8,002 characters"),
        ("k" * 401 + " = 1", "401 characters"),
        ("# " + "x" * 2_000_000, "at most 2,000,000"),
    ],
)
def test_texts_beyond_a_limit(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "s.toml").write_text(text)
    with pytest.raises(InputError, match=said):
        load_spec(tmp_path / "s.toml")


def test_strings_may_be_long_and_hold_brackets() -> None:
    assert excess(f'a = "{"[" * 5000}"') is None
    assert excess(f"a = '''{'[.' * 5000}'''\nb = 1") is None
    assert parse_value('"' + "[" * 500 + '"') == "[" * 500


@pytest.mark.parametrize(
    "override",
    [
        "model.n=" + "9" * 5000,
        "model.n=0x" + "f" * 5000,
        "model.n=" + "[" * 3000,
        ".".join("a" * 4000) + "=1",
    ],
)
def test_overrides_beyond_a_limit(override: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "quartic-pair", "--set", override]) == 2
    error = capsys.readouterr().err
    assert len(error) < 1_000
    assert "--set" in error


def test_a_message_tells_the_first_problems_and_counts_the_others(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("".join(f"k{number} = 1\n" for number in range(5000)))
    with pytest.raises(InputError) as caught:
        load_spec(tmp_path / "s.toml")
    assert len(caught.value.problems) > 5000
    assert f"and {len(caught.value.problems) - 20:,} more" in str(caught.value)
    assert len(str(caught.value)) < 10_000
