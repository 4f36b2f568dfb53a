"""What a schedule did, step by step: the record that is written, plotted and compared. No clock time stands in it.

The same spec, options and seed give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.document import Document
from carlemanc.core.json_text import plain
from carlemanc.model.upload import Upload
from carlemanc.training.download import Download
from carlemanc.training.evolutions import Evolved, Truncation
from carlemanc.training.snapshot import Snapshot
from carlemanc.training.subject import Subject

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

    @classmethod
    def of(
        cls,
        step: int,
        phase: str,
        upload: Upload,
        subject: Subject,
        theta: FloatArray | None,
        proxies: tuple[float | None, float | None] = (None, None),
    ) -> StepRecord:
        """Return the row of weights that are known, or not (None)."""
        return cls(
            step=step,
            phase=phase,
            segment=upload.number,
            loss=None if theta is None else plain(subject.loss(theta)),
            accuracy=None if theta is None else subject.accuracy(theta),
            proxy=plain(proxies[0]),
            proxy_literal=plain(proxies[1]),
        )


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


def segment_steps(
    upload: Upload, evolved: Evolved, subject: Subject, spectrum: Snapshot
) -> Iterator[StepRecord]:
    """Yield the upload and every step; inside a circuit only its end is known."""
    times = np.arange(upload.steps + 1, dtype=np.float64)
    scaled, literal = (spectrum.proxy(times, scale) for scale in (subject.learning_rate, 1.0))
    for t in range(upload.steps + 1):
        theta: FloatArray | None = upload.start if t == 0 else None
        if evolved.path is not None and t < upload.steps:
            theta = evolved.path[t]
        elif t == upload.steps:
            theta = evolved.end
        gains = tuple(None if proxy is None else float(proxy[t]) for proxy in (scaled, literal))
        phase = "quantum" if t else "upload"
        yield StepRecord.of(upload.first + t, phase, upload, subject, theta, (gains[0], gains[1]))
