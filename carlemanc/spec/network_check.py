"""What can be said about `[network]` from its text alone: layers or a module, and approximations that fit."""

from __future__ import annotations

from collections.abc import Iterator

from carlemanc.core.errors import Problem
from carlemanc.model.network.registry import ACTIVATIONS, LOSSES
from carlemanc.spec.problems import shown
from carlemanc.spec.written import Written, is_number

_EXAMPLE = 'approximation = { degree = 5, interval = [-2, 2], kind = "chebyshev" }'
MAX_DEGREE = 40
_MAX_END = 1e6


def check_network(spec: Written) -> Iterator[Problem]:
    """Yield the problems between the keys of `[network]`."""
    if spec.table("network") is None:
        return
    if spec.table("data") is None:
        yield spec.problem("network", "no table [data]", "a network beside a table [data]")
    yield from _one_description(spec)
    for number in range(len(spec.items("network.layers"))):
        yield from _activation(spec, f"network.layers[{number}]")
    if "network.layers" in spec and "network.approximation" in spec:
        allowed = f"in each layer whose activation is no polynomial: {_EXAMPLE}"
        yield spec.problem("network.approximation", "one approximation beside layers", allowed)
    yield from _approximation(spec, "network.approximation")
    yield from _logistic(spec)


def _one_description(spec: Written) -> Iterator[Problem]:
    given = [key for key in ("layers", "module") if f"network.{key}" in spec]
    if len(given) != 1:
        found = " and ".join(given) or "neither layers nor module"
        yield spec.problem("network", found, "exactly one of layers and module")
    if spec.get("network.layers") in ([], ()):
        yield spec.problem("network.layers", "no layer", "at least one layer")


def _activation(spec: Written, layer: str) -> Iterator[Problem]:
    if spec.table(layer) is None:
        return
    key = f"{layer}.approximation"
    name, given = spec.get(f"{layer}.activation", "identity"), key in spec
    known = ACTIVATIONS.get(name) if isinstance(name, str) else None
    if known and known.is_polynomial and given:
        yield spec.problem(key, f"an approximation of {name}", "none: it is a polynomial")
    elif known and not known.is_polynomial and not given:
        yield spec.problem(layer, f"{name} without an approximation", f"{name} with {_EXAMPLE}")
    else:
        yield from _approximation(spec, key)


def _approximation(spec: Written, key: str) -> Iterator[Problem]:
    if spec.table(key) is None:
        return
    kind, degree = spec.get(f"{key}.kind", "chebyshev"), spec.integer(f"{key}.degree")
    if degree is not None and degree > MAX_DEGREE:
        yield spec.problem(f"{key}.degree", str(degree), f"an integer, 1 to {MAX_DEGREE}")
    place = f"{key}.interval"
    interval = spec.get(place)
    if kind == "taylor" and place in spec:
        yield spec.problem(place, shown(interval), "no interval for taylor: it expands about the center")
    elif kind in ("chebyshev", "minimax") and place not in spec:
        yield spec.problem(place, "nothing", "two numbers [low, high], low < high")
    elif _is_pair(interval) and not -_MAX_END <= interval[0] < interval[1] <= _MAX_END:
        yield spec.problem(place, shown(interval), "two numbers [low, high] with -1e6 <= low < high <= 1e6")


def _logistic(spec: Written) -> Iterator[Problem]:
    key, loss = "network.loss_approximation", spec.get("network.loss", "mse")
    known = LOSSES.get(loss) if isinstance(loss, str) else None
    if known and not known.function and key in spec:
        yield spec.problem(key, f"an approximation of {loss}", "none: it is a polynomial")
    elif known and known.function and "network.layers" in spec and key not in spec:
        allowed = f"{loss} with loss_{_EXAMPLE}"
        yield spec.problem("network.loss", f"{loss} without an approximation", allowed)
    else:
        yield from _approximation(spec, key)


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(is_number(end) for end in value)
