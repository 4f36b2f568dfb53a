"""Where a schedule stands between two segments, and the file that a killed run goes on from."""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.json_text import plain
from carlemanc.spec.inputs import Inputs
from carlemanc.spec.schema import ModelSpec
from carlemanc.training.sealed_arrays import read_arrays, write_arrays

CHECKPOINT = "checkpoint.npz"


@dataclass(slots=True, kw_only=True)
class State:
    """After `number` segments.

    Attributes:
        theta, mask: (weights,) and the survivors.
        number: segments done.
        done: steps done, classical ones between segments included.
        uploads: theta at each upload so far.
        masks: the survivors at each.
        pretraining, steps, segments: rows of the record, ready for JSON.
    """

    theta: FloatArray
    mask: Mask
    number: int = 0
    done: int = 0
    uploads: list[FloatArray] = field(default_factory=list)
    masks: list[Mask] = field(default_factory=list)
    pretraining: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)

    def save(self, directory: Path, inputs: Inputs) -> None:
        """Write the checkpoint, whole or not at all, with the inputs it is of."""
        rows = {
            "inputs": inputs.to_json(),
            "number": self.number,
            "done": self.done,
            "pretraining": self.pretraining,
            "steps": self.steps,
            "segments": self.segments,
        }
        write_arrays(
            directory / CHECKPOINT,
            {
                "rows": json.dumps(plain(rows)),
                "theta": self.theta,
                "mask": self.mask,
                "uploads": np.array(self.uploads),
                "masks": np.array(self.masks),
            },
        )

    @classmethod
    def load(cls, directory: Path, inputs: Inputs) -> State | None:
        """Return the state of a checkpoint of the same inputs, else None.

        A checkpoint of other inputs, and one that is damaged and set aside, is told as a warning.
        """
        place = directory / CHECKPOINT
        found = read_arrays(place, "the training starts anew")
        if found is None:
            return None
        rows = json.loads(str(found["rows"]))
        if changed := inputs.changes(Inputs.from_json(rows.pop("inputs"))):
            warnings.warn(f"{place} is of other inputs ({changed}): the training starts anew", stacklevel=2)
            return None
        return cls(
            theta=found["theta"],
            mask=found["mask"],
            uploads=list(found["uploads"]),
            masks=list(found["masks"]),
            **rows,
        )


def training_inputs(model: ModelSpec, start: FloatArray, options: dict[str, object]) -> Inputs:
    """Return what decides a run: the spec and all files behind it, the first weights, options."""
    weights = hashlib.sha256(np.ascontiguousarray(start).data).hexdigest()
    return Inputs.of(model.to_dict(), model.base, {**options, "first weights": weights})
