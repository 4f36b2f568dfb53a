"""What Python, `help` and type checkers see of the package: every command as a function with its own signature."""

import inspect
import tomllib
import typing

import pytest

import carlemanc
from carlemanc.cli._verbs import VERBS
from carlemanc.spec.commented import commented_spec

FUNCTIONS = [name for name in carlemanc.__all__ if inspect.isfunction(getattr(carlemanc, name))]
SPEC_VERBS = set(VERBS) - {"examples", "init", "report", "schema"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_returns(name: str) -> None:
    function = getattr(carlemanc, name)
    parameters = inspect.signature(function).parameters
    hints = typing.get_type_hints(function)
    loose = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    assert not loose & {parameter.kind for parameter in parameters.values()}
    assert {*parameters, "return"} == set(hints)
    assert typing.Any not in hints.values()
    assert function.__module__.startswith("carlemanc.")
    told = str(inspect.getdoc(function))
    assert [parameter for parameter in parameters if parameter not in told] == []


def test_every_command_is_a_function() -> None:
    assert set(VERBS) <= set(FUNCTIONS)


@pytest.mark.parametrize("verb", sorted(SPEC_VERBS))
def test_a_command_takes_overrides(verb: str) -> None:
    parameters = inspect.signature(getattr(carlemanc, verb)).parameters
    assert next(iter(parameters)) in ("spec", "source")
    assert parameters["overrides"].kind is inspect.Parameter.KEYWORD_ONLY


def test_init_and_schema() -> None:
    tables = tomllib.loads(carlemanc.init(example="logistic-map-scalar", overrides=["training.steps=9"]))
    known = carlemanc.load_spec("logistic-map-scalar", ["training.steps=9"]).to_dict()
    assert {key: table for key, table in tables.items() if table} | {"name": known["name"]} == known
    assert carlemanc.init() == commented_spec(
        {key: value for key, value in carlemanc.load_spec("quartic-pair").to_dict().items() if key != "name"}
    )
    assert set(tables) <= set(carlemanc.schema()["properties"])
