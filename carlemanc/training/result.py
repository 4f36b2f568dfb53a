"""The result of `train`: the record, the weights, the cost, and the files of `-o DIR`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.document import Document
from carlemanc.core.json_text import json_text
from carlemanc.core.shown import Drawn, Plotted
from carlemanc.training.checkpoint import CHECKPOINT
from carlemanc.training.record import FORMAT

RECORD, WEIGHTS, FIGURE = "record.json", "weights.npz", "training.svg"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRun(Drawn, Plotted, Document):
    """A finished schedule.

    Attributes:
        record: steps, segments, reference and final numbers.
        theta: (weights,) at the end.
        uploads: (segments, weights) at each upload.
        masks: (segments, weights) the survivors of each.
        cost: of the whole training, None where it was not asked for.
    """

    name: str
    evolution: str
    record: dict[str, Any]
    theta: FloatArray
    uploads: FloatArray
    masks: Mask
    cost: dict[str, Any] | None

    format = FORMAT
    BRIEF = "name evolution loss=record.final.loss accuracy=record.final.accuracy"
    KEYS = "format *=record cost"


def write_files(result: TrainingRun, directory: Path) -> None:
    """Write record.json, weights.npz and training.svg, each whole or not at all, and drop the checkpoint."""
    with atomic_file(directory / RECORD) as place:
        place.write_text(json_text(result.to_json()) + "\n", encoding="utf-8")
    with atomic_file(directory / WEIGHTS) as place, place.open("wb") as file:
        np.savez(file, theta=result.theta, uploads=result.uploads, masks=result.masks)
    with atomic_file(directory / FIGURE) as place:
        place.write_text(result.to_svg(), encoding="utf-8")
    (directory / CHECKPOINT).unlink(missing_ok=True)
