"""One map, taken as a sequence of equal steps: the short forms that most tests use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.carleman import (
    CarlemanSystem,
    Regime,
    TruncationCertificate,
    certify_sequence,
    choose_sequence_gamma,
    classify_sequence,
    linearize_sequence,
    measured_sequence_errors,
    sequence_sizes,
)
from carlemanc.carleman.certificate import sequence_error
from carlemanc.carleman.majorant import sequence_majorant
from carlemanc.carleman.map_norms import MapNorms
from carlemanc.linear_system import HistorySystem
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.polynomial_map import PolynomialMap


def linearize(map: PolynomialMap, **options: Any) -> CarlemanSystem:
    return linearize_sequence(MapSequence.constant(map, 0), **options)[0]


def certify(map: PolynomialMap, *, steps: int, **options: Any) -> TruncationCertificate:
    return certify_sequence(MapSequence.constant(map, steps), **options)


def classify(map: PolynomialMap, u_in: npt.ArrayLike, steps: int) -> Regime:
    return classify_sequence(MapSequence.constant(map, steps), u_in)


def choose_gamma(map: PolynomialMap, u_in: npt.ArrayLike, order: int, steps: int) -> float:
    return choose_sequence_gamma(MapSequence.constant(map, steps), u_in, order)


def trajectory_sizes(
    map: PolynomialMap, u_in: npt.ArrayLike, steps: int, **options: Any
) -> npt.NDArray[np.float64]:
    return sequence_sizes(MapSequence.constant(map, steps), u_in, **options)


def measured_truncation_errors(
    map: PolynomialMap, u_in: npt.ArrayLike, steps: int, orders: tuple[int, ...], **options: Any
) -> dict[int, float]:
    return measured_sequence_errors(MapSequence.constant(map, steps), u_in, orders, **options)


def truncation_bound(g: Sequence[float], x0: float, steps: int, order: int) -> float:
    """The certified error after some steps from the norms g_l = ||G_l|| and ||u(0)|| alone."""
    norms = MapNorms(kind="2", steps=tuple(map(float, g)), linear_factor=1.0 + g[1])
    schedule = (0,) * steps
    return sequence_error([norms], schedule, sequence_majorant([norms.steps] * steps, x0), order)


def uniform_history(*, carleman: CarlemanSystem, steps: int, **options: Any) -> HistorySystem:
    return HistorySystem(systems=(carleman,), schedule=(0,) * steps, **options)
