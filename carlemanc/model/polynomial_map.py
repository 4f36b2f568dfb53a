"""The gradient-descent map about a center: u(t+1) = G(u) = u + sum_l F_l u^(x)l with u = theta - center.

`F_l u^(x)l = -(eta/l!) grad^{l+1} L(center)[u^(x)l, .]` for a loss (THEORY section 1); a `[map]` file gives
F_l as it is. Everything downstream of the model, from the Carleman matrix to the circuit, starts from this
object. F_l is a list of entries (`SparseTensor`), or stencils with entries beside them (`LatticeTensor`);
both take the same operations, and `tensors` writes stencils out where n is small enough. A `ShapedTensor` has
norms and counts alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import FloatArray, IntArray
from carlemanc.core.errors import InternalError
from carlemanc.model.lattice.sites import Lattice
from carlemanc.model.lattice.stencil_sum import ENTRY_LIMIT
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.on_demand import OnDemand
from carlemanc.model.shaped_tensor import ShapedTensor, no_entries_known
from carlemanc.model.sparse_tensor import EXACT_NORM_LIMIT, SparseTensor, no_entries
from carlemanc.model.weights import ARRAY_LIMIT, Weights

Operator = SparseTensor | LatticeTensor | ShapedTensor
"""F_l, in whichever form."""
_WRITTEN_STEP = 2**14
"""Up to this n a step uses the written-out entries."""


def written_out(operator: Operator) -> SparseTensor:
    """Return an operator entry by entry. Raises TooLarge where there are too many, InputError where none is known."""
    if isinstance(operator, ShapedTensor):
        raise no_entries_known("its entries are asked for")
    return operator if isinstance(operator, SparseTensor) else operator.explicit


@dataclass(frozen=True, kw_only=True, eq=False, init=False)
class PolynomialMap:
    """A polynomial map of n weights.

    Attributes:
        n: number of weights.
        point: the expansion point theta_0, in a form that any n allows.
        operators: degree l -> F_l; a zero F_l is absent.
        learning_rate: eta, already inside every F_l (1.0 for a map file).
        source: where the map comes from, in words.
        samples: (A, n), vectors that F_l may be sums of outer products of (`sample_sum` tells); or None.
        lost: degree l -> norm of what was set to zero of an F_l that has no entry left (`dropped` has all).
    """

    n: int
    point: Weights = field(init=False)
    operators: Mapping[int, Operator] = field(init=False)
    learning_rate: float
    source: str
    samples: FloatArray | None = field(init=False, repr=False)
    lost: Mapping[int, float] = field(init=False, repr=False)

    def __init__(
        self,
        *,
        n: int,
        center: npt.ArrayLike | Weights,
        tensors: Mapping[int, Operator] | Mapping[int, SparseTensor],
        learning_rate: float,
        source: str,
        samples: FloatArray | None = None,
        lost: Mapping[int, float] | None = None,
    ) -> None:
        point = center if isinstance(center, Weights) else Weights.of(center)
        if point.n != n:
            raise InternalError(f"a center of {point.n} numbers for {n} weights")
        given = tensors.given if isinstance(tensors, OnDemand) else tensors
        present: dict[int, Operator] = {
            degree: given[degree] for degree in sorted(given) if given[degree].nnz
        }
        for degree, tensor in present.items():
            if (tensor.n, tensor.degree) != (n, degree):
                raise InternalError(f"F_{degree} has n = {tensor.n} and degree {tensor.degree}")
        vanished = dict(lost or {})
        for degree in given.keys() - present.keys():
            vanished[degree] = vanished.get(degree, 0.0) + given[degree].lost
        values = {
            "n": n,
            "point": point,
            "operators": MappingProxyType(present),
            "learning_rate": learning_rate,
            "source": source,
            "samples": samples,
            "lost": MappingProxyType({degree: value for degree, value in vanished.items() if value}),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def with_tensors(self, tensors: Mapping[int, Operator] | Mapping[int, SparseTensor]) -> PolynomialMap:
        """Return the map with other F_l about the same center."""
        return PolynomialMap(
            n=self.n,
            center=self.point,
            tensors=tensors,
            learning_rate=self.learning_rate,
            source=self.source,
            samples=self.samples,
            lost=self.lost,
        )

    @property
    def dropped(self) -> dict[int, float]:
        """Degree l -> bound of the spectral norm of what was set to zero in F_l, and in I + F_1; no zeros."""
        found = dict(self.lost)
        for degree, operator in self.steps_by_degree.items():
            found[degree] = found.get(degree, 0.0) + operator.lost
        return {degree: value for degree, value in sorted(found.items()) if value}

    @cached_property
    def center(self) -> FloatArray:
        """The expansion point as an array, (n,), read-only. Raises TooLarge for millions of weights."""
        return self.point.as_array()

    @cached_property
    def tensors(self) -> Mapping[int, SparseTensor]:
        """F_l by degree, entry by entry; reading a lattice's raises TooLarge where it has too many."""
        return OnDemand(self.operators, written_out)

    @property
    def lattice(self) -> Lattice | None:
        """The lattice of the weights, where some F_l is given by stencils."""
        found = [item.lattice for item in self.operators.values() if isinstance(item, LatticeTensor)]
        return found[0] if found else None

    @property
    def _any_lattice(self) -> Lattice:
        return self.lattice or Lattice(dims=(self.n,), periodic=True)

    def lattice_operators(self) -> list[LatticeTensor]:
        """Return every operator as stencils with entries beside them."""
        lattice = self._any_lattice
        return [
            item
            if isinstance(item, LatticeTensor)
            else LatticeTensor(lattice=lattice, degree=item.degree, stencils=(), entries=written_out(item))
            for item in self.operators.values()
        ]

    @property
    def is_listed(self) -> bool:
        """Whether norms and Carleman steps use the entries themselves: no stencils, or few weights."""
        return not self.is_shaped and (
            self.n <= EXACT_NORM_LIMIT or (self.lattice is None and self.n <= ENTRY_LIMIT)
        )

    @property
    def is_shaped(self) -> bool:
        """Whether some F_l is known by its shape alone: the map can be counted, and not applied."""
        return any(isinstance(item, ShapedTensor) for item in self.operators.values())

    @property
    def degree(self) -> int:
        """q, the largest l with F_l present, at least 1 (G always has its identity)."""
        return max(1, *self.operators) if self.operators else 1

    @property
    def is_exact(self) -> bool:
        """Whether every coefficient is known as a rational number."""
        return all(
            item.is_exact if isinstance(item, LatticeTensor) else written_out(item).exact is not None
            for item in self.operators.values()
        )

    @property
    def nnz(self) -> int:
        """The number of coefficients of all F_l."""
        return sum(operator.nnz for operator in self.operators.values())

    @property
    def flops_per_step(self) -> int:
        """Floating-point operations of one classical step: l products and an addition for an entry of F_l."""
        return sum(operator.nnz * (operator.degree + 1) for operator in self.operators.values())

    def F(self, degree: int) -> SparseTensor | None:
        """Return F_l for l = `degree` entry by entry, or None where it is zero."""
        return self.tensors.get(degree)

    def G1(self) -> SparseTensor:
        """Return I + F_1 as one tensor of degree 1, entry by entry."""
        return written_out(self.linear())

    def linear(self) -> Operator:
        """Return I + F_1 as one operator, in the form that F_1 has."""
        return self._linear

    @cached_property
    def _linear(self) -> Operator:
        known = self.operators.get(1)
        if known is None and (self.lattice is not None or self.n > ENTRY_LIMIT):
            known = LatticeTensor.build(self._any_lattice, 1, [])
        return (no_entries(self.n, 1) if known is None else known).plus_identity()

    def step(self, u: FloatArray) -> FloatArray:
        """Return G(u), shape (n,); it may overflow to inf where the iteration diverges."""
        result = np.array(u, dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            for operator in self.operators.values():
                if isinstance(operator, LatticeTensor) and self.n > _WRITTEN_STEP:
                    result = result + operator.apply(u)
                else:
                    result = result + written_out(operator).apply(u)
        return result

    def step_sparse(self, u: Weights) -> Weights | None:
        """Return G(u) for weights that differ from a constant at few sites; None where G(u) is not of this form.

        The sites listed are those that could differ: every row that a listed site, or an explicit entry,
        reaches.
        """
        fill = u.fill
        reached: list[IntArray] = [u.sites]
        for operator in self.lattice_operators():
            added = operator.bulk(u.fill)
            if added is None:
                return None
            fill += added
            reached.append(operator.reach(u.sites))
        listed = np.sort(np.concatenate(reached), kind="stable")  # runs in order: faster than np.unique
        first = np.ones(len(listed), dtype=bool)
        np.not_equal(listed[1:], listed[:-1], out=first[1:])
        sites = listed[first]
        values = u.at(sites)
        with np.errstate(over="ignore", invalid="ignore"):
            for operator in self.lattice_operators():
                values = values + operator.values_at(sites, u.at)
        return Weights(n=self.n, fill=fill, sites=sites, values=values)

    def iterate(self, u0: FloatArray, steps: int) -> FloatArray:
        """Return u(0), ..., u(steps), shape (steps + 1, n)."""
        path = np.empty((steps + 1, self.n))
        path[0] = u0
        for t in range(steps):
            path[t + 1] = self.step(path[t])
        return path

    @property
    def steps_by_degree(self) -> dict[int, Operator]:
        """G_l by degree: every F_l, but I + F_1 for l = 1; a zero one is absent."""
        return {**self.operators, 1: self.linear()}

    @cached_property
    def norms(self) -> tuple[float, ...]:
        """g_l = ||G_l||_2 for l = 0..q with G_1 = I + F_1; bounds for large n (`norm2` of the operator)."""
        return self.measured_by_degree(lambda operator: operator.norm2)

    @cached_property
    def symmetric_norms(self) -> tuple[float, ...]:
        """||G_l Pi_sym||_2 for l = 0..q, which suffices for error bounds but not for kappa or alpha."""
        return self.measured_by_degree(lambda operator: operator.symmetric_norm2)

    def measured_by_degree(self, measure: Callable[[Operator], float]) -> tuple[float, ...]:
        """Return a measure of G_l for l = 0..q, 0 where it is zero."""
        steps = self.steps_by_degree
        return tuple(measure(steps[degree]) if degree in steps else 0.0 for degree in range(self.degree + 1))

    def fingerprint(self) -> str:
        """Return a SHA-256 of n, the center and every entry: equal maps have equal fingerprints."""
        digest = hashlib.sha256(f"polynomial-map/1 {self.n}".encode())
        if self.is_shaped:
            digest.update(repr(list(self.operators.values())).encode())
            return digest.hexdigest()
        if self.n > ARRAY_LIMIT or self.nnz > ENTRY_LIMIT:
            digest.update(repr(self.point.to_json()).encode())
            for item in self.lattice_operators():
                digest.update(f"{item.lattice} {item.degree}".encode())
                for stencil in item.stencils:
                    digest.update(f"{stencil.offsets} {stencil.box} {stencil.coefficient}".encode())
                    if stencil.profile is not None:
                        digest.update(stencil.profile.floats().tobytes())
                digest.update(item.entries.content)
            return digest.hexdigest()
        digest.update(self.center.tobytes())
        for degree, tensor in self.tensors.items():
            digest.update(f" F{degree} {tensor.nnz} ".encode())
            digest.update(tensor.content)
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON document of `derive` with every entry (CONTRACT section 2)."""
        return {
            "n": self.n,
            "degree": self.degree,
            "center": self.center.tolist(),
            "F": {str(degree): entries_json(tensor) for degree, tensor in self.tensors.items()},
        }


def entries_json(tensor: SparseTensor) -> list[list[Any]]:
    """Return `[[row, [cols...], value], ...]`."""
    listed = zip(tensor.rows.tolist(), tensor.cols.tolist(), tensor.vals.tolist(), strict=True)
    return [[row, cols, value] for row, cols, value in listed]
