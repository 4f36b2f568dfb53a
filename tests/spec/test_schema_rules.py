"""Each rule of the schema, from both sides: what is taken, what is refused and how the refusal reads."""

from typing import Any

import pytest

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
        ("carleman", "rescaling", 0, '"auto", or a number above 0'),
        ("carleman", "padding", -1, 'an integer, at least 0, or "auto"'),
        ("solver", "method", "qsvd", '"qsvt", "hhl"'),
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
