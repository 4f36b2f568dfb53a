"""The JSON schema takes what `load_spec` takes, and refuses what a table by itself can refuse."""

import tomllib
from typing import Any

import jsonschema
import pytest

from carlemanc.spec.examples import packaged_examples
from carlemanc.spec.json_schema import json_schema

VALIDATOR = jsonschema.Draft202012Validator(json_schema())
GOOD: dict[str, Any] = {
    "loss": {"expression": "theta[0]**2"},
    "model": {"n": 1},
    "training": {"learning_rate": 0.1, "steps": 3, "initial": [0.5]},
}


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("text", [pytest.param(item.text, id=item.name) for item in packaged_examples()])
def test_the_examples_pass(text: str) -> None:
    VALIDATOR.validate(tomllib.loads(text))


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"dims": [2, 3]}},
        {"model": {"n": 2, "sparsity": 1}},
        {"model": {"n": 2, "sparsity": 0.25}},
        {"training": {"steps": 3, "initial": {"normal": 0.1, "seed": 3}}},
        {"training": {"steps": 3, "initial": {"sparse": {"0": 1.0}}}},
        {"training": {"steps": 3, "initial": "start.npy", "center": "initial", "batch_size": 4}},
        {"carleman": {"corrections": 2, "rescaling": 0.5, "padding": "auto"}},
        {"data": {"source": "a.csv", "features": ["a", "b"]}},
        {"solver": {"method": "hhl"}},
    ],
    ids=str,
)
def test_taken(change: dict[str, Any]) -> None:
    VALIDATOR.validate({**GOOD, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"map": {"file": "map.npz"}},
        {"model": {"m": 3}},
        {"model": {"n": None}},
        {"lost": {}},
        {"training": {"learning_rate": 0.1, "initial": [0.5]}},
        {"training": {"steps": 0, "initial": [0.5]}},
        {"training": {"steps": 3, "initial": {"normal": -1}}},
        {"carleman": {"corrections": "all"}},
        {"solver": {"method": "qsvd"}},
        {"solver": {"epsilon": 1.0}},
    ],
    ids=str,
)
def test_refused(change: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({**GOOD, **change})


def test_exactly_one_source() -> None:
    assert not VALIDATOR.is_valid({key: value for key, value in GOOD.items() if key != "loss"})


def test_nothing_is_null() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            assert node.get("type") != "null"
            assert "anyOf" not in node
            assert node.get("default", 0) is not None
            node = list(node.values())
        if isinstance(node, list):
            for item in node:
                walk(item)

    walk(json_schema())
