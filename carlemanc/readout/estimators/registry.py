"""The estimators of one event, by the names of `readout.method`: made of the lines of `readout.registry`."""

from __future__ import annotations

from carlemanc.core.lazy import loaded
from carlemanc.readout import registry
from carlemanc.readout.estimators.estimator import Estimator


def _made(line: str) -> Estimator:
    estimator: Estimator = loaded(line)()
    return estimator


ESTIMATORS: dict[str, Estimator] = {name: _made(line) for name, line in registry.ESTIMATORS.items()}
