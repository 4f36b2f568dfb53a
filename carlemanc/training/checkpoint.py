"""Where a schedule stands between two segments, and the file that a killed run goes on from."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc import __version__
from carlemanc.core.atomic_output import atomic_file
from carlemanc.core.json_text import plain
from carlemanc.spec.schema import ModelSpec

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

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

    def save(self, directory: Path, digest: str) -> None:
        """Write the checkpoint, whole or not at all."""
        rows = {
            "digest": digest,
            "number": self.number,
            "done": self.done,
            "pretraining": self.pretraining,
            "steps": self.steps,
            "segments": self.segments,
        }
        with atomic_file(directory / CHECKPOINT) as place:
            np.savez(
                place,
                rows=json.dumps(plain(rows)),
                theta=self.theta,
                mask=self.mask,
                uploads=np.array(self.uploads),
                masks=np.array(self.masks),
            )

    @classmethod
    def load(cls, directory: Path, digest: str) -> State | None:
        """Return the state of a checkpoint of the same inputs; None where there is none or it is of others."""
        try:
            content = io.BytesIO((directory / CHECKPOINT).read_bytes())
            with np.load(content, allow_pickle=False) as found:
                rows = json.loads(str(found["rows"]))
                if rows.pop("digest") != digest:
                    return None
                return cls(
                    theta=found["theta"],
                    mask=found["mask"],
                    uploads=list(found["uploads"]),
                    masks=list(found["masks"]),
                    **rows,
                )
        except (OSError, ValueError, KeyError, EOFError):
            return None


def input_digest(model: ModelSpec, start: FloatArray, options: dict[str, Any]) -> str:
    """Return a digest of what decides a run: version, spec, first weights (files included), options."""
    text = json.dumps([__version__, model.to_dict(), plain(options)], sort_keys=True)
    return hashlib.sha256(text.encode() + start.tobytes()).hexdigest()
