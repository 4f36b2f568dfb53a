"""`train`: classical pre-training, pruning, then segments of evolution, sparse download and re-upload.

The scheme is the paper's (Fig. 1 and the sparse-training section): upload the survivors, evolve `reupload_every`
steps, read them by tomography, upload again. With `classical_steps` (the QRAM variant) each download is followed by
dense classical steps on all weights, after which the model is pruned to as many survivors again.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

import numpy as np

from carlemanc.core.atomic_output import check_directory_place
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.option_check import check_seed
from carlemanc.core.progress import task
from carlemanc.spec.loading import SpecSource, load_spec
from carlemanc.spec.schema import ModelSpec
from carlemanc.spec.schema_training import ScheduleTable
from carlemanc.training.checkpoint import State, training_inputs
from carlemanc.training.download import download_plan
from carlemanc.training.evolutions import Evolution, carleman, circuit, emulated
from carlemanc.training.result import TrainingRun, write_files
from carlemanc.training.schedule import Schedule
from carlemanc.training.subject import build_subject


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
    table = model.schedule or ScheduleTable()
    evolve = _evolution(model, table, backend)
    subject, start = build_subject(model)
    directory = None if output is None else Path(output)
    if directory is not None:
        check_directory_place(directory)
    inputs = training_inputs(model, start, {"backend": backend, "seed": seed})
    schedule = Schedule(model=model, table=table, subject=subject, evolve=evolve, backend=backend, seed=seed)
    state = None if directory is None else State.load(directory, inputs)
    if state is None:
        state = schedule.prepared(start)
    with task("train", total=model.training.steps) as progress:
        progress.advance(sum(schedule.lengths[: state.number]))
        for steps in schedule.lengths[state.number :]:
            schedule.advance(state, steps)
            if directory is not None:
                state.save(directory, inputs)
            progress.advance(steps)
    result = TrainingRun(
        name=model.name,
        evolution=table.evolution,
        record=schedule.record(state),
        theta=state.theta,
        uploads=np.array(state.uploads),
        masks=np.array(state.masks),
        cost=schedule.cost(state) if cost else None,
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


def _evolution(model: ModelSpec, table: ScheduleTable, backend: str) -> Evolution:
    allowed = ("sparse", "matrix", "aer", "cirq")
    if backend not in allowed:
        raise InputError(
            "unknown back end", [Problem(where="--backend", found=backend, allowed=", ".join(allowed))]
        )
    if table.tomography and table.evolution != "circuit":
        download_plan(model, 1)
    shots = model.readout.shots if table.tomography else None
    found: dict[str, Evolution] = {
        "carleman": carleman,
        "circuit": circuit(backend, shots),
        "emulated": emulated,
    }
    return found[table.evolution]
