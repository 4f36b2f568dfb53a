"""The steps of a schedule on the state that they move: prepare, advance by a segment, tell what was done.

Comes in: a spec with its schedule, the model as functions of its weights, and what evolves a segment. Goes out: the
record of `train` and its cost.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.errors import CheckFailed, InputError
from carlemanc.core.json_text import plain
from carlemanc.core.progress import track
from carlemanc.model.pruning import largest_weights, load_mask
from carlemanc.model.upload import Upload
from carlemanc.spec.problems import located
from carlemanc.spec.schema import ModelSpec
from carlemanc.spec.schema_training import ScheduleTable
from carlemanc.training.checkpoint import State
from carlemanc.training.download import draw_download
from carlemanc.training.evolutions import LABELS, Evolution
from carlemanc.training.record import SegmentRecord, StepRecord, segment_steps
from carlemanc.training.snapshot import snapshot
from carlemanc.training.subject import Subject, classical_path, descend


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule:
    """A schedule that can be run.

    Attributes:
        model: the spec.
        table: its `[schedule]`.
        subject: what is trained.
        evolve: the steps of a segment.
        backend: of circuits.
        seed: of everything drawn.
    """

    model: ModelSpec
    table: ScheduleTable
    subject: Subject
    evolve: Evolution
    backend: str
    seed: int

    @property
    def lengths(self) -> list[int]:
        """The steps of each segment, the last one short: 10, 10, 5 of 25 steps every 10."""
        steps, every = self.model.training.steps, self.table.reupload_every
        return [min(every, steps - first) for first in range(0, steps, every)]

    def prepared(self, start: FloatArray) -> State:
        """Return the state before the first upload: all weights are pre-trained, then pruned.

        Raises CheckFailed where the weights overflow, InputError for a mask that does not fit.
        """
        theta, steps = start, self.table.pretraining_steps
        rows = [self._numbers(0, theta)]
        for step in track(range(steps), "pre-train", total=steps):
            theta = self._dense_step(theta, step, self.table.pretraining_rate)
            rows.append(self._numbers(step + 1, theta))
        _check_finite(theta, "pre-training", "schedule.pretraining_rate")
        try:
            mask = self._first_mask(theta)
        except InputError as error:
            raise located(error, self.model.origin) from None
        return State(theta=np.where(mask, theta, 0.0), mask=mask, pretraining=rows)

    def advance(self, state: State, steps: int) -> None:
        """Upload, evolve, download, and take the classical steps; the state goes on. Raises CheckFailed."""
        upload = Upload(
            number=state.number, first=state.done, steps=steps, start=state.theta, mask=state.mask
        )
        rng = np.random.default_rng([self.seed, upload.number])
        evolved = self.evolve(upload, self.model, self.subject, rng)
        name = f"segment {upload.number + 1}"
        _check_finite(evolved.end, name, "training.learning_rate or reupload_every")
        spectrum = snapshot(upload, evolved, self.subject, self.table.proxy_threshold)
        rows = [*segment_steps(upload, evolved, self.subject, spectrum)]
        state.uploads.append(state.theta)
        state.masks.append(state.mask)
        state.done += steps
        theta, read, run = evolved.end, None, evolved.run
        if self.table.tomography and run is None:
            values, read = draw_download(self.model, (evolved.end - evolved.center)[evolved.reached], rng)
            theta = evolved.center.copy()
            theta[evolved.reached] += values
            rows.append(StepRecord.of(state.done, "download", upload, self.subject, theta))
        for step in range(self.table.classical_steps):
            theta = self._dense_step(theta, steps + step)
            state.done += 1
            rows.append(StepRecord.of(state.done, "classical", upload, self.subject, theta))
        _check_finite(theta, f"the classical steps after {name}", "training.learning_rate")
        mask = upload.mask
        if self.table.classical_steps and self.model.model.mask is None:
            mask = largest_weights(theta, upload.survivors / len(theta))
        record = SegmentRecord(
            number=upload.number,
            first=upload.first,
            steps=steps,
            update=float(np.linalg.norm(evolved.end - evolved.center)),
            truncation=evolved.truncation,
            spectrum=spectrum,
            download=read,
            solver_error=run.solver_error if run else None,
            success_probability=run.success_probability if run else None,
            qubits=run.qubits if run else None,
            shots=run.readout.shots if run and run.readout else None,
            replaced=int((upload.mask & ~mask).sum()),
        )
        state.steps += [asdict(row) for row in rows]
        state.segments.append(record.to_json())
        state.theta, state.mask = np.where(mask, theta, 0.0), mask
        state.number += 1

    def record(self, state: State) -> dict[str, Any]:
        """Return what was done, beside gradient descent on the same survivors, in what JSON has."""
        reference = self._reference(state)
        final = self._numbers(state.done, state.theta)
        survivors = int(state.masks[0].sum())
        document: dict[str, Any] = plain(
            {
                "name": self.model.name,
                "evolution": self.table.evolution,
                "label": LABELS[self.table.evolution],
                "backend": self.backend if self.table.evolution == "circuit" else None,
                "seed": self.seed,
                "data": None if self.model.data is None else self.model.data.source,
                "weights": self.subject.weights,
                "survivors": survivors,
                "sparsity": survivors / self.subject.weights,
                "order": self.model.carleman.order,
                "learning_rate": self.subject.learning_rate,
                "schedule": {
                    **self.table.model_dump(mode="json"),
                    "steps": self.model.training.steps,
                    "segments": len(self.lengths),
                },
                "pretraining": state.pretraining,
                "steps": state.steps,
                "segments": state.segments,
                "reference": {"label": "gradient descent on the same survivors", "steps": reference},
                "final": {
                    "loss": final["loss"],
                    "accuracy": final["accuracy"],
                    "reference_loss": reference[-1]["loss"],
                    "reference_accuracy": reference[-1]["accuracy"],
                },
            }
        )
        return document

    def cost(self, state: State) -> dict[str, Any]:
        """Return the cost of all segments."""
        from carlemanc.training.schedule_cost import training_cost

        lengths = self.lengths
        first = Upload(number=0, first=0, steps=lengths[0], start=state.uploads[0], mask=state.masks[0])
        flops = self.subject.flops_per_step * self.table.classical_steps * len(lengths)
        return training_cost(self.model, first, lengths, dense_flops=flops)

    def _first_mask(self, theta: FloatArray) -> Mask:
        table = self.model.model
        if table.mask is not None:
            return load_mask(table.mask, self.model.base, len(theta))
        return largest_weights(theta, float(table.sparsity or 1))

    def _dense_step(self, theta: FloatArray, step: int, rate: float | None = None) -> FloatArray:
        return descend(self.subject, theta, np.ones(len(theta), dtype=bool), step, rate)

    def _numbers(self, step: int, theta: FloatArray) -> dict[str, Any]:
        loss, accuracy = self.subject.loss(theta), self.subject.accuracy(theta)
        return {"step": step, "loss": plain(loss), "accuracy": accuracy}

    def _reference(self, state: State) -> list[dict[str, Any]]:
        """Gradient descent on the first survivors, as many steps as the schedule takes in all, batches as its."""
        theta, mask = state.uploads[0], state.masks[0]
        rows = [self._numbers(0, theta)]
        for length in self.lengths:
            path = classical_path(self.subject, theta, mask, length + self.table.classical_steps)
            rows += [self._numbers(len(rows) + step, item) for step, item in enumerate(path[1:])]
            theta = path[-1]
        return rows


def _check_finite(theta: FloatArray, where: str, remedy: str) -> None:
    if not np.all(np.isfinite(theta)):
        raise CheckFailed(f"the weights overflow in {where}: lower {remedy}")
