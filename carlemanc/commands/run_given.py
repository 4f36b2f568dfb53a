"""`run` and `verify` of a `[system]`: x from the circuit beside scipy's, the columns."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from carlemanc.backends.registry import BACKENDS, expect_fit
from carlemanc.commands.backend_choice import run_circuit
from carlemanc.commands.opening import open_spec, warn_idle
from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import without_noise
from carlemanc.core.shown import Shown
from carlemanc.evaluation.budget import error_budget, missed
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.design import Design
from carlemanc.linear_system.given import Given
from carlemanc.methods.amplified import amplification_document
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate_columns
from carlemanc.sources.source import SpecLike

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SystemRun(Shown):
    """x of L x = b from the circuit, beside that of scipy's spsolve."""

    name: str
    x: FloatArray
    x_classical: FloatArray
    epsilon: float
    error_budget: dict[str, BudgetPart]
    success_probability: float
    planned_success_probability: float
    backend: str
    backend_reason: str | None
    """Why this back end was chosen; None where the default or the one asked for ran."""
    alpha: float
    qubits: int | None
    gates: int | None
    method: str
    degree: int | None
    amplification: dict[str, Any]
    keeps_norm: bool
    seconds: float

    @property
    def error(self) -> float:
        """||x - x_classical||_2."""
        return math.hypot(*(self.x - self.x_classical).tolist())

    @property
    def solver_error(self) -> float:
        """The same relative to ||x_classical||: the polynomial's share of epsilon bounds it."""
        return self.error / math.hypot(*self.x_classical.tolist())

    @property
    def solver_share(self) -> float:
        """What the polynomial may take of epsilon; entries of L are exact."""
        return self.error_budget["solver_polynomial"].share or 0.0

    @property
    def failure(self) -> str | None:
        """What is wrong with the result, or None."""
        if self.solver_error <= self.solver_share + _ROUNDING:
            return missed(self.error_budget)
        return (
            f"x is {self.solver_error:.3g} (relative) from scipy's; the solver's share of epsilon is "
            f"{self.solver_share:.3g}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the document; `x` takes the place of theta, `norm_from` says whether ||x|| was read."""
        return {
            "x": self.x.tolist(),
            "x_classical": self.x_classical.tolist(),
            "error": self.error,
            "solver_error": self.solver_error,
            "epsilon": self.epsilon,
            "error_budget": {name: part.to_json() for name, part in self.error_budget.items()},
            "success_probability": self.success_probability,
            "planned_success_probability": self.planned_success_probability,
            "norm_from": "amplitudes" if self.keeps_norm else "plan",
            "backend": self.backend,
            "backend_reason": self.backend_reason,
            "alpha": self.alpha,
            "qubits": self.qubits,
            "gates": self.gates,
            "method": self.method,
            "degree": self.degree,
            "amplification": self.amplification,
            "shots": None,
            "seconds": {"all": self.seconds},
        }


def refuse_wide(design: Design, backend: str | None) -> None:
    """Raise TooLarge where a simulator cannot hold the solver circuit: told from its counts, before any work."""
    if backend is not None and backend in BACKENDS:
        counts = design.counter.count(design.circuit)
        gates = counts.t + counts.toffoli + counts.rotation_count
        expect_fit(backend, qubits=counts.qubits, gates=gates)


def run_system(
    spec: SpecLike, overrides: Iterable[str] = (), *, backend: str | None = None, shots: int | None = None
) -> SystemRun:
    """Solve L x = b on a simulator or by exact arithmetic. Raises InputError where shots or a device is asked for."""
    if shots is not None or backend not in (None, "sparse", "matrix", "aer", "cirq"):
        problem = Problem(
            where="--shots" if shots is not None else "--backend",
            found=str(backend if shots is None else shots),
            allowed="exact amplitudes on sparse, matrix, aer or cirq for a [system]",
        )
        raise InputError("a [system] is read from exact amplitudes", [problem])
    start = time.perf_counter()
    opened = open_spec(spec, overrides)
    design = opened.design
    refuse_wide(design, backend)
    plan, given = design.plan, design.system
    assert isinstance(given, Given)
    warn_idle(design)
    found = run_circuit(design, opened.spec.name, backend)
    success = found.success
    return SystemRun(
        name=opened.spec.name,
        x=given.system.as_asked(np.real(plan.solution(found.values[0], success))),
        x_classical=given.system.as_asked(given.system.solution),
        epsilon=design.at.epsilon,
        error_budget=error_budget(design),
        success_probability=success,
        planned_success_probability=plan.success_probability,
        backend=found.backend,
        backend_reason=found.reason,
        alpha=plan.alpha,
        qubits=found.width,
        gates=found.gates,
        method=plan.method,
        degree=plan.degree,
        amplification=amplification_document(plan),
        keeps_norm=plan.amplitude_scale is not None,
        seconds=round(time.perf_counter() - start, 3),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SparseVerification(Shown, Document):
    """Columns of the emitted block encoding against the sparse matrix."""

    name: str
    unknowns: int
    alpha: float
    qubits: int
    columns: int
    deviation: float
    worst: int
    tolerance: float
    seed: int

    KEYS = "unknowns alpha qubits columns deviation worst tolerance seed"

    @property
    def failure(self) -> str | None:
        """A sentence where a column misses the tolerance, else None."""
        if self.deviation <= self.tolerance:
            return None
        return f"column {self.worst} of the block encoding is off by {self.deviation:.3g}, above {self.tolerance:g}"


def verify_system(
    spec: SpecLike, overrides: Iterable[str], *, columns: int, seed: int, tolerance: float
) -> SparseVerification:
    """Compare `columns` columns, the first and the last among them, with the padded matrix."""
    opened = open_spec(spec, overrides)
    given, encoding = opened.system, opened.leading.encodings[0]
    assert isinstance(given, Given)
    matrix = given.system.matrix.tocsc()
    rows, program = matrix.shape[0], emit(encoding)
    drawn = np.random.default_rng(seed).permutation(rows)[: max(0, columns - 2)]
    chosen = sorted({0, rows - 1, *drawn.tolist()})
    at, labels, values = simulate_columns(
        program, "system", chosen, project_early=True, label="block encoding"
    )
    found = np.zeros((rows, len(chosen)), dtype=complex)
    found[at.astype(np.int64), labels.astype(np.int64)] = encoding.alpha * values
    deviations = np.abs(found - matrix[:, chosen].toarray()).max(axis=0)
    worst = int(np.argmax(deviations))
    return SparseVerification(
        name=opened.spec.name,
        unknowns=given.n,
        alpha=float(encoding.alpha),
        qubits=program.width,
        columns=len(chosen),
        deviation=without_noise(float(deviations[worst]), encoding.alpha),
        worst=chosen[worst],
        tolerance=tolerance,
        seed=seed,
    )
