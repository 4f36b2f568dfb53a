"""The result of `train`: the record, the weights, the cost, and the files of `-o DIR`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.json_text import json_text
from carlemanc.training.checkpoint import CHECKPOINT
from carlemanc.training.record import FORMAT

FloatArray = npt.NDArray[np.float64]

RECORD, WEIGHTS, FIGURE = "record.json", "weights.npz", "training.svg"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRun:
    """A finished schedule.

    Attributes:
        record: steps, segments, reference and final numbers (see `to_json`).
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
    masks: npt.NDArray[np.bool_]
    cost: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return the document of `train --json` and record.json."""
        return {"format": FORMAT, **self.record, "cost": self.cost}

    def to_text(self) -> str:
        """Return a line a segment, the final numbers and the cost."""
        record, final = self.record, self.record["final"]
        schedule = record["schedule"]
        lines = [
            f"{self.name}: {record['weights']} weights, {record['survivors']} trained; {schedule['steps']} steps in "
            f"{schedule['segments']} segments",
            f"evolution    {record['label']}",
        ]
        if record["pretraining"][1:]:
            last = record["pretraining"][-1]
            lines.append(f"pre-training {last['step']} dense steps to {_shown(last)}")
        uploads = {row["segment"]: row for row in record["steps"] if row["phase"] == "upload"}
        lines += [
            "",
            "segment  step    loss       accuracy  update     truncation bound  download error  proxy",
        ]
        for row in record["segments"]:
            upload = uploads[row["number"]]
            read = row["download"]
            proxies = [
                step["proxy"]
                for step in record["steps"]
                if step["segment"] == row["number"] and step["proxy"] is not None
            ]
            lines.append(
                f"{row['number'] + 1:<8} {row['first']:<7} {_number(upload['loss']):<10} "
                f"{_number(upload['accuracy']):<9} {_number(row['update']):<10} "
                f"{_number(row['truncation']['bound']):<17} {_number(read and read['error']):<15} "
                + (f"{min(proxies):.3g} to {proxies[-1]:.3g}" if proxies else "none")
            )
        notes = sorted({row["truncation"]["note"] for row in record["segments"] if row["truncation"]["note"]})
        lines += [f"note: {note}" for note in notes]
        reference = {"loss": final["reference_loss"], "accuracy": final["reference_accuracy"]}
        lines += [
            "",
            f"final        {_shown(final)}",
            f"reference    {_shown(reference)}   (gradient descent on the same survivors)",
        ]
        if self.cost is not None:
            from carlemanc.training.cost import cost_lines

            lines += ["", *cost_lines(self.cost)]
        return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _shown(row: dict[str, Any]) -> str:
    accuracy = "" if row["accuracy"] is None else f", accuracy {row['accuracy']:.4f}"
    return f"loss {_number(row['loss'])}{accuracy}"


def write_files(result: TrainingRun, directory: Path) -> None:
    """Write record.json, weights.npz and training.svg, each whole or not at all, and drop the checkpoint."""
    from carlemanc.training.figure import training_figure

    with atomic_file(directory / RECORD) as place:
        place.write_text(json_text(result.to_json()) + "\n", encoding="utf-8")
    with atomic_file(directory / WEIGHTS) as place, place.open("wb") as file:
        np.savez(file, theta=result.theta, uploads=result.uploads, masks=result.masks)
    with atomic_file(directory / FIGURE) as place:
        training_figure(result.to_json(), place)
    (directory / CHECKPOINT).unlink(missing_ok=True)
