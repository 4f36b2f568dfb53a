"""Which back end runs a circuit, by a forecast: gates from the counts, amplitudes from the first queries.

Where `--backend` is left out, the sparse simulator runs what it is done with in a few minutes; else the exact block
arithmetic of `matrix`, which needs no gates, and the result says so. A back end that was asked for is refused as soon
as its forecast passes a far larger limit, with the one that would do. Everything is counted, nothing is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carlemanc.backends.registry import simulate
from carlemanc.commands.opening import solver_program
from carlemanc.core.arrays import Array
from carlemanc.core.errors import TooLarge
from carlemanc.core.forecast import PRODUCTS, announce
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.gate_depth import GATES_PER_ROTATION, GATES_PER_TOFFOLI
from carlemanc.linear_system.history import MAX_ENTRIES, MAX_WIDTH
from carlemanc.programs.work_meter import GATE

if TYPE_CHECKING:
    from qualtran import Bloq

DEFAULT = "sparse"
PATIENT_WORK = 1e10
"""Updates of amplitudes that the sparse simulator makes unasked: two or three minutes of one core."""
MAX_WORK = 1e11
"""The same where it is asked for by name: half an hour."""
MAX_GATES = 50_000_000
"""Most gates that are emitted for a simulator: 2 GB at the peak."""
MAX_PRODUCTS = 1e12
"""Most products of entries that `matrix` makes: an hour."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amplitudes:
    """What a run reads: amplitudes of the solution where all ancillas are |0>, and who found them."""

    values: Array
    """(copies, n)."""
    success: float
    backend: str
    width: int | None
    gates: int | None
    """Qubits and gates of the circuit; None for `matrix`."""
    reason: str | None
    """Why this back end was chosen in place of the default; None where the default or the user's own ran."""


def run_circuit(
    design: Design, name: str, backend: str | None, lap: Callable[[str], None] = lambda name: None
) -> Amplitudes:
    """Return the exact amplitudes by a back end, `None`: by one that fits; `lap` is told when the circuit is emitted.

    `name`: of the spec, for the program's metadata.

    Raises TooLarge, before the work, where the back end asked for, or every one, takes too much.
    """
    if backend == "matrix":
        return _by_matrix(design, None)
    if backend is not None:
        return _by_gates(design, name, backend, MAX_WORK, lap)
    try:
        return _by_gates(design, name, DEFAULT, PATIENT_WORK, lap)
    except TooLarge as refusal:
        return _by_matrix(design, str(refusal).split(" is too large: ")[-1].split("; the limit is")[0])


def gates_ahead(design: Design, circuit: Bloq) -> int:
    """Return about how many gates a circuit of a design has, from its counts alone."""
    counts = design.counter.count(circuit)
    return GATES_PER_TOFFOLI * counts.toffoli + GATES_PER_ROTATION * counts.rotation_count + counts.t


def refuse_long(design: Design, circuit: Bloq, backend: str, limit: float = MAX_WORK) -> None:
    """Raise TooLarge where a circuit of a design has more gates than a back end takes."""
    gates = gates_ahead(design, circuit)
    most = min(MAX_GATES, int(limit / GATE)) if backend == DEFAULT else MAX_GATES
    if gates > most:
        raise TooLarge(
            f"the circuit for the back end {backend!r}",
            size=f"about {gates:,} gates",
            limit=f"{most:,}",
            instead=_instead(design),
        )


def _by_gates(
    design: Design, name: str, backend: str, limit: float, lap: Callable[[str], None]
) -> Amplitudes:
    refuse_long(design, design.circuit, backend, limit)
    program = solver_program(design, name)
    lap("emit")
    options: dict[str, Any] = {"max_work": limit} if backend == DEFAULT else {}
    state = simulate(program, backend, **options)
    return Amplitudes(
        values=state.at(design.access.answer.indices()),
        success=state.success_probability,
        backend=backend,
        width=program.width,
        gates=len(program),
        reason=None,
    )


def _by_matrix(design: Design, sparse: str | None) -> Amplitudes:
    """Run by block arithmetic; `sparse`: how large the sparse simulation would be, where that was the default."""
    size = _matrix_excess(design)
    if size is not None:
        beside = f"{sparse} for the back end 'sparse'; " if sparse else ""
        raise TooLarge(
            "the run",
            size=f"{beside}{size} for 'matrix'",
            limit=f"{PATIENT_WORK:.0e} updates ('sparse'), 2^{MAX_WIDTH} rows, {MAX_ENTRIES:.0e} entries and "
            f"{MAX_PRODUCTS:.0e} products ('matrix')",
            instead="No back end would do; a smaller n, N, T or a larger solver.epsilon would. `carlemanc estimate` "
            "counts the circuit at any size.",
        )
    announce(f"block arithmetic of {design.plan.queries_L} queries", _products(design), PRODUCTS)
    vector = design.method.amplitudes(design.plan, design.access)
    values, success = design.access.answer.pick(vector), float(np.vdot(vector, vector).real)
    reason = None if sparse is None else f"the sparse simulator would need {sparse}"
    return Amplitudes(values=values, success=success, backend="matrix", width=None, gates=None, reason=reason)


def _instead(design: Design) -> str:
    size = _matrix_excess(design)
    if size is None:
        return "`--backend matrix` needs no gates."
    return f"`--backend matrix` does not fit either ({size}); a smaller T, N or n would."


def _products(design: Design) -> float:
    """Products of entries that block arithmetic makes: of each query, and of its adjoint."""
    width, entries = design.access.size()
    return 2.0 * design.plan.queries_L * (entries + 2.0**width)


def _matrix_excess(design: Design) -> str | None:
    """Return how large the block arithmetic is where it is too large, else None."""
    width, entries = design.access.size()
    products = _products(design)
    if width <= MAX_WIDTH and entries <= MAX_ENTRIES and products <= MAX_PRODUCTS:
        return None
    return f"2^{width} rows, {entries:.2g} entries and {products:.2g} products"
