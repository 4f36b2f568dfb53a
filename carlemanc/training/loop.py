"""`train`: classical pre-training, pruning, then segments of evolution, sparse download and re-upload.

The scheme is the paper's (Fig. 1 and the sparse-training section): upload the survivors, evolve `reupload_every`
steps, read them by tomography, upload again. With `classical_steps` (the QRAM variant) each download is followed by
dense classical steps on all weights, after which the model is pruned to as many survivors again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from carlemanc.core.atomic_output import check_directory_place
from carlemanc.core.errors import CheckFailed, InputError, Problem
from carlemanc.core.json_text import plain
from carlemanc.core.option_check import check_seed
from carlemanc.core.progress import task, track
from carlemanc.model.pruning import largest_weights, load_mask
from carlemanc.model.upload import Upload
from carlemanc.spec.loading import SpecSource, load_spec
from carlemanc.spec.problems import located
from carlemanc.spec.schema import ModelSpec
from carlemanc.spec.schema_training import ScheduleTable
from carlemanc.training.checkpoint import State, training_inputs
from carlemanc.training.download import download_plan, draw_download
from carlemanc.training.evolutions import LABELS, Evolution, Evolved, carleman, circuit, emulated
from carlemanc.training.record import SegmentRecord, StepRecord
from carlemanc.training.result import TrainingRun, write_files
from carlemanc.training.snapshot import Snapshot, snapshot
from carlemanc.training.subject import Subject, build_subject, classical_path, descend

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def train(
    spec: SpecSource,
    *,
    overrides: Iterable[str] = (),
    output: str | PathLike[str] | None = None,
    backend: str = "sparse",
    seed: int = 0,
    cost: bool = False,
) -> TrainingRun:
    """Run the schedule of a spec (its `[schedule]`, or the defaults of that table).

    Args:
        spec: the model.
        overrides: `KEY=VALUE` strings.
        output: directory of record.json, weights.npz and training.svg; a run killed there goes on at its last upload.
        backend: of `evolution = "circuit"`: `sparse`, `matrix`, `aer` or `cirq`.
        seed: of everything drawn: shots, and the errors of an emulation.
        cost: whether the segments are priced too (as long as `estimate`, twice: with lookups and with QRAM).

    Raises InputError, TooLarge; CheckFailed where the weights overflow or a circuit misses its precision.
    """
    check_seed(seed)
    model = load_spec(spec, overrides)
    _check_source(model)
    schedule = model.schedule or ScheduleTable()
    evolve = _evolution(model, schedule, backend)
    subject, start = build_subject(model)
    directory = None if output is None else Path(output)
    if directory is not None:
        check_directory_place(directory)
    inputs = training_inputs(model, start, {"backend": backend, "seed": seed})
    state = None if directory is None else State.load(directory, inputs)
    if state is None:
        state = _prepared(model, schedule, subject, start)
    lengths = _lengths(model.training.steps, schedule.reupload_every)
    with task("train", total=model.training.steps) as progress:
        progress.advance(sum(lengths[: state.number]))
        for steps in lengths[state.number :]:
            _segment(state, steps, model, schedule, subject, evolve, seed)
            if directory is not None:
                state.save(directory, inputs)
            progress.advance(steps)
    result = TrainingRun(
        name=model.name,
        evolution=schedule.evolution,
        record=_record(model, schedule, subject, state, lengths, seed, backend),
        theta=state.theta,
        uploads=np.array(state.uploads),
        masks=np.array(state.masks),
        cost=_cost(model, state, lengths, subject, schedule) if cost else None,
    )
    if directory is not None:
        write_files(result, directory)
    return result


def _check_source(model: ModelSpec) -> None:
    if model.system is not None:
        problem = Problem(
            where=f"{model.origin}: system",
            found="a linear system as it is",
            allowed="[loss], [network] or [map] for carlemanc train",
        )
        raise InputError("there is nothing to train in a [system]", [problem])


def _evolution(model: ModelSpec, schedule: ScheduleTable, backend: str) -> Evolution:
    allowed = ("sparse", "matrix", "aer", "cirq")
    if backend not in allowed:
        raise InputError(
            "unknown back end", [Problem(where="--backend", found=backend, allowed=", ".join(allowed))]
        )
    if schedule.tomography and schedule.evolution != "circuit":
        download_plan(model, 1)
    shots = model.readout.shots if schedule.tomography else None
    found: dict[str, Evolution] = {
        "carleman": carleman,
        "circuit": circuit(backend, shots),
        "emulated": emulated,
    }
    return found[schedule.evolution]


def _lengths(steps: int, every: int) -> list[int]:
    """Return the steps of each segment.

    >>> _lengths(25, 10)
    [10, 10, 5]
    """
    return [min(every, steps - first) for first in range(0, steps, every)]


def _prepared(model: ModelSpec, schedule: ScheduleTable, subject: Subject, start: FloatArray) -> State:
    """Pre-train all weights, then prune."""
    theta, everything = start, np.ones(len(start), dtype=bool)
    rows = [_numbers(0, subject, theta)]
    for step in track(range(schedule.pretraining_steps), "pre-train", total=schedule.pretraining_steps):
        theta = descend(subject, theta, everything, step, schedule.pretraining_rate)
        rows.append(_numbers(step + 1, subject, theta))
    _check_finite(theta, "pre-training", "schedule.pretraining_rate")
    try:
        mask = _mask(model, theta)
    except InputError as error:
        raise located(error, model.origin) from None
    return State(theta=np.where(mask, theta, 0.0), mask=mask, pretraining=rows)


def _mask(model: ModelSpec, theta: FloatArray) -> Mask:
    if model.model.mask is not None:
        return load_mask(model.model.mask, model.base, len(theta))
    return largest_weights(theta, float(model.model.sparsity or 1))


def _numbers(step: int, subject: Subject, theta: FloatArray) -> dict[str, Any]:
    found: dict[str, Any] = plain(
        {"step": step, "loss": subject.loss(theta), "accuracy": subject.accuracy(theta)}
    )
    return found


def _segment(
    state: State,
    steps: int,
    model: ModelSpec,
    schedule: ScheduleTable,
    subject: Subject,
    evolve: Evolution,
    seed: int,
) -> None:
    """Upload, evolve, download, and take the classical steps; the state goes on."""
    upload = Upload(number=state.number, first=state.done, steps=steps, start=state.theta, mask=state.mask)
    rng = np.random.default_rng([seed, upload.number])
    evolved = evolve(upload, model, subject, rng)
    _check_finite(evolved.end, f"segment {upload.number + 1}", "training.learning_rate or reupload_every")
    spectrum = snapshot(upload, evolved, subject, schedule.proxy_threshold)
    state.uploads.append(state.theta)
    state.masks.append(state.mask)
    state.steps += [asdict(row) for row in _step_rows(upload, evolved, subject, spectrum)]
    state.done += steps
    theta, read = evolved.end, None
    if schedule.tomography and evolved.run is None:
        values, read = draw_download(model, (evolved.end - evolved.center)[upload.mask], rng)
        theta = evolved.center.copy()
        theta[upload.mask] += values
        state.steps.append(asdict(_row(state.done, "download", upload, subject, theta)))
    mask = upload.mask
    for step in range(schedule.classical_steps):
        theta = descend(subject, theta, np.ones(len(theta), dtype=bool), steps + step)
        state.done += 1
        state.steps.append(asdict(_row(state.done, "classical", upload, subject, theta)))
    if schedule.classical_steps:
        _check_finite(
            theta, f"the classical steps after segment {upload.number + 1}", "training.learning_rate"
        )
        mask = mask if model.model.mask is not None else _largest(theta, upload.survivors)
    run = evolved.run
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
    state.segments.append(plain(record.to_json()))
    state.theta, state.mask = np.where(mask, theta, 0.0), mask
    state.number += 1


def _largest(theta: FloatArray, count: int) -> Mask:
    return largest_weights(theta, count / len(theta))


def _step_rows(
    upload: Upload, evolved: Evolved, subject: Subject, spectrum: Snapshot
) -> Iterable[StepRecord]:
    """Yield the upload and every step; inside a circuit only its end is known."""
    times = np.arange(upload.steps + 1, dtype=np.float64)
    scaled, literal = (spectrum.proxy(times, scale) for scale in (subject.learning_rate, 1.0))
    for t in range(upload.steps + 1):
        theta: FloatArray | None = upload.start if t == 0 else None
        if evolved.path is not None and t < upload.steps:
            theta = evolved.path[t]
        elif t == upload.steps:
            theta = evolved.end
        yield StepRecord(
            step=upload.first + t,
            phase="quantum" if t else "upload",
            segment=upload.number,
            loss=None if theta is None else plain(subject.loss(theta)),
            accuracy=None if theta is None else subject.accuracy(theta),
            proxy=None if scaled is None else plain(float(scaled[t])),
            proxy_literal=None if literal is None else plain(float(literal[t])),
        )


def _row(step: int, phase: str, upload: Upload, subject: Subject, theta: FloatArray) -> StepRecord:
    return StepRecord(
        step=step,
        phase=phase,
        segment=upload.number,
        loss=plain(subject.loss(theta)),
        accuracy=subject.accuracy(theta),
    )


def _check_finite(theta: FloatArray, where: str, remedy: str) -> None:
    if not np.all(np.isfinite(theta)):
        raise CheckFailed(f"the weights overflow in {where}: lower {remedy}")


def _reference(
    subject: Subject, state: State, lengths: list[int], classical_steps: int
) -> list[dict[str, Any]]:
    """Gradient descent on the first survivors, as many steps as the schedule takes in all, batches as its."""
    theta, mask = state.uploads[0], state.masks[0]
    rows = [_numbers(0, subject, theta)]
    for length in lengths:
        path = classical_path(subject, theta, mask, length + classical_steps)
        rows += [_numbers(len(rows) + step, subject, item) for step, item in enumerate(path[1:])]
        theta = path[-1]
    return rows


def _record(
    model: ModelSpec,
    schedule: ScheduleTable,
    subject: Subject,
    state: State,
    lengths: list[int],
    seed: int,
    backend: str,
) -> dict[str, Any]:
    reference = _reference(subject, state, lengths, schedule.classical_steps)
    final = _numbers(state.done, subject, state.theta)
    survivors = int(state.masks[0].sum())
    data = None if model.data is None else model.data.source
    found: dict[str, Any] = plain(
        {
            "name": model.name,
            "evolution": schedule.evolution,
            "label": LABELS[schedule.evolution],
            "backend": backend if schedule.evolution == "circuit" else None,
            "seed": seed,
            "data": data,
            "weights": subject.weights,
            "survivors": survivors,
            "sparsity": survivors / subject.weights,
            "order": model.carleman.order,
            "learning_rate": subject.learning_rate,
            "schedule": {
                **{key: value for key, value in schedule.model_dump(mode="json").items()},
                "steps": model.training.steps,
                "segments": len(lengths),
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
    return found


def _cost(
    model: ModelSpec, state: State, lengths: list[int], subject: Subject, schedule: ScheduleTable
) -> dict[str, Any]:
    from carlemanc.training.cost import training_cost

    first = Upload(number=0, first=0, steps=lengths[0], start=state.uploads[0], mask=state.masks[0])
    return training_cost(
        model,
        first,
        lengths,
        dense_flops=subject.flops_per_step * schedule.classical_steps * len(lengths),
    )
