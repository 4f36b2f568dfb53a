"""The written-out spec is a spec, sets what it was given, and names every key with its true default."""

import re
import tomllib
from typing import Any

import pytest
from pydantic import BaseModel

from carlemanc.spec import ModelSpec, load_spec
from carlemanc.spec.commented import commented_spec, toml_value
from carlemanc.spec.examples import example_names
from carlemanc.spec.problems import tables_in

LINE = re.compile(r"^# ([a-z_]+) = (.*?) +# ", re.MULTILINE)


def given(name: str) -> dict[str, Any]:
    return load_spec(name).to_dict()


def sections(text: str) -> dict[str, str]:
    """The text of each table, its comment marks included."""
    parts = re.split(r"^(?:# )?\[([a-z]+)\]", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", example_names())
def test_the_text_is_the_spec_it_was_made_from(name: str) -> None:
    tables = given(name)
    text = commented_spec(tables)
    assert {key: value for key, value in tomllib.loads(text).items() if value} == tables


def test_every_key_of_the_schema_is_there_with_its_default() -> None:
    found = sections(commented_spec(given("quartic-pair")))
    for table, info in ModelSpec.model_fields.items():
        for schema in tables_in(info.annotation):
            shown = dict(LINE.findall(found[table]))
            for key, field in schema.model_fields.items():
                assert re.search(rf"^(?:# )?{key} = ", found[table], re.MULTILINE), f"{table}.{key}"
                if key in shown and not field.is_required() and field.default is not None:
                    value = tomllib.loads(f"value = {shown[key]}")["value"]
                    assert value == field.get_default(call_default_factory=True), f"{table}.{key}"


def all_tables(table: type[BaseModel]) -> set[type[BaseModel]]:
    inner = {found for info in table.model_fields.values() for found in tables_in(info.annotation)}
    return {table, *(deep for found in inner for deep in all_tables(found))}


@pytest.mark.parametrize("table", sorted(all_tables(ModelSpec), key=lambda table: table.__name__))
def test_every_key_has_a_meaning_and_a_rule(table: type[BaseModel]) -> None:
    for key, info in table.model_fields.items():
        assert info.title, f"{table.__name__}.{key}: Field(title=...) is its one-line meaning"
        assert info.description, f"{table.__name__}.{key}: Field(description=...) is its rule"
        assert "\n" not in info.title


def test_examples_of_keys_without_default_are_taken() -> None:
    """A key that is shown with an example, uncommented, passes its own rule."""
    for table, info in ModelSpec.model_fields.items():
        for schema in tables_in(info.annotation):
            for key, field in schema.model_fields.items():
                if field.is_required() or field.default is None:
                    assert field.examples or table == "schedule", f"{table}.{key}: Field(examples=[...])"
                for example in field.examples or ():
                    values = {
                        name: other.examples[0]
                        for name, other in schema.model_fields.items()
                        if other.is_required() and other.examples
                    }
                    schema.model_validate({**values, key: example})


@pytest.mark.parametrize(
    "value",
    [
        True,
        3,
        -0.5,
        1e-300,
        'a "quoted" \\ text\n\t\x7f é',
        [1, [2.5, "x"]],
        {"0": 0.4, "a b": {"c": []}},
        {},
    ],
)
def test_values_read_back(value: Any) -> None:
    assert tomllib.loads(f"value = {toml_value(value)}")["value"] == value
