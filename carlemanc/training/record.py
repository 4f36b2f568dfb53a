"""What a schedule did, step by step: the record that is written, plotted and compared. No clock time stands in it.

The same spec, options and seed give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from carlemanc.core.document import Document
from carlemanc.training.download import Download
from carlemanc.training.evolutions import Truncation
from carlemanc.training.snapshot import Snapshot

FloatArray = npt.NDArray[np.float64]

FORMAT = "carlemanc.training/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """The model after one step.

    Attributes:
        step: steps done, pre-training not counted; classical steps between segments count.
        phase: "upload" (before the first step of a segment), "quantum", "download" (what was read) or "classical".
        segment: number, from 0.
        loss, accuracy: None where not known (inside a circuit) or not defined.
        proxy, proxy_literal: error proxy with gain |1 + eta a|^t and |1 + a|^t, t steps after the upload.
    """

    step: int
    phase: str
    segment: int
    loss: float | None
    accuracy: float | None
    proxy: float | None = None
    proxy_literal: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRecord(Document):
    """One segment.

    Attributes:
        first, steps: where it begins, and its length.
        update: ||theta(end) - center|| before the download.
        solver_error: relative, of a circuit; None where none ran.
        success_probability, qubits: of a circuit.
        download: drawn beside the evolution; None where reading is exact or part of the circuit's run.
        shots: of a circuit's own readout.
        replaced: survivors that dense classical steps exchanged for others.
    """

    number: int
    first: int
    steps: int
    update: float
    truncation: Truncation
    spectrum: Snapshot
    download: Download | None
    solver_error: float | None = None
    success_probability: float | None = None
    qubits: int | None = None
    shots: int | None = None
    replaced: int = 0

    KEYS = """
        number first steps update truncation solver.error=solver_error
        solver.success_probability=success_probability solver.qubits=qubits solver.shots=shots download spectrum
        replaced_survivors=replaced
    """
