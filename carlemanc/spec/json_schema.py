"""The JSON schema of a spec, for editors and for programs that write specs.

Made from the tables themselves, so it cannot differ from what `load_spec` takes; TOML has no null, so an
optional key is one that may be absent. What stands between keys (lengths, names in the expression, files)
is checked by `load_spec` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carlemanc.spec.consistency import SOURCES
from carlemanc.spec.schema import ModelSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the schema of a spec as JSON-ready dictionaries: exactly one source, alternatives as oneOf.

    A key's `title` is its meaning, its `description` the rule that error messages print.
    """
    schema = _without_null(ModelSpec.model_json_schema())
    schema["title"] = "carlemanc model spec"
    schema["oneOf"] = [{"required": [source]} for source in SOURCES]
    return {"$schema": DIALECT, **schema}


def _without_null(node: object) -> Any:
    """Return the schema without null: no alternative, no default."""
    if isinstance(node, list):
        return [_without_null(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    plain = {
        key: _without_null(value) for key, value in node.items() if not (key == "default" and value is None)
    }
    alternatives = plain.pop("anyOf", None)
    if alternatives is None:
        return plain
    present = [item for item in alternatives if item != {"type": "null"}]
    if len(present) == 1:
        return {**present[0], **plain}
    return {**plain, "oneOf": present}
