"""A key whose values are the names in a registry: what joins the registry later is known to the specs checked then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True)
class OneOf:
    """Annotates `str`: one of the names that `names()` gives when a spec is checked, or one that `more()` gives.

    `more` takes longer, and is asked only where a name is not among the first, or all names are wanted.
    """

    names: Callable[[], tuple[str, ...]]
    more: Callable[[], Iterable[str]] = tuple

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check a string against the names."""
        return core_schema.no_info_after_validator_function(
            self._checked, core_schema.str_schema(strict=True)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """State the names of now."""
        return {"enum": [*self.names(), *self.more()], "type": "string"}

    def _checked(self, value: str) -> str:
        if value not in self.names() and value not in self.more():
            raise PydanticCustomError("literal_error", "not one of the names that are known")
        return value


def listed(names: tuple[str, ...]) -> str:
    """Return names as a rule says them: "a", "b" or "c"."""
    *before, last = (f'"{name}"' for name in names)
    return f"{', '.join(before)} or {last}" if before else last
