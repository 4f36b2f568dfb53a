"""The estimators of one event, by the names of `readout.method`: made of the lines of `readout.registry`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from carlemanc.readout import registry
from carlemanc.readout.estimators.estimator import Estimator


def _made(line: str) -> Estimator:
    module, name = line.split(":")
    made: Any = getattr(import_module(module), name)
    estimator: Estimator = made()
    return estimator


ESTIMATORS: dict[str, Estimator] = {name: _made(line) for name, line in registry.ESTIMATORS.items()}
