"""Tables that say how it is trained: `[training]` and `[schedule]`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from carlemanc.core.errors import InternalError
from carlemanc.spec.quantities import (
    Count,
    Fraction,
    NonNegative,
    Number,
    Positive,
    Switch,
    Table,
    Text,
    Whole,
    kind,
)


class NormalStart(Table):
    """Normally distributed initial weights: `default_rng(seed).normal(0, normal, n)`."""

    normal: Positive = Field(
        title="standard deviation of the initial weights",
        description="a number above 0: the standard deviation",
    )
    seed: Whole | None = Field(
        default=None,
        title="seed of the draw; training.seed if not given",
        description="an integer, at least 0",
    )


class SparseStart(Table):
    """Initial weights by index, zero elsewhere; works for any n."""

    sparse: dict[str, Number] = Field(
        title="initial weights by index, zero elsewhere",
        description='a table of numbers by index, such as { "0" = 0.4 }',
    )


class FunctionStart(Table):
    """Initial weights of every site by a function that a short circuit loads; works for any n."""

    function: Text = Field(
        title="initial weights as a function of the site",
        description="an expression in i (j, k along further axes of model.dims), n (n1, n2, n3) and pi: + - * / **, "
        "exp, cos, sin, tanh, sign; interval(i, a, b), 1 where a <= i < b; bit(i, k), bit k of i; walsh(i, w), -1 "
        "where i and w share an odd number of bits; bent(i), -1 where an odd number of its bit pairs (0, 1), (2, 3), "
        "... are 1",
    )


def _start_kind(value: object) -> str:
    if isinstance(value, FunctionStart) or (isinstance(value, dict) and "function" in value):
        return "@function"
    if isinstance(value, SparseStart) or (isinstance(value, dict) and "sparse" in value):
        return "@sparse"
    if isinstance(value, NormalStart) or (isinstance(value, dict) and "normal" in value):
        return "@normal"
    return kind(value)


Start = Annotated[
    Annotated[tuple[Number, ...], Tag("@list")]
    | Annotated[Text, Tag("@text")]
    | Annotated[NormalStart, Tag("@normal")]
    | Annotated[SparseStart, Tag("@sparse")]
    | Annotated[FunctionStart, Tag("@function")],
    Discriminator(_start_kind),
]
Center = Annotated[
    Annotated[Literal["zero", "initial"], Tag("@text")] | Annotated[tuple[Number, ...], Tag("@list")],
    Discriminator(kind),
]


class TrainingTable(Table):
    """Gradient descent: step size, number of steps, start, expansion point."""

    learning_rate: Positive | None = Field(
        default=None,
        examples=[0.1],
        title="step size eta; inside F_l already for a [map]",
        description="a number above 0",
    )
    steps: Count = Field(
        examples=[8],
        title="T, the number of gradient steps",
        description="an integer, at least 1: the number T of gradient steps",
    )
    initial: Start | None = Field(
        default=None,
        examples=[{"sparse": {"0": 0.4}}],
        title="theta(0) of all weights; of a PyTorch module its own if not given",
        description="a list of n numbers, a .npy file, "
        '{ normal = 0.1, seed = 7 }, { sparse = { "0" = 0.4 } } or { function = "0.4*cos(2*pi*3*i/n)" }',
    )
    batch_size: Count | None = Field(
        default=None,
        examples=[16],
        title="rows a step, for stochastic gradient descent; all if not given",
        description="an integer, at least 1",
    )
    noise: NonNegative = Field(
        default=0.0,
        title="standard deviation of the noise added after each step",
        description="a number, at least 0",
    )
    shuffle: Switch = Field(
        default=False, title="permute the rows once, by the seed", description="true or false"
    )
    seed: Whole = Field(
        default=0,
        title="seed of noise, shuffle and random initial weights",
        description="an integer, at least 0",
    )
    center: Center = Field(
        default="zero",
        title="expansion point theta_0 of the linearization; initial for a network if not given",
        description='"zero", "initial" or a list of n numbers',
    )

    @property
    def initial_value(self) -> list[float] | str | dict[str, object]:
        """Return `initial` in plain Python: a list, a path, `{normal, seed}`, `{sparse: {"0": value}}` or `{function}`.

        `normal` without its own seed takes `training.seed`. Only a network module may leave `initial` out.
        """
        match self.initial:
            case None:
                raise InternalError("training.initial was not given")
            case NormalStart(normal=normal, seed=seed):
                return {"normal": normal, "seed": self.seed if seed is None else seed}
            case SparseStart(sparse=sparse):
                return {"sparse": dict(sparse)}
            case FunctionStart(function=text):
                return {"function": text}
            case str():
                return self.initial
            case _:
                return list(self.initial)


class ScheduleTable(Table):
    """The sparse-training schedule: pre-train, prune, evolve a segment, download, re-upload (`carlemanc train`)."""

    reupload_every: Count = Field(
        default=100, title="steps between two uploads of the weights", description="an integer, at least 1"
    )
    classical_steps: Whole = Field(
        default=0,
        title="dense classical steps after each download, then pruned again (the QRAM variant)",
        description="an integer, at least 0",
    )
    evolution: Literal["carleman", "circuit", "emulated"] = Field(
        default="carleman",
        title="the truncated recursion, the emitted circuit, or gradient descent with the errors added",
        description='"carleman", "circuit" or "emulated"',
    )
    pretraining_steps: Whole = Field(
        default=0,
        title="dense classical steps before the model is pruned",
        description="an integer, at least 0",
    )
    pretraining_rate: Positive | None = Field(
        default=None,
        examples=[0.02],
        title="learning rate of these; training.learning_rate if not given",
        description="a number above 0",
    )
    tomography: Switch = Field(
        default=True,
        title="read each download from shots, as many as solver.epsilon asks for; else exactly",
        description="true or false",
    )
    proxy_threshold: Fraction = Field(
        default=0.4,
        title="Hessian modes of |a| from here to 1 enter the error proxy",
        description="a number between 0 and 1, both excluded, at least 1e-100",
    )
