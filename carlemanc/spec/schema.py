"""`ModelSpec`: the whole spec as one frozen object, however it was written.

Comes in: plain dictionaries (from TOML, from Python) or table objects. Goes out: a `ModelSpec` in which every
value has passed its rule and every requested feature exists, or one `InputError` with every problem in it.
Imports pydantic and the standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from carlemanc.core.errors import InputError
from carlemanc.core.held_file import DataFile, HeldFile
from carlemanc.spec.consistency import cross_check
from carlemanc.spec.problems import Origin, pydantic_problems
from carlemanc.spec.quantities import Table, Text
from carlemanc.spec.schema_compilation import CarlemanTable, CompileTable, ReadoutTable, SolverTable
from carlemanc.spec.schema_source import DataTable, LossTable, MapTable, ModelTable, NetworkTable, SystemTable
from carlemanc.spec.schema_training import ScheduleTable, TrainingTable


class ModelSpec(Table):
    """A model to train: the tables of CONTRACT section 1.

    Raises:
        InputError: with every problem of the spec, whether built from keywords, `from_dict` or a file.
    """

    name: Text = Field(
        default="model",
        title="the name in results; that of the file if not given",
        description="a non-empty text",
    )
    loss: LossTable | None = Field(
        default=None,
        title="the loss, written out",
        description="a table with expression, boundary and parameters",
    )
    map: MapTable | None = Field(
        default=None,
        title="a polynomial map from a file or by its shape, instead of a loss",
        description="a table with file or shape",
    )
    network: NetworkTable | None = Field(
        default=None,
        title="a neural network, instead of a loss",
        description="a table with layers or module, and loss",
    )
    system: SystemTable | None = Field(
        default=None,
        title="a linear system as it is, instead of a loss",
        description="a table with matrix and rhs",
    )
    model: ModelTable = Field(
        default=ModelTable(), title="how many weights there are", description="a table with n"
    )
    data: DataTable | None = Field(
        default=None, title="where x[a, k] and y[a] come from", description="a table with source"
    )
    training: TrainingTable = Field(
        default=TrainingTable(steps=1),
        title="gradient descent",
        description="a table with learning_rate, steps and initial",
    )
    carleman: CarlemanTable = Field(
        default=CarlemanTable(), title="the linearization", description="a table with order"
    )
    solver: SolverTable = Field(
        default=SolverTable(), title="the linear-system solver", description="a table with method and epsilon"
    )
    compile: CompileTable = Field(
        default=CompileTable(), title="how the circuit is made", description="a table with memory"
    )
    readout: ReadoutTable = Field(
        default=ReadoutTable(), title="how the weights are read out", description="a table with shots"
    )
    schedule: ScheduleTable | None = Field(
        default=None,
        title="a schedule of downloads and uploads, for carlemanc train",
        description="a table with reupload_every",
    )

    _origin: Origin = PrivateAttr(default_factory=Origin)

    @property
    def origin(self) -> str:
        """Where the spec came from, as messages name it: a file name, an example, or `ModelSpec`."""
        return self._origin.label

    @property
    def base(self) -> Path:
        """The directory that relative paths in the spec start from."""
        return self._origin.base

    @property
    def held(self) -> Mapping[str, bytes]:
        """Contents of data files that are held in memory, by the names that the spec has for them."""
        return self._origin.held

    def file(self, name: str) -> DataFile:
        """Return the data file that a text of the spec names."""
        return HeldFile(name, self.held[name]) if name in self.held else self.base / name

    @classmethod
    def from_dict(cls, tables: Mapping[str, object], *, origin: Origin | None = None) -> Self:
        """Build a spec from nested dictionaries, as `tomllib` returns them."""
        return cls.model_validate(dict(tables), context=origin)

    @property
    def center(self) -> str | tuple[float, ...]:
        """The expansion point: `training.center`, by default `initial` for a network and else `zero`."""
        if self.network is not None and "center" not in self.training.model_fields_set:
            return "initial"
        return self.training.center

    def to_dict(self) -> dict[str, Any]:
        """Return what was set explicitly, as JSON-ready nested dictionaries."""
        return self.model_dump(mode="json", exclude_unset=True)

    @model_validator(mode="wrap")
    @classmethod
    def _all_problems_at_once(
        cls, data: object, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if isinstance(data, cls):
            return data
        origin = info.context if isinstance(info.context, Origin) else Origin()
        tables = _plain(data)
        problems = []
        spec: Self | None = None
        try:
            spec = handler(tables)
        except ValidationError as error:
            problems += pydantic_problems(error, tables, origin, cls)
        problems += cross_check(tables, origin)
        if problems or spec is None:
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            raise InputError(f"{origin.label} cannot be used: {count}", problems)
        spec._origin = origin
        return spec


def _plain(value: object) -> Any:
    if isinstance(value, Table):
        return {key: _plain(item) for key, item in value.model_dump(exclude_unset=True).items()}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
