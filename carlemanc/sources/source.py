"""What is trained or solved, as a hashable value: the tables of a spec that decide it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.model.upload import Upload
from carlemanc.spec.loading import load_spec
from carlemanc.spec.schema import ModelSpec

SpecLike = ModelSpec | str | PathLike[str] | Mapping[str, Any]
DECIDING = ("loss", "network", "map", "system", "model", "data", "training")
"""Tables that decide what is trained."""
MAX_STEPS = 200_000
"""Largest T: the classical trajectory and the scalar certificates take one pass a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The tables of a spec that decide what is trained, as text; files are taken to stay as they are in a process.

    Args:
        text: the tables.
        base: where relative paths start, and what messages name.
        upload: where a segment of a schedule starts, how many steps it has and which weights survive.
        spec: the tables themselves.
    """

    text: str
    base: str
    upload: Upload | None = None
    spec: ModelSpec = field(compare=False, repr=False)

    @property
    def origin(self) -> str:
        """Where it is described, for messages."""
        return self.spec.origin

    @property
    def steps(self) -> int:
        """T: of the segment, where it is one."""
        return self.spec.training.steps if self.upload is None else self.upload.steps

    @property
    def is_given(self) -> bool:
        """Whether it is a linear system as it is, which trains nothing."""
        return self.spec.system is not None


def source_of(spec: ModelSpec, upload: Upload | None = None) -> Source:
    """Return the source of a spec, or of one segment of its schedule. Raises TooLarge for too many steps."""
    steps = spec.training.steps if upload is None else upload.steps
    if steps > MAX_STEPS:
        raise TooLarge(
            "the training",
            size=f"T = {steps:,} steps",
            limit=f"{MAX_STEPS:,}",
            instead="Gradient descent itself is followed step by step; lower training.steps.",
        )
    tables = {name: table for name, table in spec.to_dict().items() if name in DECIDING}
    return Source(
        text=json.dumps(tables, sort_keys=True, default=str),
        base=f"{spec.base}|{spec.origin}",
        upload=upload,
        spec=spec,
    )


def loaded(spec: SpecLike, overrides: Iterable[str] = ()) -> ModelSpec:
    """Load a spec for a command that takes all steps from one upload. Raises InputError for a schedule."""
    model = load_spec(spec, overrides)
    if model.schedule is None:
        return model
    problem = Problem(
        where=f"{model.origin}: schedule",
        found="a schedule of downloads and uploads",
        allowed="a spec without [schedule] for this command: it takes all steps from one upload",
        help="carlemanc train runs the schedule, and prices it",
    )
    raise InputError("a [schedule] is run by carlemanc train alone", [problem])


def loaded_training(spec: SpecLike, overrides: Iterable[str] = ()) -> ModelSpec:
    """Load a spec for a command that derives or trains. Raises InputError for a `[system]`."""
    model = loaded(spec, overrides)
    if model.system is None:
        return model
    problem = Problem(
        where=f"{model.origin}: system",
        found="a linear system as it is, without weights, map or steps",
        allowed="[loss], [network] or [map] for this command",
        help="run, compile, estimate, solvers, system and verify take a [system]",
    )
    raise InputError("there is nothing to derive, analyze or train in a [system]", [problem])
