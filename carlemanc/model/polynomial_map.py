"""The gradient-descent map about a center: u(t+1) = G(u) = u + sum_l F_l u^(x)l with u = theta - center.

`F_l u^(x)l = -(eta/l!) grad^{l+1} L(center)[u^(x)l, .]` for a loss (THEORY section 1); a `[map]` file gives
F_l as it is. Everything downstream of the model, from the Carleman matrix to the circuit, starts from this
object.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np

from carlemanc.core.errors import InternalError
from carlemanc.model.sparse_tensor import FloatArray, SparseTensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolynomialMap:
    """A polynomial map of n weights.

    Attributes:
        n: number of weights.
        center: (n,) float64, the expansion point theta_0.
        tensors: degree l -> F_l; a zero F_l is absent.
        learning_rate: eta, already inside every F_l (1.0 for a map file).
        source: where the map comes from, in words.
    """

    n: int
    center: FloatArray
    tensors: Mapping[int, SparseTensor]
    learning_rate: float
    source: str
    _memo: dict[str, tuple[float, ...]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        center = np.array(self.center, dtype=np.float64)
        if center.shape != (self.n,):
            raise InternalError(f"center of shape {center.shape} for {self.n} weights")
        center.flags.writeable = False
        present = {degree: tensor for degree, tensor in sorted(self.tensors.items()) if tensor.nnz}
        for degree, tensor in present.items():
            if (tensor.n, tensor.degree) != (self.n, degree):
                raise InternalError(f"F_{degree} has n = {tensor.n} and degree {tensor.degree}")
        object.__setattr__(self, "center", center)
        object.__setattr__(self, "tensors", MappingProxyType(present))

    @property
    def degree(self) -> int:
        """q, the largest l with F_l present, at least 1 (G always has its identity)."""
        return max(1, *self.tensors) if self.tensors else 1

    @property
    def is_exact(self) -> bool:
        """Whether every coefficient is known as a rational number."""
        return all(tensor.exact is not None for tensor in self.tensors.values())

    @property
    def nnz(self) -> int:
        """The number of coefficients of all F_l."""
        return sum(tensor.nnz for tensor in self.tensors.values())

    @property
    def flops_per_step(self) -> int:
        """Floating-point operations of one classical step: l products and an addition for an entry of F_l."""
        return sum(tensor.nnz * (tensor.degree + 1) for tensor in self.tensors.values())

    def F(self, degree: int) -> SparseTensor | None:
        """Return F_l for l = `degree`, or None where it is zero."""
        return self.tensors.get(degree)

    def G1(self) -> SparseTensor:
        """Return I + F_1 as one tensor of degree 1."""
        linear = self.tensors.get(1)
        if linear is None:
            empty = np.zeros(0, dtype=np.int64)
            linear = SparseTensor(n=self.n, degree=1, rows=empty, cols=empty, vals=np.zeros(0), exact=())
        return linear.plus_identity()

    def step(self, u: FloatArray) -> FloatArray:
        """Return G(u), shape (n,); it may overflow to inf where the iteration diverges."""
        result = np.array(u, dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            for tensor in self.tensors.values():
                result = result + tensor.apply(u)
        return result

    def iterate(self, u0: FloatArray, steps: int) -> FloatArray:
        """Return u(0), ..., u(steps), shape (steps + 1, n)."""
        path = np.empty((steps + 1, self.n))
        path[0] = u0
        for t in range(steps):
            path[t + 1] = self.step(path[t])
        return path

    def norms(self, *, symmetric: bool = False) -> tuple[float, ...]:
        """Return g_l = ||G_l||_2 for l = 0..q with G_1 = I + F_1; bounds for large n (`SparseTensor.norm2`).

        `symmetric` takes ||G_l Pi_sym||, which suffices for error bounds but not for kappa or alpha.
        """
        key = "symmetric" if symmetric else "plain"
        if key not in self._memo:
            operators = {**self.tensors, 1: self.G1()}
            measure = SparseTensor.symmetric_norm2 if symmetric else SparseTensor.norm2
            self._memo[key] = tuple(
                measure(operators[degree]) if degree in operators else 0.0
                for degree in range(self.degree + 1)
            )
        return self._memo[key]

    def shift(self, center: FloatArray) -> PolynomialMap:
        """Return the same map of theta expanded about another center (floats; O(2^l nnz) for F_l).

        With d = new - old center, u_new = u_old - d and F_new(u) = F_old(u + d): each index of each entry
        either stays or is contracted with d.
        """
        center = np.asarray(center, dtype=np.float64)
        offset = center - self.center
        parts: dict[int, list[tuple[Any, Any, Any]]] = {}
        for tensor in self.tensors.values():
            for kept_count in range(tensor.degree + 1):
                for kept in combinations(range(tensor.degree), kept_count):
                    parts.setdefault(kept_count, []).append(_contract_rest(tensor, kept, offset))
        tensors = {
            degree: SparseTensor.build(
                n=self.n,
                degree=degree,
                rows=np.concatenate([rows for rows, _, _ in pieces]),
                cols=np.concatenate([cols for _, cols, _ in pieces]),
                vals=np.concatenate([vals for _, _, vals in pieces]),
            )
            for degree, pieces in parts.items()
        }
        return replace(self, center=center, tensors=tensors)

    def fingerprint(self) -> str:
        """Return a SHA-256 of n, the center and every entry: equal maps have equal fingerprints."""
        digest = hashlib.sha256(f"polynomial-map/1 {self.n}".encode())
        digest.update(self.center.tobytes())
        for degree, tensor in self.tensors.items():
            digest.update(f" F{degree} {tensor.nnz} ".encode())
            for array in (tensor.rows, tensor.cols, tensor.vals):
                digest.update(array.tobytes())
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the JSON document of `derive` (CONTRACT section 2)."""
        return {
            "n": self.n,
            "degree": self.degree,
            "center": self.center.tolist(),
            "F": {
                str(degree): [
                    [row, cols, value]
                    for row, cols, value in zip(
                        tensor.rows.tolist(), tensor.cols.tolist(), tensor.vals.tolist(), strict=True
                    )
                ]
                for degree, tensor in self.tensors.items()
            },
        }


def _contract_rest(tensor: SparseTensor, kept: tuple[int, ...], offset: FloatArray) -> tuple[Any, Any, Any]:
    """Return rows, cols, values with the slots outside `kept` contracted with the offset, zeros dropped."""
    rest = [slot for slot in range(tensor.degree) if slot not in kept]
    vals = tensor.vals * np.prod(offset[tensor.cols[:, rest]], axis=1)
    live = np.flatnonzero(vals)
    return tensor.rows[live], tensor.cols[live][:, list(kept)], vals[live]
