"""Lanczos runs of several probes in step, with full reorthogonalization.

Basis vectors are kept in float32, every inner product is accumulated in float64. In step j each probe has
w = H v_j, minus its components along all earlier basis vectors and the deflated ones (classical Gram-Schmidt,
twice); alpha_j = v_j . H v_j and beta_j = ||w|| are the entries of the tridiagonal matrix (Golub and Van Loan,
"Matrix computations", section 10.1). Where beta_j vanishes, the Krylov space is invariant and the probe ends.
All probes advance together, so that a batch's graph serves every one of them, and the state after each step
goes to a `FileLog`: a run that was cut off goes on from there and ends with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from carlemanc.core.arrays import Array, FloatArray, IntArray
from carlemanc.training.flat_weights import chunks
from carlemanc.training.hessian.step_log import FileLog

Vectors = npt.NDArray[np.float32]
Operator = Callable[[Vectors], Array]
"""(k, d) vectors -> H v for each row, (k, d); float32 or float64."""

INVARIANT = 1e-6
"""A probe ends where beta falls below this fraction of the largest |alpha| + beta so far."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tridiagonal:
    """What one probe's run found.

    Attributes:
        alpha: (k,) diagonal.
        beta: (k,) beta[j] couples step j to j + 1; the last is the residual norm.
        basis: (k, d) orthonormal float32 vectors.
    """

    alpha: FloatArray
    beta: FloatArray
    basis: Vectors

    def ritz(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return (nodes, weights, residuals), nodes ascending.

        The weight of a node is the squared first entry of its eigenvector of the tridiagonal matrix (Gauss
        quadrature, Golub and Welsch 1969); the residual estimate ||H x - theta x|| is beta_k |last entry|.
        """
        values, vectors = self._eigen()
        return values, vectors[0] ** 2, self.beta[-1] * np.abs(vectors[-1])

    def ritz_vectors(self, chosen: IntArray) -> Vectors:
        """Return the Ritz vectors of the chosen nodes, (len(chosen), d) float32, normalized."""
        mixing = self._eigen()[1][:, chosen]
        found = np.empty((len(chosen), self.basis.shape[1]), dtype=np.float32)
        for part in chunks(found.shape[1]):
            found[:, part] = mixing.T @ self.basis[:, part].astype(np.float64)
        return found

    def _eigen(self) -> tuple[FloatArray, FloatArray]:
        matrix = np.diag(self.alpha) + np.diag(self.beta[:-1], 1) + np.diag(self.beta[:-1], -1)
        values, vectors = np.linalg.eigh(matrix)
        return values, vectors


def lanczos(
    operator: Operator,
    starts: Vectors,
    *,
    steps: int,
    deflated: Vectors | None = None,
    log: FileLog | None = None,
    after_step: Callable[[], object] = lambda: None,
) -> list[Tridiagonal]:
    """Run Lanczos from each start vector.

    Args:
        operator: products with a symmetric matrix.
        starts: (p, d) float32; need not be normalized.
        steps: at most so many for each probe.
        deflated: (K, d) orthonormal vectors whose complement the runs stay in.
        log: keeps each step.
        after_step: called after each step, those read from the log included.
    """
    probes, size = starts.shape
    deflated = np.empty((0, size), dtype=np.float32) if deflated is None else deflated
    steps = max(min(steps, size - len(deflated)), 1)
    basis = np.zeros((probes, steps + 1, size), dtype=np.float32)
    for probe in range(probes):
        basis[probe, 0] = _normalized(_project(starts[probe].astype(np.float64), [deflated])[0])
    alpha, beta = np.zeros((probes, steps)), np.zeros((probes, steps))
    lengths = np.full(probes, steps)
    for step in range(steps):
        active = [probe for probe in range(probes) if lengths[probe] > step]
        if not active:
            break
        arrays = None if log is None else log.read(step)
        if arrays is None:
            arrays = _advance(operator, [basis[probe, : step + 1] for probe in active], deflated)
            if log is not None:
                log.write(step, arrays)
        alpha[active, step], beta[active, step] = arrays["alpha"], arrays["beta"]
        basis[active, step + 1] = arrays["next"]
        for probe in active:
            scale = float((np.abs(alpha[probe]) + beta[probe]).max())
            if beta[probe, step] <= INVARIANT * scale:
                lengths[probe] = step + 1
        after_step()
    return [
        Tridiagonal(
            alpha=alpha[probe, :k],
            beta=beta[probe, :k],
            basis=basis[probe, :k],
        )
        for probe, k in enumerate(lengths.tolist())
    ]


def _advance(operator: Operator, bases: list[Vectors], deflated: Vectors) -> dict[str, Array]:
    """Return alpha, beta and the next basis vector of each probe; each basis is (step + 1, d)."""
    products = operator(np.stack([basis[-1] for basis in bases]))
    alpha, beta = np.zeros(len(bases)), np.zeros(len(bases))
    following = np.zeros_like(products, dtype=np.float32)
    for probe, basis in enumerate(bases):
        rest, coefficients = _project(products[probe].astype(np.float64), [deflated, basis])
        alpha[probe] = coefficients[-1]
        beta[probe] = np.linalg.norm(rest)
        following[probe] = _normalized(rest)
    return {"alpha": alpha, "beta": beta, "next": following}


def _project(vector: FloatArray, spaces: Sequence[Vectors]) -> tuple[FloatArray, FloatArray]:
    """Return a vector without its components in orthonormal rows, and those components; twice is enough."""
    rows = sum(len(space) for space in spaces)
    total = np.zeros(rows)
    for _ in range(2):
        coefficients = np.zeros(rows)
        for part in chunks(len(vector)):
            coefficients += _stacked(spaces, part) @ vector[part]
        for part in chunks(len(vector)):
            vector[part] -= coefficients @ _stacked(spaces, part)
        total += coefficients
    return vector, total


def _stacked(spaces: Sequence[Vectors], part: slice) -> FloatArray:
    return np.concatenate([space[:, part] for space in spaces]).astype(np.float64)


def _normalized(vector: FloatArray) -> Vectors:
    norm = float(np.linalg.norm(vector))
    return (vector / norm).astype(np.float32) if norm > 0 else vector.astype(np.float32)
