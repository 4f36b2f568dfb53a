"""Tables that say how it is compiled: `[carleman]`, `[solver]`, `[compile]`, `[readout]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, create_model

from carlemanc.methods.registry import METHODS, Option, offered
from carlemanc.readout.registry import ESTIMATORS, GOALS
from carlemanc.readout.ways.registry import WAYS
from carlemanc.spec.quantities import Count, Fraction, Switch, Table, Text, Whole, kind
from carlemanc.spec.registered import OneOf, listed

_ExactOrOrder = Annotated[
    Annotated[Literal["exact"], Tag("@text")] | Annotated[Count, Tag("@number")], Discriminator(kind)
]
_Unit = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1e-50, le=1e50)]
_RuleOrUnit = Annotated[
    Annotated[Literal["auto", "balanced"], Tag("@text")] | Annotated[_Unit, Tag("@number")],
    Discriminator(kind),
]
_SwitchOrFlag = Annotated[
    Annotated[Literal["auto", "readout", "ancillas"], Tag("@text")] | Annotated[Switch, Tag("@number")],
    Discriminator(kind),
]
_Success = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.75, lt=1)]
_Order = Annotated[int, Field(strict=True, ge=1, le=64)]
_AutoOrOrder = Annotated[
    Annotated[Literal["auto"], Tag("@text")] | Annotated[_Order, Tag("@number")], Discriminator(kind)
]
_AutoOrWhole = Annotated[
    Annotated[Literal["auto"], Tag("@text")] | Annotated[Whole, Tag("@number")], Discriminator(kind)
]
_Padding = Annotated[int, Field(strict=True, ge=0, le=100_000)]
_RuleOrPadding = Annotated[
    Annotated[Literal["auto", "balanced"], Tag("@text")] | Annotated[_Padding, Tag("@number")],
    Discriminator(kind),
]


class CarlemanTable(Table):
    """The linearization: truncation order, corrections in the learning rate, rescaling, padding."""

    order: _AutoOrOrder = Field(
        default=3,
        title="truncation order N: products of up to N weights are kept; auto: the least that epsilon allows",
        description='an integer, at least 1: the truncation order N; at most 64; or "auto"',
    )
    corrections: _ExactOrOrder = Field(
        default="exact",
        title="powers of the learning rate kept: all, or eta^1..eta^p (1: Euler steps)",
        description='"exact", or an integer of at least 1',
    )
    rescaling: _RuleOrUnit = Field(
        default="auto",
        title="gamma, the unit that u = theta - center is measured in",
        description='"auto", "balanced" (by the rule of an inversion), or a number above 0; from 1e-50 to 1e50',
    )
    padding: _RuleOrPadding = Field(
        default="auto",
        title="copies of the last step, which make reading it likelier; where nothing is searched, auto is 0",
        description='an integer, at least 0, "auto", or "balanced" (by the rule of an inversion); at most 100000',
    )


def _methods() -> tuple[str, ...]:
    return (*METHODS, "auto")


class _MethodTable(Table):
    method: Annotated[str, OneOf(_methods, offered)] = Field(
        default="auto", title="the quantum algorithm", description=listed(_methods())
    )
    epsilon: Fraction = Field(
        default=1e-3,
        title="relative error of theta(T) - center against the truncated iterate; observables have a precision",
        description="a number between 0 and 1, both excluded, at least 1e-100",
    )


def _field(option: Option) -> tuple[Any, Any]:
    """A key of one method, as the registry states it."""
    default = option.values[0]
    return Literal[option.values], Field(
        default=default, title=option.title, description=listed(option.values)
    )


if TYPE_CHECKING:
    _OptionTable = _MethodTable
else:
    _OptionTable = create_model(
        "_OptionTable",
        __base__=_MethodTable,
        **{key: _field(option) for entry in METHODS.values() for key, option in entry.options.items()},
    )


class SolverTable(_OptionTable):
    """The linear-system solver and the precision asked of it."""

    amplification: _SwitchOrFlag = Field(
        default="auto",
        title="amplitude amplification: of the answer (all ancillas |0>, t >= T, level 1), or of the ancillas alone",
        description='"auto", false, true (as "readout"), "readout" or "ancillas"',
    )
    amplification_form: Literal["expected", "exact", "fixed-point"] = Field(
        default="expected",
        title="rounds: of least expected uses, ending in certainty, or of a success that never falls again",
        description='"expected", "exact" or "fixed-point"',
    )
    amplification_success: _Success = Field(
        default=0.99,
        title="least success of the fixed-point form",
        description="a number below 1, at least 0.75",
    )
    objective: Literal["seconds", "t", "qubits", "volume"] = Field(
        default="seconds",
        title="what keys left at auto are chosen for, of all runs together",
        description='"seconds", "t" (gates), "qubits" (logical) or "volume" (physical qubits times seconds)',
    )


class CompileTable(Table):
    """How data is loaded and rotations are synthesized."""

    memory: Literal["lookup", "qram"] = Field(
        default="lookup", title="how data gets into the circuit", description='"lookup" or "qram"'
    )
    ancilla_budget: _AutoOrWhole = Field(
        default="auto",
        title="extra qubits that lookups may use to save T gates",
        description='"auto", or an integer, at least 0',
    )
    synthesis: Literal["auto", "gridsynth", "mixed-fallback", "phase-gradient"] = Field(
        default="auto",
        title="how rotations become Clifford+T",
        description='"auto", "gridsynth", "mixed-fallback" or "phase-gradient"',
    )
    max_qubits: Count = Field(
        default=10_000,
        title="logical qubits that keys left at auto are chosen within",
        description="an integer, at least 1",
    )


def _goals() -> tuple[str, ...]:
    return tuple(GOALS)


def _readouts() -> tuple[str, ...]:
    return (*dict.fromkeys(("auto", *WAYS, *ESTIMATORS)),)


class ReadoutTable(Table):
    """How the weights are read out."""

    target: Annotated[str, OneOf(_goals)] = Field(
        default="theta",
        title="what is read: theta, every weight that can be nonzero, or the `largest` of them, or `observables`",
        description=listed(_goals()),
    )
    shots: Whole = Field(
        default=0,
        title="runs of the circuits to read theta(T) from, successful or not; 0: derived from epsilon",
        description="an integer, at least 0: runs, counted by estimate, drawn by devices and by run --shots 0",
    )
    failure_probability: Fraction = Field(
        default=0.05,
        title="chance that the readout misses its precision",
        description="a number between 0 and 1, both excluded, at least 1e-100",
    )
    norm: Literal["l2", "linf"] = Field(
        default="l2",
        title="what epsilon bounds: the whole error, or that of every weight, by ||theta(T) - center||",
        description='"l2" or "linf"',
    )
    largest: Whole = Field(
        default=0, title="read only this many largest weights; 0: all", description="an integer, at least 0"
    )
    method: Annotated[str, OneOf(_readouts)] = Field(
        default="auto",
        title="how it is read; auto: the cheapest whose constants are known",
        description=listed(_readouts()),
    )
    observables: dict[str, Text] = Field(
        default_factory=dict,
        title='what target = "observables" reads: polynomials in theta(T)',
        description='a table of texts, each "loss", "gradient_norm" or an expression, as { first = "theta[0]" }',
    )
    precision: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1e-12, lt=1)] = Field(
        default=1e-2,
        title="absolute error of an observable over its planned magnitude",
        description="a number between 0 and 1, both excluded, at least 1e-12",
    )
