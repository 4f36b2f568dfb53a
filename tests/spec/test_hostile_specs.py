"""Whatever nested dictionary, override or text comes in: a spec or an InputError comes out, nothing else."""

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from carlemanc.core.errors import InputError
from carlemanc.spec import ModelSpec, load_spec
from carlemanc.spec.quantities import Table
from carlemanc.spec.toml_text import parse_toml

TABLES = tuple(ModelSpec.model_fields)
KEYS = sorted({key for table in Table.__subclasses__() for key in table.model_fields})
WORDS = st.sampled_from(
    ["theta[0]**2", "sklearn:diabetes", "exact", "auto", "zero", "hhl", "x.npy", "\0", ""]
)
SCALARS = st.one_of(
    st.integers(),
    st.floats(),
    st.booleans(),
    WORDS,
    st.text(max_size=8),
    st.dates(),
    st.none(),
    st.just(10**400),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from([*KEYS, "0", "1", "q"]), inner, max_size=4),
    ),
    max_leaves=12,
)
SPECS = st.dictionaries(
    st.sampled_from([*TABLES, "lost"]),
    st.one_of(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6), VALUES),
    max_size=6,
)


@settings(deadline=None, max_examples=300)
@given(SPECS)
def test_any_tables(tables: dict[str, Any]) -> None:
    with contextlib.suppress(InputError):
        spec = ModelSpec.from_dict(tables)
        assert ModelSpec.from_dict(spec.to_dict()) == spec


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.one_of(st.text(max_size=20), st.tuples(st.sampled_from(KEYS), VALUES).map(str)), max_size=3)
)
def test_any_overrides(overrides: list[str]) -> None:
    with contextlib.suppress(InputError):
        load_spec("quartic-pair", overrides)


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet='[]{}="\n.#ab1 \\', max_size=40))
def test_any_text(text: str) -> None:
    with contextlib.suppress(InputError):
        parse_toml(text, "text")


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="theta[]()+-*/,. 0123Sumijn_'\"\\", max_size=40))
def test_any_expression(text: str) -> None:
    tables = {
        "loss": {"expression": text},
        "model": {"n": 2},
        "training": {"learning_rate": 1, "steps": 1, "initial": [1, 2]},
    }
    with contextlib.suppress(InputError):
        ModelSpec.from_dict(tables)
