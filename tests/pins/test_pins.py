"""Whole documents of estimate, solvers, run and compile stay what they were.

They are over method x reading x readout x gate set x kind of spec, and are the golden results of these specs. Where one
differs on purpose, `python -m tests.pins` prints what, and `python -m tests.pins --write` pins it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from tests.pins.cases import LINES
from tests.pins.pinned import PLACE, computed, differences, read


@cache
def pinned() -> dict[str, Any]:
    return read()


@pytest.mark.filterwarnings("ignore:")
@pytest.mark.parametrize("line", LINES)
def test_a_document_stays(line: str) -> None:
    assert list(differences(computed(line), pinned()[line])) == []


def test_every_pinned_document_is_computed() -> None:
    assert list(pinned()) == list(LINES)
    assert PLACE.stat().st_size < 600_000


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"b": 1.0 + 1e-11, "a": [1, "x"]}, [": its keys stand in another order"]),
        ({"a": [1, "x"], "b": 1.0 + 1e-8}, [".b: computed 1.00000001, committed 1.0"]),
        ({"a": [2, "x"], "b": 1}, [".a[0]: computed 2, committed 1", ".b: computed 1, committed 1.0"]),
        ({"a": [1, "x"]}, [".b: only committed"]),
    ],
)
def test_what_differs_is_said(found: Any, said: list[str]) -> None:
    assert list(differences(found, {"a": [1, "x"], "b": 1.0})) == said
