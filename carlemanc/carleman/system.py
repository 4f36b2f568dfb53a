"""The truncated discrete Carleman system y(t+1) = B y(t) + c of a polynomial map, in units of gamma.

In: a `PolynomialMap` u -> u + sum F_l u^(x)l, an order N, a rescaling gamma, optionally a number of
corrections. Out: a frozen description from which everything else is computed on demand; nothing of size n^2
or more is formed unless asked for. y_j = (u/gamma)^(x)j, B^j_k gets gamma^(k-j), c_j = (F_0/gamma)^(x)j
(THEORY 2.1, 5.4). Kept levels: those that can act on level 1. All of 1..N in general; odd ones only if F_0
= 0 and no even F_l acts; level 1 alone if the map is affine (higher levels would never be read). `order` is
the highest kept level, which gives the same iterate as the order asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from carlemanc.carleman.explicit_step import assemble, count_entries
from carlemanc.carleman.flattening import balance
from carlemanc.carleman.map_norms import key_without_drive
from carlemanc.carleman.step import StepOperator, plan_work, step_operator
from carlemanc.core.arrays import Vector
from carlemanc.core.errors import TooLarge
from carlemanc.model.lattice.slot_order import in_slot_order
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.map_sequence import MapSequence
from carlemanc.model.on_demand import OnDemand
from carlemanc.model.polynomial_map import Operator, PolynomialMap, written_out
from carlemanc.model.sample_sum import spread_where_samples_win
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import Point, Weights, check_array_size

Product = Callable[[Vector], Vector]
STORED_ENTRIES = 2_000_000
"""Up to this many entries B is stored and multiplied as a matrix."""
UNSPLIT_ENTRIES = 256
"""Up to this many entries F_l is one table, whose cost all orders of a column would only raise."""
MAX_DIMENSION = 100_000_000
"""Largest packed vector (sum of n^j) that is ever formed: 800 MB."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CarlemanSystem:
    """B and c of `map` truncated at `order`, in units of `gamma`; made by `linearize_sequence`.

    `shares_with` is a system of the same sequence whose map has the same F_l except F_0: tensors are taken from it.
    """

    map: PolynomialMap
    order: int
    gamma: float
    corrections: int | None
    levels: tuple[int, ...]
    shares_with: CarlemanSystem | None = field(default=None, repr=False)
    is_alone: bool = True
    """Whether every step has this map: only then can a circuit use its sample structure."""
    step_tensors: Mapping[int, SparseTensor] = field(init=False, repr=False)
    """G_l gamma^(l-1), l <= order, with G_1 = I + F_1 one operator and G_0 = F_0/gamma; absent if zero."""
    factor_tensors: Mapping[int, SparseTensor] = field(init=False, repr=False)
    """F_l gamma^(l-1), l <= order (so F_1 without the identity), in the same flattening; absent if zero."""
    step_operators: Mapping[int, Operator] = field(init=False, repr=False)
    """`step_tensors` in a form whose norms need no entries: stencils for a lattice of many weights."""
    factor_operators: Mapping[int, Operator] = field(init=False, repr=False)
    """`factor_tensors` in that form."""

    def __post_init__(self) -> None:
        known = {} if self.shares_with is None else self.shares_with.factor_operators
        given = self.map.tensors if self.map.is_listed else self.map.operators
        factors: dict[int, Operator] = {
            degree: known[degree]
            if degree and degree in known
            else self._flattened(given[degree].scale(self.gamma ** (degree - 1)))
            for degree in sorted(given)
            if degree <= self.order
        }
        steps = {degree: tensor for degree, tensor in factors.items() if degree != 1}
        linear = self.map.G1() if self.map.is_listed else self.map.linear()
        if self.shares_with is not None:
            linear = self.shares_with.step_operators.get(1, linear)
        if linear.nnz:
            steps[1] = linear
        self._store("factor", factors)
        self._store("step", dict(sorted(steps.items())))

    def _store(self, name: str, operators: dict[int, Operator]) -> None:
        listed = {degree: item for degree, item in operators.items() if isinstance(item, SparseTensor)}
        tensors = (
            MappingProxyType(listed)
            if len(listed) == len(operators)
            else OnDemand(operators, lambda operator: written_out(self._flattened(written_out(operator))))
        )
        object.__setattr__(self, f"{name}_operators", MappingProxyType(operators))
        object.__setattr__(self, f"{name}_tensors", tensors)

    def _flattened(self, operator: Operator) -> Operator:
        """Choose the slot of every column: by distance on a lattice, all orders where samples win, else balanced."""
        if not isinstance(operator, SparseTensor):
            return operator
        lattice = self.map.lattice
        if lattice is not None:
            return in_slot_order(operator, lattice)
        samples = self.map.samples if self.is_alone and operator.nnz > UNSPLIT_ENTRIES else None
        symmetric = None if samples is None else spread_where_samples_win(operator, samples)
        return balance(operator) if symmetric is None else symmetric

    @property
    def n(self) -> int:
        """Number of weights."""
        return self.map.n

    @property
    def is_driven(self) -> bool:
        """Whether F_0 is not zero."""
        return 0 in self.factor_tensors

    @property
    def dimension(self) -> int:
        """Length of a packed vector: the sum of n^j over the kept levels."""
        return sum(self.n**level for level in self.levels)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where each kept level begins in a packed vector."""
        sizes = [self.n**level for level in self.levels]
        return tuple(sum(sizes[:position]) for position in range(len(sizes)))

    def split(self, packed: Vector) -> list[Vector]:
        """Return views of the levels of a packed vector."""
        return [
            packed[start : start + self.n**level]
            for start, level in zip(self.offsets, self.levels, strict=True)
        ]

    def lift(self, u: npt.ArrayLike) -> Vector:
        """Return the packed lift ((u/gamma)^(x)j for every kept level j), slot 1 most significant."""
        return self._powers(np.asarray(u, dtype=np.float64) / self.gamma, self.order)

    def source(self) -> Vector:
        """Return packed c: (F_0/gamma)^(x)j, and 0 on levels above `corrections` where that is given."""
        highest = self.order if self.corrections is None else self.corrections
        return self._powers(self.constant_term(), highest)

    def constant_term(self) -> Vector:
        """Return F_0 / gamma as a vector, (n,)."""
        constant = np.zeros(self.n)
        if self.is_driven:
            tensor = self.factor_tensors[0]
            constant[tensor.rows] = tensor.vals
        return constant

    def constant_point(self) -> Point:
        """Return F_0 / gamma in a form that any n allows where it is sparse or uniform. Raises TooLarge elsewhere."""
        source = self.factor_operators.get(0)
        if source is None:
            return Weights.constant(self.n)
        if isinstance(source, LatticeTensor):
            if not source.entries.nnz and source.is_uniform:
                return Weights.constant(self.n, float(source.stencils[0].coefficient))
            if source.stencils:
                check_array_size(self.n)
                return self.constant_term()
            source = source.entries
        source = written_out(source)
        return Weights.sparse(self.n, dict(zip(source.rows.tolist(), source.vals.tolist(), strict=True)))

    def apply(self, y: Vector) -> Vector:
        """Return B y for a packed y, matrix-free. Raises TooLarge above `MAX_DIMENSION`."""
        return np.concatenate(self.operator.apply(self.split(y)))

    def apply_transposed(self, y: Vector) -> Vector:
        """Return B^T y for a packed y, matrix-free."""
        return np.concatenate(self.operator.apply_transposed(self.split(y)))

    @cached_property
    def operator(self) -> StepOperator:
        """The matrix-free step."""
        self._check_dimension()
        return step_operator(self.n, self.levels, self._encoded_factors(), self.corrections)

    def products(self, stored_entries: int = STORED_ENTRIES) -> tuple[Product, Product]:
        """Return y -> B y and y -> B^T y: by a stored matrix of so many entries at most, else matrix-free."""
        return self._stored if self.entries_bound <= stored_entries else (self.apply, self.apply_transposed)

    @cached_property
    def _stored(self) -> tuple[Product, Product]:
        matrix = self.to_sparse()
        transposed = matrix.T.tocsr()
        return (lambda y: matrix @ y), (lambda y: transposed @ y)

    def to_sparse(self) -> sp.csr_matrix:
        """Return B as csr in packed order; TooLarge where its entries would not fit."""
        self._check_dimension()
        return assemble(self.n, self.levels, self._encoded_factors(), self.corrections)

    @cached_property
    def entries_bound(self) -> int:
        """An upper bound of the number of stored entries of `to_sparse()`."""
        return count_entries(self.n, self.levels, self._encoded_factors(), self.corrections)

    def product_work(self, stored_entries: int = STORED_ENTRIES) -> int:
        """Return how many products of an entry with a number B y takes by `products(stored_entries)`."""
        entries = self.entries_bound
        if entries <= stored_entries:
            return entries
        sizes = {degree: int(tensor.vals.size) for degree, tensor in self._encoded_factors().items()}
        return plan_work(self.n, self.levels, sizes, self.corrections)

    def iterate(self, u0: npt.ArrayLike, steps: int) -> Vector:
        """Return the truncated Carleman iterate, shape (steps + 1, n), in units of u (center not added)."""
        return iterate_systems((self,), (0,) * steps, u0)

    def fingerprint(self) -> str:
        """Return a content hash of everything that decides B and c."""
        text = f"{self.map.fingerprint()}|{self.order}|{self.gamma!r}|{self.corrections}|{self.levels}"
        if self.map.samples is not None:  # they decide the flattening
            text += f"|{[tensor.nnz for tensor in self.factor_tensors.values()]}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _encoded_factors(self) -> Mapping[int, SparseTensor]:
        return self.step_tensors if self.corrections is None else self.factor_tensors

    def _powers(self, u: Vector, highest: int) -> Vector:
        self._check_dimension()
        packed, power = np.zeros(self.dimension), np.ones(1)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for level in range(1, self.order + 1):
                power = np.multiply.outer(power, u).reshape(-1)
                if level in self.levels and level <= highest:
                    start = self.offsets[self.levels.index(level)]
                    packed[start : start + power.size] = power
        return packed

    def _check_dimension(self) -> None:
        if self.dimension > MAX_DIMENSION:
            raise TooLarge(
                "the Carleman vector",
                size=f"n = {self.n}, order {self.order}: {self.dimension:.3g} amplitudes",
                limit=f"{MAX_DIMENSION:.1e}",
                instead="Bounds, circuits and counts do not form it.",
            )


def linearize_sequence(
    sequence: MapSequence, *, order: int, gamma: float, corrections: int | None = None
) -> tuple[CarlemanSystem, ...]:
    """Truncate the discrete Carleman linearization of every map at `order`, in units of `gamma`.

    All have the same levels, and equal F_l share a tensor. `corrections` = p keeps the products with at most p
    factors F (p = 1: continuous Carleman with Euler steps); None is the exact discrete matrix. Raises ValueError
    where order, gamma or corrections is out of range.
    """
    if order < 1 or not 0 < gamma < float("inf") or (corrections is not None and corrections < 1):
        raise ValueError(f"need order >= 1, gamma > 0, corrections >= 1: {order}, {gamma}, {corrections}")
    levels = kept_levels(sequence, order)
    first: dict[tuple[tuple[int, int], ...], CarlemanSystem] = {}
    systems = []
    for item in sequence.maps:
        system = CarlemanSystem(
            map=item,
            order=levels[-1],
            gamma=gamma,
            corrections=corrections,
            levels=levels,
            shares_with=first.get(key_without_drive(item)),
            is_alone=len(sequence.maps) == 1,
        )
        first.setdefault(key_without_drive(item), system)
        systems.append(system)
    return tuple(systems)


def iterate_systems(systems: Sequence[CarlemanSystem], schedule: Sequence[int], u0: npt.ArrayLike) -> Vector:
    """Return the truncated iterate of a sequence, shape (T + 1, n), in units of u (center not added)."""
    first = systems[0]
    limit = STORED_ENTRIES // len(systems)
    y = first.lift(u0)
    trajectory = np.empty((len(schedule) + 1, first.n))
    trajectory[0] = first.gamma * y[: first.n]
    for time, index in enumerate(schedule):
        step = systems[index].products(limit)[0]
        with np.errstate(over="ignore", invalid="ignore"):
            y = step(y)
            if systems[index].is_driven:
                y = y + systems[index].source()
        trajectory[time + 1] = first.gamma * y[: first.n]
    return trajectory


def kept_levels(maps: PolynomialMap | MapSequence, order: int) -> tuple[int, ...]:
    """Return the levels 1..order that can act on level 1 (all, odd ones, or level 1 alone).

    A sequence keeps every level that one of its maps needs.
    """
    found = maps.maps if isinstance(maps, MapSequence) else (maps,)
    acting = {
        degree
        for item in found
        for degree, tensor in item.operators.items()
        if degree <= order and tensor.nnz
    }
    if max(acting, default=0) < 2:
        return (1,)
    if all(degree % 2 for degree in acting):
        return tuple(range(1, order + 1, 2))
    return tuple(range(1, order + 1))
