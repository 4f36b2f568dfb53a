"""One segment of a schedule as a spec of its own: from the uploaded weights, so many steps, the same survivors.

Whatever the compiler does for a segment (certificate, circuit, cost) it does for this spec, through the pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from carlemanc.spec.problems import Origin
from carlemanc.spec.schema import ModelSpec

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """Steps between an upload and the next download.

    Attributes:
        number: from 0.
        first: steps of the whole training done before it.
        steps: of it.
        start: (weights,) uploaded, zero where frozen.
        mask: (weights,) True where a weight is trained.
    """

    number: int
    first: int
    steps: int
    start: FloatArray
    mask: Mask

    @property
    def survivors(self) -> int:
        """How many weights are trained."""
        return int(self.mask.sum())

    def spread(self, values: FloatArray) -> FloatArray:
        """Return all weights, (..., weights), from values in the indices of the segment's map, (..., n)."""
        if values.shape[-1] == len(self.mask):
            return values
        full = np.zeros((*values.shape[:-1], len(self.mask)))
        full[..., self.mask] = values
        return full

    def spec(self, model: ModelSpec, directory: Path) -> ModelSpec:
        """Return the segment's spec; its weights and mask become files in `directory`.

        The expansion point follows the upload where it is "initial", as it is for networks.
        """
        tables = model.to_dict()
        tables.pop("schedule", None)
        kept = {
            key: value for key, value in tables.get("model", {}).items() if key not in ("sparsity", "mask")
        }
        np.save(directory / "start.npy", self.start)
        if not self.mask.all():
            np.save(directory / "mask.npy", self.mask)
            kept["mask"] = str((directory / "mask.npy").absolute())
        tables["model"] = kept
        tables["training"] = {
            **tables["training"],
            "initial": str((directory / "start.npy").absolute()),
            "steps": self.steps,
        }
        return ModelSpec.from_dict(tables, origin=Origin(label=model.origin, base=model.base))
