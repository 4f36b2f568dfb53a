"""What the whole training costs: segments x (state preparation + solver) x runs of the tomography, by `estimate`.

Nothing is derived here: the first segment goes through `commands.estimate`, with lookups and with QRAM. The
other segments have the same survivors, order and length (the last may be shorter) and are taken to cost as much.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from carlemanc.commands.estimate import estimate
from carlemanc.commands.estimate_result import Estimate
from carlemanc.core.errors import CheckFailed, InputError, TooLarge
from carlemanc.core.progress import track
from carlemanc.core.rounding import whole
from carlemanc.costs import Ledger
from carlemanc.model.upload import Upload
from carlemanc.spec.schema import ModelSpec

MEMORIES = ("lookup", "qram")
PREPARATION = ("prepare b", "unprepare b")
"""Rows of the ledger that are state preparation; all others belong to the solver."""


def training_cost(
    model: ModelSpec, first: Upload, lengths: Sequence[int], *, dense_flops: int = 0
) -> dict[str, Any]:
    """Return the `cost` of `train --json`.

    Args:
        model: the spec, with its schedule.
        first: the first segment.
        lengths: steps of every segment.
        dense_flops: of the dense classical steps of the whole schedule.

    A memory that has no estimate holds the reason in its place.
    """
    result: dict[str, Any] = {
        "segments": len(lengths),
        "basis": "the circuit of the first segment, counted; the other segments are taken to cost as much",
    }
    flops: int | None = None
    program: str | None = None
    for memory in track(MEMORIES, "price segments", total=len(MEMORIES)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the record says what the segments are
                found = estimate(model, overrides=[f'compile.memory="{memory}"'], upload=first, levers=False)
        except (InputError, TooLarge, CheckFailed) as error:
            result[memory] = {"reason": str(error)}
            continue
        flops = found.classical_flops
        program = found.baseline.program.name
        result[memory] = _priced(found, len(lengths))
    every = None if flops is None else -(-flops * sum(lengths) // first.steps)
    result["classical"] = {
        "flops": every,
        "program": program,
        "basis": "the cheapest program known to this tool for the first segment; the others cost as much a step",
        "dense_flops": dense_flops,
    }
    return result


def _priced(found: Estimate, segments: int) -> dict[str, Any]:
    run_t = found.t_of_a_run
    point = found.physical.best
    every = found.physical.seconds_of_all_runs if point else None
    return {
        "one_run": {
            "queries": {"L": found.plan.queries_L, "b": found.plan.queries_b},
            "logical_qubits": found.logical_qubits,
            "state_preparation": _part(found.ledger, preparation=True),
            "solver": _part(found.ledger, preparation=False),
            "rotation_t": found.rotation_t,
            "rotation_toffoli": found.rotation_toffoli,
            "t_count": run_t,
        },
        "tomography": {
            "support": found.support,
            "copies": found.readout.copies,
            "copy_probability": found.copy_probability,
            "runs": found.runs,
            "epsilon": found.readout.epsilon,
            "failure_probability": found.readout.failure_probability,
            "largest": found.readout.keeps,
            "source": found.readout.source,
        },
        "segment": {"t_count": whole(run_t * found.runs), "seconds": every},
        "training": {
            "runs": whole(found.runs * segments),
            "t_count": whole(run_t * found.runs * segments),
            "physical_qubits": point.qubits if point else None,
            "seconds": None if every is None else every * segments,
        },
        "assumptions": list(found.assumptions),
    }


def _part(ledger: Ledger, *, preparation: bool) -> dict[str, int]:
    rows = [row for row in ledger.rows if (row.part in PREPARATION) == preparation]
    return {key: sum(int(getattr(row, key)) for row in rows) for key in ("t", "toffoli", "rotations")}
