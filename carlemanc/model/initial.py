"""The weights that training starts from: a list, a .npy file, random numbers, a function, or a few nonzero ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.places import is_file
from carlemanc.model.array_file import ArrayFileError, finite_numbers, read_array
from carlemanc.model.sparse_tensor import EXACT_NORM_LIMIT
from carlemanc.model.starts.function_weights import function_weights
from carlemanc.model.starts.grammar import parse_start
from carlemanc.model.starts.tree import Refused
from carlemanc.model.weights import ARRAY_LIMIT, NormalWeights, Point, Weights, check_array_size

MAX_WEIGHTS = 2**28
"""Largest n for which one number a weight is held in memory (2 GB) or drawn (seconds)."""

_WHERE = "training.initial"
_FORMS = (
    'a list of n numbers, a .npy path, { normal = 0.1, seed = 7 }, { sparse = { "0" = 0.4 } } or '
    '{ function = "0.4*cos(2*pi*3*i/n)" }'
)


def initial_point(
    spec_value: Sequence[float] | str | Mapping[str, Any],
    n: int,
    base: Path,
    *,
    seed: int = 0,
    dims: tuple[int, ...] | None = None,
) -> Point:
    """Return theta(0) in a form that any n allows: sparse, huge normal and function starts are not written out.

    Args:
        spec_value: what the spec says; `normal` is `default_rng(seed).normal(0, normal, n)`.
        n: number of weights.
        base: directory of the spec, for a path.
        seed: of `normal` where it has none of its own.
        dims: extents of the lattice, which the indices of a function run along; (n,) if not given.

    Raises:
        InputError: wrong length, index out of range, file missing or not finite; a function that is not accepted, or
            that no short circuit is known for.
        TooLarge: a list of more than `ARRAY_LIMIT` weights, a draw of more than `MAX_WEIGHTS`.
    """
    if isinstance(spec_value, Mapping) and set(spec_value) == {"sparse"}:
        return _sparse(spec_value["sparse"], n)
    if isinstance(spec_value, Mapping) and "normal" in spec_value and set(spec_value) <= {"normal", "seed"}:
        own = spec_value.get("seed")
        return _normal(float(spec_value["normal"]), n, seed if own is None else own)
    if isinstance(spec_value, Mapping) and set(spec_value) == {"function"}:
        return _function(str(spec_value["function"]), dims or (n,))
    check_array_size(n)
    if isinstance(spec_value, str):
        return _checked(_read(spec_value, base), n)
    if isinstance(spec_value, Mapping):
        raise _refused(f"a table with {', '.join(map(str, spec_value)) or 'nothing'}", _FORMS)
    return _checked(np.array(list(spec_value), dtype=np.float64), n)


def _normal(deviation: float, n: int, seed: int) -> Point:
    if n > MAX_WEIGHTS:
        raise TooLarge(
            "the vector of initial weights",
            size=f"{n:,} numbers",
            limit=f"{MAX_WEIGHTS:,}",
            instead='Lower model.n, or start from a few sites: { sparse = { "0" = 0.4 } }.',
        )
    if n > ARRAY_LIMIT:
        return NormalWeights(n=n, deviation=deviation, seed=seed)
    return _checked(np.random.default_rng(seed).normal(0.0, deviation, n), n)


def _function(text: str, dims: tuple[int, ...]) -> Point:
    try:
        return function_weights(text, parse_start(text), dims)
    except Refused as error:
        where = f"{_WHERE}.function"
        problem = Problem(where=where, found=error.found, allowed=error.allowed, help=error.help)
        raise InputError("The initial weights cannot be used.", [problem]) from None


def _read(name: str, base: Path) -> FloatArray:
    path = base / name
    if path.suffix.lower() != ".npy" or not is_file(path):
        raise _refused(f"{name!r}", "an existing .npy file, relative to the spec")
    try:
        return finite_numbers(read_array(path), name)
    except ArrayFileError as error:
        raise _refused(str(error), "an .npy file of finite real numbers") from None


def _sparse(entries: Mapping[str, float], n: int) -> Point:
    wrong = [key for key in entries if not (str(key).isdecimal() and int(key) < n)]
    if wrong:
        problems = [_problem(f"the index {key!r}", f'"0" to "{n - 1}"') for key in wrong]
        raise InputError("The initial weights cannot be used.", problems)
    point = Weights.sparse(n, {int(key): float(value) for key, value in entries.items()})
    _checked(point.values, len(point.values))
    return point if n > EXACT_NORM_LIMIT else point.as_array()


def _checked(weights: FloatArray, n: int) -> FloatArray:
    if weights.shape != (n,):
        shape = f"{len(weights)} numbers" if weights.ndim == 1 else f"an array of shape {weights.shape}"
        raise _refused(shape, f"{n} numbers, one for each weight")
    if not np.all(np.isfinite(weights)):
        raise _refused("NaN or infinity", "finite numbers")
    return weights


def _problem(found: str, allowed: str) -> Problem:
    return Problem(where=_WHERE, found=found, allowed=allowed)


def _refused(found: str, allowed: str) -> InputError:
    return InputError("The initial weights cannot be used.", [_problem(found, allowed)])
