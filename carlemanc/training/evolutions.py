"""What stands for the quantum steps of a segment: the truncated recursion, the emitted circuit, or an emulation.

    carleman    the truncated Carleman recursion, run classically: what the linear system encodes, solver error apart
    circuit     the emitted circuit of the segment's spec on a simulator, through `pipeline.run`
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
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from carlemanc.core.errors import CheckFailed, InputError, TooLarge
from carlemanc.pipeline.execution import Run, run
from carlemanc.pipeline.stages import Stages
from carlemanc.spec.schema import ModelSpec
from carlemanc.training.segment import Segment
from carlemanc.training.subject import Subject, classical_path

FloatArray = npt.NDArray[np.float64]

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
        truncation: see `Truncation`.
        linear: (survivors, survivors) F_1 at the upload, where the map is about it; else None.
        run: of the circuit, where one ran.
    """

    end: FloatArray
    path: FloatArray | None
    center: FloatArray
    truncation: Truncation
    linear: FloatArray | None = None
    run: Run | None = None


Evolution = Callable[[Segment, ModelSpec, Subject, Path, np.random.Generator], Evolved]


def carleman(
    segment: Segment, model: ModelSpec, subject: Subject, directory: Path, rng: np.random.Generator
) -> Evolved:
    """Run the truncated recursion of the segment's spec. Raises InputError, TooLarge as `linearize`."""
    from carlemanc.carleman import iterate_systems

    stages = Stages(segment.spec(model, directory))
    center = segment.spread(stages.center)
    moved = iterate_systems(stages.systems, stages.sequence.schedule, stages.u_in)
    path = center + segment.spread(moved)
    bound, note = _bound(stages)
    return Evolved(
        end=path[-1],
        path=path,
        center=center,
        truncation=Truncation(
            bound=bound,
            measured=float(np.linalg.norm(path[-1] - segment.spread(stages.classical()))),
            regime=stages.regime.name,
            note=note,
        ),
        linear=_linear(stages, segment, center),
    )


def circuit(backend: str, shots: int | None) -> Evolution:
    """Return the evolution by the emitted circuit on a back end; shots as `pipeline.run` takes them."""

    def evolve(
        segment: Segment, model: ModelSpec, subject: Subject, directory: Path, rng: np.random.Generator
    ) -> Evolved:
        spec = segment.spec(model, directory)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what `Truncation` says
            found = run(spec, backend=backend, shots=shots, seed=int(rng.integers(2**31)))
        assert isinstance(found, Run)
        if found.failure:
            raise CheckFailed(f"segment {segment.number + 1}: {found.failure}")
        assert found.theta is not None
        stages = Stages(spec)
        center = segment.spread(found.center)
        return Evolved(
            end=segment.spread(found.theta),
            path=None,
            center=center,
            truncation=Truncation(
                bound=_finite(found.truncation_bound),
                measured=found.truncation_error,
                regime=stages.regime.name,
                note=None if math.isfinite(found.truncation_bound) else _NO_CERTIFICATE,
            ),
            linear=_linear(stages, segment, center),
            run=found,
        )

    return evolve


def emulated(
    segment: Segment, model: ModelSpec, subject: Subject, directory: Path, rng: np.random.Generator
) -> Evolved:
    """Run gradient descent on the survivors, and draw a truncation error within the certificate."""
    path = classical_path(subject, segment.start, segment.mask, segment.steps)
    center, linear, bound, regime = segment.start, None, None, None
    note: str | None
    if segment.survivors**3 > CERTIFIED_ENTRIES:
        note = f"{segment.survivors:,} survivors: the map is not derived, so there is no certificate"
    else:
        try:
            stages = Stages(segment.spec(model, directory))
            center = segment.spread(stages.center)
            bound, note = _bound(stages)
            regime, linear = stages.regime.name, _linear(stages, segment, center)
        except (InputError, TooLarge) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            note = f"no map of this model is derived, so there is no certificate: {reason}"
    end, added = path[-1], 0.0
    size = float(np.linalg.norm(end - center))
    if bound is not None and bound >= size:
        note = f"the certificate is not below the update's norm {size:.3g}: nothing is added"
    elif bound is not None:
        added = bound * float(rng.random())
        direction = np.where(segment.mask, rng.normal(size=len(end)), 0.0)
        end = end + added * direction / np.linalg.norm(direction)
    return Evolved(
        end=end,
        path=path,
        center=center,
        truncation=Truncation(bound=bound, added=added, regime=regime, note=note),
        linear=linear,
    )


_NO_CERTIFICATE = "no finite certificate: the scalar majorant overflows within these steps"


def _bound(stages: Stages) -> tuple[float | None, str | None]:
    order = stages.spec.carleman.order
    found = _finite(stages.truncation_bounds([order])[order])
    return found, None if found is not None else _NO_CERTIFICATE


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _linear(stages: Stages, segment: Segment, center: FloatArray) -> FloatArray | None:
    """F_1 of the survivors about the uploaded weights, the mean over the batches; None about another center."""
    if not np.array_equal(center, segment.start):
        return None
    count = stages.n
    total = np.zeros((count, count))
    for item in stages.training.batches:
        tensor = item.tensors.get(1)
        if tensor is not None:
            np.add.at(total, (tensor.rows, tensor.cols[:, 0]), tensor.vals)
    total /= len(stages.training.batches)
    return total if count == segment.survivors else total[np.ix_(segment.mask, segment.mask)]
