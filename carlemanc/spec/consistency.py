"""What no single key can know: one source, files that exist, lengths that fit, names the loss may use.

Every check reads the tables as they were written and keeps silent about values whose type is wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from carlemanc.core.errors import Problem
from carlemanc.core.places import is_file
from carlemanc.spec.expression_check import check_expression, check_observables
from carlemanc.spec.network_check import check_network
from carlemanc.spec.problems import Origin, shown
from carlemanc.spec.start_check import check_start
from carlemanc.spec.written import Written

SOURCES = ("loss", "network", "map", "system")
_START = (
    'a list of n numbers, a .npy file, { normal = 0.1, seed = 7 }, { sparse = { "0" = 0.4 } } or '
    '{ function = "0.4*cos(2*pi*3*i/n)" }'
)
_FILES = {
    "map.file": (".npz",),
    "system.matrix": (".npz",),
    "training.initial": (".npy",),
    "model.mask": (".npy",),
    "system.rhs": (".npy",),
}
"""Keys whose text names a file, in the order of the report, and its kinds."""


def cross_check(tables: object, origin: Origin) -> list[Problem]:
    """Return the problems between keys, in the order of the tables."""
    if not isinstance(tables, Mapping):
        return []
    checks = (
        _one_source,
        _alone,
        _needs,
        _dims,
        _needs_data,
        _pruning,
        check_expression,
        check_start,
        check_observables,
        check_network,
        check_map,
        _files,
        _lengths,
    )
    spec = Written(tables, origin)
    return [problem for check in checks for problem in check(spec)]


def _one_source(spec: Written) -> Iterator[Problem]:
    given = [name for name in SOURCES if name in spec]
    if len(given) == 1:
        return
    found = " and ".join(f"[{name}]" for name in given) or "none of them"
    allowed = "exactly one of [loss], [network], [map], [system]"
    if given:
        yield spec.problem(given[-1], found, allowed)
    else:
        advice = 'begin with [loss] and expression = "..."'
        yield Problem(where=spec.origin.label, found=found, allowed=allowed, help=advice)


def _alone(spec: Written) -> Iterator[Problem]:
    """A linear system has nothing to derive, train or linearize."""
    for table in ("model", "data", "training", "carleman", "schedule") if "system" in spec else ():
        if spec.get(table, None):
            allowed = "[system], [solver], [compile] and [readout]: the system is solved as it is"
            yield spec.problem(table, f"a table [{table}] beside [system]", allowed)


def _needs(spec: Written) -> Iterator[Problem]:
    if "training" not in spec and "system" not in spec:
        allowed = "a table with learning_rate, steps and initial"
        yield spec.problem("training", "nothing", allowed, "only a [system] has no training")
    training = spec.table("training")
    if training is not None and "initial" not in training and spec.text("network.module") is None:
        yield spec.problem("training.initial", "nothing", _START)
    if "loss" not in spec and "network" not in spec:
        return
    if "loss" in spec and "model.n" not in spec and "model.dims" not in spec:
        yield spec.problem("model.n", "nothing", "an integer, at least 1: the number of weights")
    if training is not None and "learning_rate" not in training:
        yield spec.problem("training.learning_rate", "nothing", "a number above 0")


def _dims(spec: Written) -> Iterator[Problem]:
    dims, n = spec.dims, spec.integer("model.n")
    if dims is None:
        return
    written = shown(list(dims))
    if n is not None and n != math.prod(dims):
        found = f"{n}, and model.dims = {written} has {math.prod(dims)} sites"
        yield spec.problem("model.n", found, "model.dims alone, or model.n equal to its product")
    if "loss" not in spec:
        allowed = "a lattice beside [loss], whose expression writes theta[i, j]"
        yield spec.problem("model.dims", written, allowed)


def _needs_data(spec: Written) -> Iterator[Problem]:
    if spec.table("data") is not None:
        return
    for key, asked in (
        ("training.batch_size", spec.integer("training.batch_size") is not None),
        ("training.shuffle", spec.get("training.shuffle") is True),
    ):
        if asked:
            yield spec.problem(
                key,
                f"{shown(spec.get(key))}, and the spec has no [data]",
                "batches and their order beside a table [data]",
                "leave the key out for full-batch gradient descent",
            )


def _pruning(spec: Written) -> Iterator[Problem]:
    if "model.sparsity" in spec and "model.mask" in spec:
        allowed = "one of them: a fraction of the largest weights, or a mask"
        yield spec.problem("model.mask", "a mask, and model.sparsity as well", allowed)


def _files(spec: Written) -> Iterator[Problem]:
    source = spec.text("data.source")
    if source is not None and source.startswith("sklearn:"):
        if not re.fullmatch(r"sklearn:[a-z_0-9]+", source):
            allowed = '"sklearn:NAME" with the name of a data set of scikit-learn'
            yield spec.problem("data.source", shown(source), allowed)
    elif source is not None:
        yield from _file(spec, "data.source", source, (".csv", ".npz", ".npy", ".parquet"))
    for key, suffixes in _FILES.items():
        if (file := spec.text(key)) is not None:
            yield from _file(spec, key, file, suffixes)
    for name, value in (spec.table("loss.parameters") or {}).items():
        if isinstance(value, str):
            yield from _file(spec, f"loss.parameters.{name}", value, (".npy",))


def _file(spec: Written, key: str, name: str, suffixes: tuple[str, ...]) -> Iterator[Problem]:
    kinds = ", ".join(suffixes)
    if not name.lower().endswith(suffixes):
        yield spec.problem(key, shown(name), f"the name of a file of kind {kinds}")
    elif name not in spec.origin.held and not is_file(spec.origin.base / name):
        found, advice = (
            f"{shown(name)}, which is no file",
            "relative paths start from the directory of the spec",
        )
        yield spec.problem(key, found, f"an existing file of kind {kinds}", advice)


def _lengths(spec: Written) -> Iterator[Problem]:
    n = spec.weights if "network" not in spec else None  # n may then count the survivors
    size = "model.dims has sites" if "model.dims" in spec else "model.n"
    for key in ("training.initial",) if spec.is_pruned else ("training.initial", "training.center"):
        value = spec.get(key)
        if isinstance(value, list | tuple) and n is not None and len(value) != n:
            found = "1 number" if len(value) == 1 else f"{len(value)} numbers"
            yield spec.problem(key, found, f"{n}, as many as {size}")
    for index in spec.table("training.initial.sparse") or ():
        if not re.fullmatch(r"0|[1-9][0-9]{0,17}", str(index)) or (n is not None and int(index) >= n):
            bound = "n - 1" if n is None else str(n - 1)
            key = f'training.initial.sparse."{index}"'
            yield spec.problem(key, f"the index {shown(str(index))}", f"the index of a weight, 0 to {bound}")


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
