"""The JSON documents of results: what each kind of word puts in, and that every class names attributes it has."""

import importlib
import json
import pkgutil
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.core.document import Document, _entries
from carlemanc.core.json_text import json_text, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner(Document):
    degree: int
    curve: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer(Document):
    steps: int
    plan: Inner | None
    reason: str | None = None
    by_order: Any = None

    KEYS = "T=steps twice plan degree=plan.degree queries.L=steps queries.more.*=plan reason? by_order"

    @property
    def twice(self) -> int:
        return 2 * self.steps


def test_fields_in_their_order() -> None:
    assert (
        json.dumps(Inner(degree=3, curve=(1.0, float("inf"))).to_json())
        == '{"degree": 3, "curve": [1.0, null]}'
    )


def test_words() -> None:
    found = Outer(steps=2, plan=Inner(degree=3), reason="none", by_order={1: np.float64(2.0)}).to_json()
    inner = {"degree": 3, "curve": []}
    stated = {
        "T": 2,
        "twice": 4,
        "plan": inner,
        "degree": 3,
        "queries": {"L": 2, "more": inner},
        "reason": "none",
        "by_order": {"1": 2.0},
    }
    assert json.dumps(found) == json.dumps(stated)  # the order as well


def test_what_is_not_there() -> None:
    class Short(Outer):
        KEYS = "plan degree=plan.degree reason? by_order"

    assert Short(steps=2, plan=None).to_json() == {"plan": None, "degree": None, "by_order": None}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(1, 4), 0.25),
        (Fraction(10**400), None),
        (10**400, 10**400),
        (np.arange(2), [0, 1]),
        (np.int64(3), 3),
        (float("nan"), None),
        ({2: (Inner(degree=1),)}, {"2": [{"degree": 1, "curve": []}]}),
    ],
    ids=repr,
)
def test_values(value: Any, shown: Any) -> None:
    assert plain(value) == shown
    assert json.loads(json_text({"value": value}))["value"] == shown


def every_document() -> list[type[Document]]:
    for module in pkgutil.walk_packages(carlemanc.__path__, "carlemanc."):
        if ".models." not in module.name and not module.name.endswith(("__main__", "_torch")):
            importlib.import_module(module.name)
    found, left = [], [Document]
    while left:
        below = [kind for kind in left.pop().__subclasses__() if kind.__module__.startswith("carlemanc.")]
        found += below
        left += below
    return found


def test_every_word_names_an_attribute() -> None:
    kinds = every_document()
    assert len(kinds) > 5
    for kind in kinds:
        known = {*dir(kind), *(item.name for item in fields(kind))}  # type: ignore[arg-type]
        for _, key, path, _ in _entries(kind.KEYS):
            assert path[0] in known, f"{kind.__name__}: {key}"
