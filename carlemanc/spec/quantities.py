"""The strict scalar types of the schema: no coercion of strings or booleans, no infinities, no NaN.

Every table derives from `Table`: frozen, unknown keys refused. A field's `description` is its rule in words;
the error report prints it as "allowed".
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
NonNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
Fraction = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1e-100, lt=1)]
"""A share or a precision; its square is no rounding to 0."""
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=1)]
"""A part of something, or all of it."""
Whole = Annotated[int, Field(strict=True, ge=0)]
Count = Annotated[int, Field(strict=True, ge=1)]
Switch = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=100_000)]


class Table(BaseModel):
    """Base of every table of the spec."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=False)


def kind(value: object) -> str:
    """Return the union tag of a value: `"text"`, `"list"`, `"table"` or `"number"`.

    Tagging a union by the type of what was written keeps one error per value instead of one per alternative.
    """
    if isinstance(value, str):
        return "@text"
    if isinstance(value, list | tuple):
        return "@list"
    if isinstance(value, dict):
        return "@table"
    return "@number"
