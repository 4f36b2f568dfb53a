"""A training as data: the map of every step, where it starts, and what was put in."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.network.scheduled import NetworkTraining
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.vocabulary import Vocabulary
from carlemanc.model.weights import Point


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Training:
    """What a spec trains: the steps, where they start, and what they were made from."""

    origin: str
    """Where it is described, for messages: the file of the spec."""
    sequence: MapSequence
    """The map of every step, noise included."""
    start: Point
    """theta(0)."""
    batches: tuple[PolynomialMap, ...]
    """The map of each batch that T steps reach, without noise; one map where all data is one batch."""
    rows: tuple[tuple[int, int], ...]
    """First row and last row + 1 of each of these batches; empty where the spec gives no batch_size."""
    batch_count: int
    """P, the number of batches of the data."""
    noise: FloatArray | None
    """xi, (T, n), or None where there is none."""
    addresses: IntArray | None = None
    """The original address of each weight of the maps, where the model is pruned to its survivors."""
    is_pruned: bool = False
    """Whether some weights are frozen, so that the maps are not those of the loss as it is written."""
    network: NetworkTraining | None = None
    """Gradient descent on the network itself, where the spec has one."""
    vocabulary: Vocabulary | None = None
    """What observables may name; None of a training that was not made from a spec."""
