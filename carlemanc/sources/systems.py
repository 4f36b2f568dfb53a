"""The system of a source: its training, lifted, or the linear system of its files."""

from __future__ import annotations

from typing import Literal

from carlemanc.access.access import System
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.memo import Memo
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.lifted import Lift, Lifted
from carlemanc.linear_system.sparse_system import load_sparse_system
from carlemanc.model.training import Training
from carlemanc.model.upload import Upload
from carlemanc.sources.source import Source, source_of
from carlemanc.sources.training import build_training
from carlemanc.spec.schema import ModelSpec


def training_of(source: Source) -> Training:
    """Return the training of a source. Raises InputError and TooLarge as the model stage does."""
    return build_training(source.spec, source.upload)


def given_of(source: Source) -> Given:
    """Return the linear system of a source's files. Raises InputError with every problem, TooLarge."""
    spec, table = source.spec, source.spec.system
    if table is None:
        raise InputError("the spec has no [system]")
    system = load_sparse_system(spec.file(table.matrix), spec.file(table.rhs), spec.origin)
    return Given(origin=spec.origin, system=system)


def lifted_by(training: Training, lift: Lift) -> Lifted:
    """Return a training, lifted."""
    return Lifted(training=training, lift=lift)


def system_of(memo: Memo, source: Source, lift: Lift) -> System:
    """Return what is solved; a linear system as it is has nothing to lift."""
    if source.is_given:
        return memo(given_of, source)
    return memo(lifted_by, memo(training_of, source), lift)


def lift_of(spec: ModelSpec) -> Lift:
    """Return how a spec asks for its training to become linear; what is left out is as where nothing is searched."""
    table = spec.carleman
    padding: int | Literal["auto"] = 0
    if table.padding != "auto":
        padding = "auto" if table.padding == "balanced" else table.padding
    return Lift(
        order=table.order,
        corrections=None if table.corrections == "exact" else int(table.corrections),
        rescaling=table.rescaling if isinstance(table.rescaling, float) else "auto",
        padding=padding,
        truncation=spec.solver.epsilon if table.order == "auto" else 0.0,
    )


def lifted_of(spec: ModelSpec, upload: Upload | None = None) -> Lifted:
    """Return the lifted training of a spec, or of one segment of its schedule."""
    return Lifted(training=training_of(source_of(spec, upload)), lift=lift_of(spec))


def with_entries(system: System, command: str) -> None:
    """Refuse a map known by its shape for a command that needs its entries. Raises InputError."""
    if not isinstance(system, Lifted) or not system.is_shaped:
        return
    problem = Problem(
        where=f"{system.origin}: map.shape",
        found=f"a shape without entries, for {command}",
        allowed="[loss], [network] or a [map] file for this command",
        help="estimate, sweep, solvers and report work on a shape",
    )
    raise InputError("a map known by its shape can be counted, and nothing else", [problem])
