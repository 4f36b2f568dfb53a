"""What can be said about `[map]` from its text alone: a file or a shape, and a shape that some map can have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from carlemanc.core.errors import Problem
from carlemanc.spec.problems import Origin, shown
from carlemanc.spec.tables import MISSING, integer_at, lookup

_ABSENT = ("data", "model.sparsity", "model.mask", "training.noise")


def check_map(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    """Yield the problems between the keys of `[map]`."""
    table = tables.get("map")
    if not isinstance(table, Mapping):
        return
    given = [key for key in ("file", "shape") if key in table]
    if len(given) != 1:
        yield Problem(
            where=origin.where("map"),
            found=" and ".join(given) or "neither file nor shape",
            allowed="exactly one of file and shape",
        )
    if isinstance(shape := table.get("shape"), Mapping):
        yield from _beside(tables, origin)
        yield from _norms(shape, origin)
        yield from _counts(shape, integer_at(tables, "model.n"), origin)


def _beside(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    if lookup(tables, "model.n") is MISSING:
        yield Problem(
            where=origin.where("model.n"),
            found="nothing",
            allowed="an integer, at least 1: the number of weights",
        )
    for key in _ABSENT:
        value = lookup(tables, key)
        if value is not MISSING and value != 0:
            yield Problem(
                where=origin.where(key),
                found=f"{shown(value)} beside map.shape",
                allowed="no such key: a shape has no entries to change; model.n counts the weights that are left",
            )
    center = lookup(tables, "training.center")
    if center is not MISSING and center != "zero":
        yield Problem(
            where=origin.where("training.center"),
            found=f"{shown(center)} beside map.shape",
            allowed='"zero": the norms of a shape are those about its center',
        )


def _norms(shape: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    norms, rows = shape.get("norms"), shape.get("linear_row_sum")
    if not isinstance(norms, list | tuple) or not norms or not _is_number(norms[0]):
        return
    if norms[0] == 0:
        yield Problem(
            where=origin.where("map.shape.norms[0]"), found="0", allowed="a number above 0: ||I + F_1||"
        )
    if _is_number(rows) and rows < norms[0]:
        yield Problem(
            where=origin.where("map.shape.linear_row_sum"),
            found=f"{rows}, and norms[0] = {norms[0]}",
            allowed="at least ||I + F_1||, which no symmetric matrix of smaller row sums has",
        )


def _counts(shape: Mapping[str, Any], n: int | None, origin: Origin) -> Iterator[Problem]:
    if n is None:
        return
    for key in ("row_nonzeros", "linear_row_nonzeros", "column_nonzeros"):
        value = integer_at(shape, key)
        if value is not None and value > n:
            yield Problem(
                where=origin.where(f"map.shape.{key}"),
                found=str(value),
                allowed=f"at most model.n = {n}",
            )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf
