"""What stands for the quantum steps of a segment: the truncated recursion, the emitted circuit, or an emulation.

    carleman    the truncated Carleman recursion, run classically: what the linear system encodes, solver error apart
    circuit     the emitted circuit of the segment on a simulator, through `commands.run`
    emulated    gradient descent on the survivors plus a drawn error as large as the truncation certificate allows

Only the first two are Carleman; the third is gradient descent, and every result says "emulation". Its truncation
error is a vector of random direction whose norm is uniform between 0 and the certificate (THEORY 3.3): no more is
known of the true one. Where no certificate exists, or it is not below the norm of the whole update and so says
nothing about it, no error is added and the result says so.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from carlemanc.commands.run import run
from carlemanc.commands.run_result import Run
from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.core.errors import CheckFailed, InputError, TooLarge
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.training import Training
from carlemanc.model.upload import Upload
from carlemanc.sources.systems import lifted_of
from carlemanc.spec.schema import ModelSpec
from carlemanc.training.subject import Subject, classical_path

LABELS = {
    "carleman": "truncated Carleman recursion, run classically",
    "circuit": "emitted circuit on a simulator",
    "emulated": "emulation: gradient descent on the survivors with drawn truncation and tomography errors",
}
"""What each evolution is called in every result."""
CERTIFIED_ENTRIES = 20_000_000
"""Largest number of entries of F_1 and F_2 of all survivors, were they dense, for which an emulated segment derives
its map to certify it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """What is known of a segment's truncation error, in 2-norms of the weights.

    Attributes:
        bound: certificate of THEORY 3.3; None where none is finite.
        measured: ||truncated iterate - gradient descent||; None where the iterate was not computed.
        added: norm of the error drawn by an emulation; None where nothing is emulated.
        regime: of the segment's map; None where it was not derived.
        note: why a number is missing.
    """

    bound: float | None
    measured: float | None = None
    added: float | None = None
    regime: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evolved:
    """The end of a segment, before tomography where that is drawn apart.

    Attributes:
        end: (weights,) at the end.
        path: (steps + 1, weights); None where only the end is known, as on a quantum computer.
        center: (weights,) what the state holds is theta - center.
        reached: (weights,) True where a weight can have moved, known before the run.
        truncation: see `Truncation`.
        linear: (survivors, survivors) F_1 at the upload, where the map is about it; else None.
        run: of the circuit, where one ran.
    """

    end: FloatArray
    path: FloatArray | None
    center: FloatArray
    reached: Mask
    truncation: Truncation
    linear: FloatArray | None = None
    run: Run | None = None


Evolution = Callable[[Upload, ModelSpec, Subject, np.random.Generator], Evolved]


def carleman(upload: Upload, model: ModelSpec, subject: Subject, rng: np.random.Generator) -> Evolved:
    """Run the truncated recursion of the segment. Raises InputError, TooLarge as `linearize_sequence`."""
    from carlemanc.carleman import iterate_systems

    lifted = lifted_of(model, upload)
    center = upload.spread(lifted.center)
    moved = iterate_systems(lifted.systems, lifted.sequence.schedule, lifted.u_in)
    path = center + upload.spread(moved)
    measured = float(np.linalg.norm(path[-1] - upload.spread(lifted.classical())))
    return Evolved(
        end=path[-1],
        path=path,
        center=center,
        reached=_reached(lifted, upload),
        truncation=replace(_certified(lifted, _bound(lifted)), measured=measured),
        linear=_linear(lifted.training, upload, center),
    )


def circuit(backend: str, shots: int | None) -> Evolution:
    """Return the evolution by the emitted circuit on a back end; shots as `commands.run` takes them."""

    def evolve(upload: Upload, model: ModelSpec, subject: Subject, rng: np.random.Generator) -> Evolved:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what `Truncation` says
            found = run(model, backend=backend, shots=shots, seed=int(rng.integers(2**31)), upload=upload)
        assert isinstance(found, Run)
        if found.failure:
            raise CheckFailed(f"segment {upload.number + 1}: {found.failure}")
        assert found.theta is not None
        lifted = lifted_of(model, upload)
        center = upload.spread(found.center)
        return Evolved(
            end=upload.spread(found.theta),
            path=None,
            center=center,
            reached=_reached(lifted, upload),
            truncation=replace(_certified(lifted, found.truncation_bound), measured=found.truncation_error),
            linear=_linear(lifted.training, upload, center),
            run=found,
        )

    return evolve


def emulated(upload: Upload, model: ModelSpec, subject: Subject, rng: np.random.Generator) -> Evolved:
    """Run gradient descent on the survivors, and draw a truncation error within the certificate."""
    path = classical_path(subject, upload.start, upload.mask, upload.steps)
    center, reached, linear = upload.start, upload.mask, None
    if upload.survivors**3 > CERTIFIED_ENTRIES:
        note = f"{upload.survivors:,} survivors: the map is not derived, so there is no certificate"
        truncation = Truncation(bound=None, note=note)
    else:
        try:
            lifted = lifted_of(model, upload)
            center, reached = upload.spread(lifted.center), _reached(lifted, upload)
            truncation = _certified(lifted, _bound(lifted))
            linear = _linear(lifted.training, upload, center)
        except (InputError, TooLarge) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            note = f"no map of this model is derived, so there is no certificate: {reason}"
            truncation = Truncation(bound=None, note=note)
    end, added = path[-1], 0.0
    size = float(np.linalg.norm(end - center))
    if truncation.bound is not None and truncation.bound >= size:
        note = f"the certificate is not below the update's norm {size:.3g}: nothing is added"
        truncation = replace(truncation, note=note)
    elif truncation.bound is not None:
        added = truncation.bound * float(rng.random())
        direction = np.where(reached, rng.normal(size=len(end)), 0.0)
        end = end + added * direction / np.linalg.norm(direction)
    return Evolved(
        end=end,
        path=path,
        center=center,
        reached=reached,
        truncation=replace(truncation, added=added),
        linear=linear,
    )


def _reached(lifted: Lifted, upload: Upload) -> Mask:
    """Return where theta - center can be nonzero at the end, as the readout takes it (`Lifted.read_sites`)."""
    sites = np.zeros(lifted.n)
    sites[lifted.read_sites] = 1.0
    return np.asarray((upload.spread(sites) > 0) & upload.mask)


def _bound(lifted: Lifted) -> float:
    order = lifted.order
    return lifted.truncation_bounds([order])[order]


def _certified(lifted: Lifted, bound: float) -> Truncation:
    """Return the certificate, where it is finite, and the regime of the segment."""
    if math.isfinite(bound):
        return Truncation(bound=bound, regime=lifted.regime.name)
    note = "no finite certificate: the scalar majorant overflows within these steps"
    return Truncation(bound=None, regime=lifted.regime.name, note=note)


def _linear(training: Training, upload: Upload, center: FloatArray) -> FloatArray | None:
    """F_1 of the survivors about the uploaded weights, the mean over the batches; None about another center."""
    if not np.array_equal(center, upload.start):
        return None
    count = training.sequence.n
    total = np.zeros((count, count))
    for item in training.batches:
        tensor = item.tensors.get(1)
        if tensor is not None:
            np.add.at(total, (tensor.rows, tensor.cols[:, 0]), tensor.vals)
    total /= len(training.batches)
    return total if count == upload.survivors else total[np.ix_(upload.mask, upload.mask)]
