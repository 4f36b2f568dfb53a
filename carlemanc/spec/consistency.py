"""What no single key can know: one source, files that exist, lengths that fit, names the loss may use.

Every check reads the raw tables and keeps silent about values whose type is wrong (the schema reports those),
so all problems of a spec come out in one report.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from carlemanc.core.errors import Problem
from carlemanc.core.places import is_file
from carlemanc.spec.expression_check import check_expression
from carlemanc.spec.network_check import check_network
from carlemanc.spec.problems import Origin, shown
from carlemanc.spec.shape_check import check_map
from carlemanc.spec.tables import MISSING, dims_at, integer_at, lookup, table_at, text_at, weight_count

SOURCES = ("loss", "network", "map", "system")
_START = 'a list of n numbers, a .npy file, { normal = 0.1, seed = 7 } or { sparse = { "0" = 0.4 } }'
_DATA_SUFFIXES = (".csv", ".npz", ".npy", ".parquet")


def cross_check(tables: Any, origin: Origin) -> list[Problem]:
    """Return the problems between keys, in the order of the tables."""
    if not isinstance(tables, Mapping):
        return []
    return [
        *_one_source(tables, origin),
        *_alone(tables, origin),
        *_needs(tables, origin),
        *_dims(tables, origin),
        *_needs_data(tables, origin),
        *_pruning(tables, origin),
        *check_expression(tables, origin),
        *check_network(tables, origin),
        *check_map(tables, origin),
        *_files(tables, origin),
        *_lengths(tables, origin),
    ]


def _one_source(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    given = [name for name in SOURCES if name in tables]
    if len(given) == 1:
        return
    found = " and ".join(f"[{name}]" for name in given) or "none of them"
    allowed = "exactly one of [loss], [network], [map], [system]"
    advice = "" if given else 'begin with [loss] and expression = "..."'
    yield Problem(
        where=origin.where(given[-1]) if given else origin.label, found=found, allowed=allowed, help=advice
    )


def _alone(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    """A linear system has nothing to derive, train or linearize."""
    for table in ("model", "data", "training", "carleman", "schedule") if "system" in tables else ():
        if tables.get(table):
            yield Problem(
                where=origin.where(table),
                found=f"a table [{table}] beside [system]",
                allowed="[system], [solver], [compile] and [readout]: the system is solved as it is",
            )


def _needs(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    training = lookup(tables, "training")
    if training is MISSING and "system" not in tables:
        yield Problem(
            where=origin.where("training"),
            found="nothing",
            allowed="a table with learning_rate, steps and initial",
            help="only a [system] has no training",
        )
    if (
        isinstance(training, Mapping)
        and "initial" not in training
        and text_at(tables, "network.module") is None
    ):
        yield Problem(where=origin.where("training.initial"), found="nothing", allowed=_START)
    if "loss" not in tables and "network" not in tables:
        return
    counted = lookup(tables, "model.n") is not MISSING or lookup(tables, "model.dims") is not MISSING
    if "loss" in tables and not counted:
        yield Problem(
            where=origin.where("model.n"),
            found="nothing",
            allowed="an integer, at least 1: the number of weights",
        )
    if isinstance(training, Mapping) and "learning_rate" not in training:
        yield Problem(
            where=origin.where("training.learning_rate"), found="nothing", allowed="a number above 0"
        )


def _dims(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    dims, n = dims_at(tables), integer_at(tables, "model.n")
    if dims is None:
        return
    if n is not None and n != math.prod(dims):
        yield Problem(
            where=origin.where("model.n"),
            found=f"{n}, and model.dims = {shown(list(dims))} has {math.prod(dims)} sites",
            allowed="model.dims alone, or model.n equal to its product",
        )
    if "loss" not in tables:
        yield Problem(
            where=origin.where("model.dims"),
            found=shown(list(dims)),
            allowed="a lattice beside [loss], whose expression writes theta[i, j]",
        )


def _needs_data(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    if isinstance(lookup(tables, "data"), Mapping):
        return
    for key, asked in (
        ("training.batch_size", integer_at(tables, "training.batch_size") is not None),
        ("training.shuffle", lookup(tables, "training.shuffle") is True),
    ):
        if asked:
            yield Problem(
                where=origin.where(key),
                found=f"{shown(lookup(tables, key))}, and the spec has no [data]",
                allowed="batches and their order beside a table [data]",
                help="leave the key out for full-batch gradient descent",
            )


def _pruning(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    if lookup(tables, "model.sparsity") is not MISSING and lookup(tables, "model.mask") is not MISSING:
        yield Problem(
            where=origin.where("model.mask"),
            found="a mask, and model.sparsity as well",
            allowed="one of them: a fraction of the largest weights, or a mask",
        )


def _files(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    source = text_at(tables, "data.source")
    if source is not None and source.startswith("sklearn:"):
        if not re.fullmatch(r"sklearn:[a-z_0-9]+", source):
            allowed = '"sklearn:NAME" with the name of a data set of scikit-learn'
            yield Problem(where=origin.where("data.source"), found=shown(source), allowed=allowed)
    elif source is not None:
        yield from _file("data.source", source, _DATA_SUFFIXES, origin)
    if (file := text_at(tables, "map.file")) is not None:
        yield from _file("map.file", file, (".npz",), origin)
    if (file := text_at(tables, "system.matrix")) is not None:
        yield from _file("system.matrix", file, (".npz",), origin)
    for key in ("training.initial", "model.mask", "system.rhs"):
        if (file := text_at(tables, key)) is not None:
            yield from _file(key, file, (".npy",), origin)
    for name, value in table_at(tables, "loss.parameters").items():
        if isinstance(value, str):
            yield from _file(f"loss.parameters.{name}", value, (".npy",), origin)


def _file(key: str, name: str, suffixes: tuple[str, ...], origin: Origin) -> Iterator[Problem]:
    kinds = ", ".join(suffixes)
    if not name.lower().endswith(suffixes):
        yield Problem(
            where=origin.where(key), found=shown(name), allowed=f"the name of a file of kind {kinds}"
        )
        return
    if not is_file(origin.base / name):
        yield Problem(
            where=origin.where(key),
            found=f"{shown(name)}, which is no file",
            allowed=f"an existing file of kind {kinds}",
            help="relative paths start from the directory of the spec",
        )


def _lengths(tables: Mapping[str, Any], origin: Origin) -> Iterator[Problem]:
    n = weight_count(tables) if "network" not in tables else None  # n may then count the survivors
    pruned = lookup(tables, "model.sparsity") is not MISSING or lookup(tables, "model.mask") is not MISSING
    for key in ("training.initial", "training.center"):
        value = lookup(tables, key)
        size = "model.n" if lookup(tables, "model.dims") is MISSING else "model.dims has sites"
        if key == "training.center" and pruned:
            continue  # may count the survivors
        if isinstance(value, list | tuple) and n is not None and len(value) != n:
            found = "1 number" if len(value) == 1 else f"{len(value)} numbers"
            yield Problem(where=origin.where(key), found=found, allowed=f"{n}, as many as {size}")
    for index in table_at(tables, "training.initial.sparse"):
        if not re.fullmatch(r"0|[1-9][0-9]{0,17}", str(index)) or (n is not None and int(index) >= n):
            bound = "n - 1" if n is None else str(n - 1)
            yield Problem(
                where=origin.where(f'training.initial.sparse."{index}"'),
                found=f"the index {shown(str(index))}",
                allowed=f"the index of a weight, 0 to {bound}",
            )
