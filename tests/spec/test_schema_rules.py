"""Each rule of the schema, from both sides: what is taken, what is refused and how the refusal reads."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from carlemanc.core.errors import InputError
from carlemanc.spec import ModelSpec

GOOD: dict[str, dict[str, Any]] = {
    "loss": {"expression": "theta[0]**2 + theta[1]**2"},
    "model": {"n": 2},
    "training": {"learning_rate": 0.1, "steps": 3, "initial": [0.5, 0.25]},
}


def with_key(table: str, key: str, value: Any) -> ModelSpec:
    tables = {name: dict(keys) for name, keys in GOOD.items()}
    tables.setdefault(table, {})[key] = value
    return ModelSpec.from_dict(tables)


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("loss", "boundary", "open"),
        ("training", "learning_rate", 1),
        ("training", "center", "initial"),
        ("training", "center", [0, 0.5]),
        ("training", "noise", 0),
        ("training", "shuffle", False),
        ("carleman", "order", 1),
        ("carleman", "corrections", 2),
        ("carleman", "rescaling", 0.5),
        ("carleman", "padding", 4),
        ("solver", "epsilon", 1e-9),
        ("solver", "amplification", False),
        ("compile", "ancilla_budget", 0),
        ("readout", "failure_probability", 0.5),
        ("model", "address", "original"),
        ("model", "sparsity", 1),
        ("model", "sparsity", 1e-300),
    ],
)
def test_accepted(table: str, key: str, value: Any) -> None:
    spec = with_key(table, key, value)
    stored = getattr(getattr(spec, table), key)
    assert stored == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("table", "key", "value", "rule"),
    [
        ("training", "learning_rate", 0, "a number above 0"),
        ("training", "learning_rate", "0.1", "a number above 0"),
        ("training", "learning_rate", float("nan"), "a number above 0"),
        ("training", "learning_rate", True, "a number above 0"),
        ("training", "steps", 0, "an integer, at least 1"),
        ("training", "steps", 2.0, "an integer, at least 1"),
        ("training", "center", "middle", '"zero", "initial" or a list'),
        ("training", "center", [0.0], "2, as many as model.n"),
        ("training", "initial", [0.5], "2, as many as model.n"),
        ("training", "initial", [0.5, float("inf")], "a list of n numbers"),
        ("training", "initial", {}, "a list of n numbers"),
        ("training", "initial", 3, "a list of n numbers"),
        ("training", "initial", {"normal": -1}, "a number above 0"),
        ("training", "initial", {"normal": 1, "sead": 3}, "normal, seed"),
        ("training", "initial", {"sparse": {"5": 1.0}}, "0 to 1"),
        ("training", "initial", {"sparse": {"-1": 1.0}}, "0 to 1"),
        ("training", "initial", {"sparse": {"0": "a"}}, "a table of numbers by index"),
        ("carleman", "order", -1, "an integer, at least 1"),
        ("carleman", "corrections", 0, '"exact", or an integer of at least 1'),
        ("carleman", "corrections", "all", '"exact", or an integer of at least 1'),
        ("carleman", "rescaling", 0, '"auto", "balanced" (by the rule of an inversion), or a number above 0'),
        ("carleman", "padding", -1, 'an integer, at least 0, "auto", or "balanced"'),
        ("solver", "method", "qsvd", '"qsvt", "lcu"'),
        ("solver", "epsilon", 0, "between 0 and 1"),
        ("loss", "boundary", "mirror", '"periodic" or "open"'),
        ("loss", "parameters", {"lam": True}, "a table of numbers or .npy files"),
        ("loss", "parameters", {"lam": "lam.txt"}, ".npy"),
        ("data", "source", "data.txt", ".csv, .npz, .npy, .parquet"),
        ("data", "source", "sklearn:../x", "sklearn:NAME"),
        ("model", "n", 0, "an integer, at least 1"),
        ("model", "address", "none", '"survivors" or "original"'),
        ("readout", "shots", -1, "an integer, at least 0"),
    ],
)
def test_refused(table: str, key: str, value: Any, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        with_key(table, key, value)
    places = [problem.where for problem in caught.value.problems]
    assert any(place.startswith(f"ModelSpec: {table}.{key}") for place in places)
    assert any(rule in problem.allowed for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("theta[i]**2", 'the name "i", which nothing defines'),
        ("Sum(theta[i], (i, 0, n-1)) + i*theta[0]", 'the name "i", which nothing defines'),
        ("lam*theta[0]", 'the name "lam", which nothing defines'),
        ("x[0, 0]*theta[0]", "x, y or m, and the spec has no [data]"),
        ("theta[0]/m", "x, y or m, and the spec has no [data]"),
        ("3 + n", "no theta"),
        ("lambda: theta[0]", None),
        ("theta[0] if theta[1] else 2", None),
        ("[theta[i] for i in theta]", None),
        ("().__class__.__bases__[0] + theta[0]", None),
        ("theta[0]@theta[1]", None),
        ("eval(theta[0])", "a call of 'eval'"),
        ("theta[0](1)", None),
        ("theta[0]**-1", None),
        ("1/theta[0]", None),
    ],
)
def test_expressions_refused(expression: str, found: str | None) -> None:
    with pytest.raises(InputError) as caught:
        with_key("loss", "expression", expression)
    problems = caught.value.problems
    assert all(problem.where.startswith("ModelSpec: loss.expression") for problem in problems)
    assert found is None or found in {problem.found for problem in problems}


def test_one_name_cannot_be_number_and_array() -> None:
    with pytest.raises(InputError, match=r"the expression writes \"J\[\.\.\.\]\""):
        ModelSpec.from_dict({**GOOD, "loss": {"expression": "J[0]*theta[0]", "parameters": {"J": 1.0}}})


def test_a_map_needs_no_learning_rate_and_no_n(tmp_path: Any) -> None:
    (tmp_path / "map.npz").touch()
    spec = ModelSpec(map={"file": str(tmp_path / "map.npz")}, training={"steps": 2, "initial": [0.5]})
    assert (spec.model.n, spec.training.learning_rate) == (None, None)


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every table inside an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _tables(part)


def _keys(schema: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of the schema, those of tables inside lists and unions by the names on the way."""
    for name, field in schema.model_fields.items():
        yield (*above, name)
        for table in _tables(field.annotation):
            yield from _keys(table, (*above, name))


_KEYS = sorted(set(_keys(ModelSpec)))
_WRONG: tuple[Any, ...] = (
    0, -1, 1.5, 10**30, float("nan"), True, None, "", "x", [], [[]], [None], [True, "x", -1], [{}], {},
    {"a": {}}, {"normal": "x"}, {"sparse": 3}, {"sparse": {"0": "a"}}, {"normal": 1, "sparse": {}},
)  # fmt: skip


@pytest.mark.parametrize("key", _KEYS, ids=".".join)
def test_a_problem_is_located_by_keys_as_they_are_written(key: tuple[str, ...]) -> None:
    """Whatever stands at whatever key, where it is refused only names that the spec may hold are said."""
    names = {name for path in _KEYS for name in path} | {"a", "0", "x", '"a"', '"0"', '"normal"', '"sparse"'}
    refused = 0
    for wrong in _WRONG:
        tables: dict[str, Any] = {name: dict(keys) for name, keys in GOOD.items()}
        inner = tables
        for part in key[:-1]:
            if not isinstance(inner.get(part), dict):
                inner[part] = {}
            inner = inner[part]
        inner[key[-1]] = wrong
        try:
            ModelSpec.from_dict(tables)
        except InputError as error:
            refused += 1
            for problem in error.problems:
                path = re.sub(r", column [0-9]+$", "", problem.where.removeprefix("ModelSpec: "))
                if path != "(the whole file)":
                    parts = re.sub(r"\[[0-9]+\]", "", path).split(".")
                    assert set(parts) <= names, (wrong, path)
    assert refused


@pytest.mark.parametrize("value", [0, -1, 1.5, "x", True, float("nan")], ids=str)
def test_a_value_that_no_form_takes_is_one_problem(value: Any) -> None:
    with pytest.raises(InputError) as caught:
        with_key("model", "sparsity", value)
    assert [problem.where for problem in caught.value.problems] == ["ModelSpec: model.sparsity"]
