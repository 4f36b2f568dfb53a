"""A sequence of maps: step t applies `maps[schedule[t]]`, as stochastic gradient descent does.

One map with the schedule (0, 0, ...) is plain gradient descent. Batches in a fixed cyclic order give one map
a batch; noise xi(t) added after step t enters F_0 of that step, so that every step has a map of its own,
which shares all other F_l with its batch (CONTRACT section 1, (c)).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import InternalError, TooLarge
from carlemanc.core.formula import Formula
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.sparse_tensor import SparseTensor

FLOPS = Formula(text="T nnz: nnz(F_l) (l + 1) flops for each F_l and step", status="derived here")
MAX_NOISE = 20_000_000
"""Largest number T n of noise values that is drawn."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MapSequence:
    """T steps, each by one of the maps; all have the same n and center.

    Attributes:
        maps: the distinct maps, at least one.
        schedule: (T,) for each step the position of its map.
    """

    maps: tuple[PolynomialMap, ...]
    schedule: tuple[int, ...]

    def __post_init__(self) -> None:
        first = self.maps[0]
        if any(item.n != first.n or not item.point.minus(first.point).is_zero for item in self.maps[1:]):
            raise InternalError("a sequence of maps with different n or centers")
        if self.schedule and not (min(self.schedule) >= 0 and max(self.schedule) < len(self.maps)):
            raise InternalError(f"a schedule beyond its {len(self.maps)} maps")

    @classmethod
    def constant(cls, polynomial_map: PolynomialMap, steps: int) -> MapSequence:
        """Return `steps` steps of one map."""
        return cls(maps=(polynomial_map,), schedule=(0,) * steps)

    @classmethod
    def cycle(cls, maps: tuple[PolynomialMap, ...], steps: int, *, period: int | None = None) -> MapSequence:
        """Return `steps` steps that take the maps in turn, over and over.

        `period`, by default the number of maps, may be larger where `steps` never get beyond the maps given.
        """
        return cls(maps=maps, schedule=tuple(step % (period or len(maps)) for step in range(steps)))

    def with_noise(self, noise: npt.ArrayLike) -> MapSequence:
        """Return the sequence with `noise[t]`, shape (T, n), added after step t: one map a step."""
        values = np.asarray(noise, dtype=np.float64)
        if values.shape != (self.steps, self.n):
            raise InternalError(f"noise of shape {values.shape} for {self.steps} steps of {self.n} weights")
        if not self.schedule:
            return self
        drives = [_constant_part(item) for item in self.maps]
        maps = tuple(
            _with_constant_part(self.maps[index], drives[index] + xi)
            for index, xi in zip(self.schedule, values, strict=True)
        )
        return MapSequence(maps=maps, schedule=tuple(range(self.steps)))

    @property
    def steps(self) -> int:
        """T."""
        return len(self.schedule)

    @property
    def n(self) -> int:
        """Number of weights."""
        return self.maps[0].n

    @property
    def center(self) -> FloatArray:
        """The expansion point theta_0 of all maps, (n,)."""
        return self.maps[0].center

    @property
    def degree(self) -> int:
        """The largest degree of any map."""
        return max(item.degree for item in self.maps)

    @property
    def degrees(self) -> tuple[int, ...]:
        """The degrees l at which some map has an F_l, ascending."""
        return tuple(sorted({degree for item in self.maps for degree in item.operators}))

    @cached_property
    def linear_part(self) -> MapSequence:
        """The steps with F_0 and F_1 alone; the sequence itself where it has no more."""
        if self.degree < 2:
            return self
        kept = [{degree: part for degree, part in item.operators.items() if degree < 2} for item in self.maps]
        maps = tuple(item.with_tensors(parts) for item, parts in zip(self.maps, kept, strict=True))
        return MapSequence(maps=maps, schedule=self.schedule)

    @property
    def is_constant(self) -> bool:
        """Whether there is one map only."""
        return len(self.maps) == 1

    @property
    def map(self) -> PolynomialMap:
        """The map where there is one only; several are an InternalError."""
        if not self.is_constant:
            raise InternalError(f"one map was asked for where there are {len(self.maps)}")
        return self.maps[0]

    @property
    def flops(self) -> int:
        """Floating-point operations of all T classical steps (`FLOPS`)."""
        per_map = [item.flops_per_step for item in self.maps]
        return sum(per_map[index] for index in self.schedule)

    def at(self, step: int) -> PolynomialMap:
        """Return the map of step `step`, which leads from u(step) to u(step + 1)."""
        return self.maps[self.schedule[step]]

    def iterate(self, u0: npt.ArrayLike) -> FloatArray:
        """Return u(0), ..., u(T), shape (T + 1, n)."""
        path = np.empty((self.steps + 1, self.n))
        path[0] = u0
        for step in range(self.steps):
            path[step + 1] = self.at(step).step(path[step])
        return path

    def fingerprint(self) -> str:
        """Return a SHA-256 of the maps and the schedule."""
        text = "|".join(item.fingerprint() for item in self.maps)
        return hashlib.sha256(f"map-sequence/1 {text} {self.schedule}".encode()).hexdigest()


def draw_noise(deviation: float, steps: int, n: int, seed: int) -> FloatArray:
    """Return xi, shape (T, n): `default_rng(seed).normal(0, deviation, (T, n))`.

    Raises TooLarge above `MAX_NOISE` values.
    """
    if steps * n > MAX_NOISE:
        raise TooLarge(
            "the noise of the training",
            size=f"{steps} steps of {n} weights",
            limit=f"{MAX_NOISE:,} values",
            instead="Set training.noise = 0, or take fewer steps or weights.",
        )
    return np.random.default_rng(seed).normal(0, deviation, (steps, n))


def _constant_part(polynomial_map: PolynomialMap) -> FloatArray:
    """Return F_0 as a vector, (n,)."""
    drive = polynomial_map.F(0)
    return np.zeros(polynomial_map.n) if drive is None else drive.apply(np.zeros(polynomial_map.n))


def _with_constant_part(polynomial_map: PolynomialMap, drive: FloatArray) -> PolynomialMap:
    """Return the map with another F_0, every other F_l the same object."""
    rows, known = np.flatnonzero(drive), polynomial_map.operators.get(0)
    tensor = SparseTensor.build(
        n=polynomial_map.n,
        degree=0,
        rows=rows,
        cols=np.zeros((len(rows), 0), dtype=np.int64),
        vals=drive[rows],
        lost=known.lost if isinstance(known, SparseTensor) else 0.0,
    )
    return polynomial_map.with_tensors({**polynomial_map.operators, 0: tensor})
