"""What can be said about `[map]` from its text alone: a file or a shape, and a shape that some map can have."""

from __future__ import annotations

from collections.abc import Iterator

from carlemanc.core.errors import Problem
from carlemanc.spec.problems import shown
from carlemanc.spec.written import Written

_ABSENT = ("data", "model.sparsity", "model.mask", "training.noise")


def check_map(spec: Written) -> Iterator[Problem]:
    """Yield the problems between the keys of `[map]`."""
    table = spec.table("map")
    if table is None:
        return
    given = [key for key in ("file", "shape") if key in table]
    if len(given) != 1:
        found = " and ".join(given) or "neither file nor shape"
        yield spec.problem("map", found, "exactly one of file and shape")
    if spec.table("map.shape") is not None:
        yield from _beside(spec)
        yield from _norms(spec)
        yield from _counts(spec)


def _beside(spec: Written) -> Iterator[Problem]:
    if "model.n" not in spec:
        yield spec.problem("model.n", "nothing", "an integer, at least 1: the number of weights")
    for key in _ABSENT:
        value = spec.get(key, 0)
        if value != 0:
            allowed = (
                "no such key: a shape has no entries to change; model.n counts the weights that are left"
            )
            yield spec.problem(key, f"{shown(value)} beside map.shape", allowed)
    center = spec.get("training.center", "zero")
    if center != "zero":
        allowed = '"zero": the norms of a shape are those about its center'
        yield spec.problem("training.center", f"{shown(center)} beside map.shape", allowed)


def _norms(spec: Written) -> Iterator[Problem]:
    first, rows = spec.number("map.shape.norms[0]"), spec.number("map.shape.linear_row_sum")
    if first == 0:
        yield spec.problem("map.shape.norms[0]", "0", "a number above 0: ||I + F_1||")
    if first is not None and rows is not None and rows < first:
        found = f"{rows}, and norms[0] = {first}"
        allowed = "at least ||I + F_1||, which no symmetric matrix of smaller row sums has"
        yield spec.problem("map.shape.linear_row_sum", found, allowed)


def _counts(spec: Written) -> Iterator[Problem]:
    n = spec.integer("model.n")
    for key in ("row_nonzeros", "linear_row_nonzeros", "column_nonzeros"):
        value = spec.integer(f"map.shape.{key}")
        if n is not None and value is not None and value > n:
            yield spec.problem(f"map.shape.{key}", str(value), f"at most model.n = {n}")
