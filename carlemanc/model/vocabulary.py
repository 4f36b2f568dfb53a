"""What an expression in the weights may name: the same for the loss of a spec and for its observables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from carlemanc.model.data.data_set import DataSet
from carlemanc.model.expression.evaluation import Boundary
from carlemanc.model.opened_expression import Parameter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """Everything that names stand for, and the loss itself.

    Args:
        weights: number of weights theta[i], frozen ones included.
        parameters: name -> number or array.
        data: x and y, all samples; None where there are none.
        boundary: what theta[i] outside the lattice means inside a Sum.
        dims: axes of the lattice; None for theta[i].
        loss: the text of the loss; None where the spec has a network or a map.
    """

    weights: int
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    data: DataSet | None = None
    boundary: Boundary = "periodic"
    dims: Sequence[int] | None = None
    loss: str | None = None
