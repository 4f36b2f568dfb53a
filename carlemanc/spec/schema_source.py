"""Tables that say what is trained: `[loss]`, `[map]`, `[network]`, `[system]`, `[model]`, `[data]`."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from carlemanc.model.network.registry import ACTIVATIONS, LOSSES
from carlemanc.spec.quantities import Count, NonNegative, Number, Positive, Share, Switch, Table, Text, kind
from carlemanc.spec.registered import OneOf, listed

Parameter = Annotated[Annotated[Number, Tag("@number")] | Annotated[Text, Tag("@text")], Discriminator(kind)]


class LossTable(Table):
    """A polynomial loss written out."""

    expression: Text = Field(
        examples=["Sum(theta[i]**2/2, (i, 0, n-1))"],
        title="the loss, a polynomial in the weights theta[i]",
        description="a polynomial in theta[i]: numbers, names, + - * / **, indexing, Sum(body, (i, lo, hi))",
    )
    boundary: Literal["periodic", "open"] = Field(
        default="periodic",
        title="theta beyond the ends inside a Sum: around the ring, or 0",
        description='"periodic" or "open"',
    )
    parameters: dict[str, Parameter] = Field(
        default_factory=dict,
        title="values of the names in the expression",
        description='a table of numbers or .npy files, such as { lam = 0.3, J = "J.npy" }',
    )


class ShapeTable(Table):
    """A polynomial map known by its sparsity and norms alone: it can be counted, and nothing else."""

    norms: tuple[NonNegative, ...] = Field(
        min_length=1,
        max_length=32,
        examples=[(0.99, 0.01, 0.01)],
        title="spectral norms of I + F_1, F_2, ..., F_q about the center; 0 leaves F_l out",
        description="a list of q numbers, each at least 0, the first above 0",
    )
    row_nonzeros: Count = Field(
        examples=[100],
        title="entries of each row of every F_l",
        description="an integer, at least 1, at most n",
    )
    column_nonzeros: Count = Field(
        default=1,
        title="entries of F_l, l >= 2, that share their l column indices",
        description="an integer, at least 1, at most n",
    )
    linear_row_nonzeros: Count | None = Field(
        default=None,
        examples=[700000],
        title="entries of each row and column of I + F_1, where these are others",
        description="an integer, at least 1, at most n",
    )
    linear_row_sum: Positive | None = Field(
        default=None,
        examples=[1.2],
        title="largest sum of absolute values of a row of I + F_1; sqrt(row_nonzeros) norms[0] if not given",
        description="a number of at least norms[0]",
    )


class MapTable(Table):
    """A polynomial map u -> u + sum F_l u^l: read from a file, or known by its shape alone."""

    file: Text | None = Field(
        default=None,
        examples=["map.npz"],
        title="arrays of the map u -> u + sum F_l u^l",
        description="an .npz file with F{l}_rows, F{l}_cols and F{l}_vals for each degree l",
    )
    shape: ShapeTable | None = Field(
        default=None,
        examples=[{"norms": (0.99, 0.01, 0.01), "row_nonzeros": 100}],
        title="sparsity and norms of a map without entries, instead of a file: it is counted, not run",
        description="a table { norms, row_nonzeros }",
    )


class ApproximationTable(Table):
    """How a function that is no polynomial becomes one."""

    degree: Count = Field(
        title="degree of the polynomial; for taylor that of the loss", description="an integer, at least 1"
    )
    interval: tuple[Number, Number] | None = Field(
        default=None,
        title="where it approximates; not for taylor",
        description="two numbers [low, high], low < high",
    )
    kind: Literal["chebyshev", "minimax", "taylor"] = Field(
        default="chebyshev",
        title="interpolant at Chebyshev points, best uniform fit, or derivatives of the loss about the center",
        description='"chebyshev", "minimax" or "taylor"',
    )


def _activations() -> tuple[str, ...]:
    return tuple(ACTIVATIONS)


def _losses() -> tuple[str, ...]:
    return tuple(LOSSES)


class LayerTable(Table):
    """One layer of a network."""

    kind: Literal["dense"] = Field(title="kind of layer", description='"dense"')
    units: Count = Field(title="number of outputs", description="an integer, at least 1")
    activation: Annotated[str, OneOf(_activations)] = Field(
        default="identity", title="function applied to each output", description=listed(_activations())
    )
    bias: Switch = Field(default=True, title="whether each output has a bias", description="true or false")
    approximation: ApproximationTable | None = Field(
        default=None,
        title="the polynomial that stands for the activation",
        description="a table { degree, interval, kind }",
    )


_MODULE = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$"


class NetworkTable(Table):
    """A neural network: dense layers, or a PyTorch module."""

    layers: tuple[LayerTable, ...] | None = Field(
        default=None,
        examples=[({"kind": "dense", "units": 1, "activation": "square"},)],
        title="the layers in order",
        description="a list of layers { kind, units, activation }",
    )
    module: Text | None = Field(
        default=None,
        examples=["package.module:build"],
        pattern=_MODULE,
        title="a PyTorch model, instead of layers; its code is run",
        description='a PyTorch model, "package.module:build"',
    )
    approximation: ApproximationTable | None = Field(
        default=None,
        examples=[{"degree": 5, "interval": [-2, 2]}],
        title="the polynomial that stands for each activation of a module",
        description="a table { degree, interval, kind }",
    )
    loss: Annotated[str, OneOf(_losses)] = Field(
        default="mse", title="loss of outputs against y", description=listed(_losses())
    )
    loss_approximation: ApproximationTable | None = Field(
        default=None,
        examples=[{"degree": 4, "interval": [-4, 4]}],
        title="the polynomial that stands for softplus in the logistic loss",
        description="a table { degree, interval, kind }",
    )
    degree: Count | None = Field(
        default=None,
        examples=[3],
        title="largest degree q of F_l that is kept; all if not given",
        description="an integer, at least 1",
    )


class SystemTable(Table):
    """A linear system as it is: nothing is derived or linearized."""

    matrix: Text = Field(
        examples=["L.npz"], title="the matrix L", description="an .npz file (scipy sparse matrix)"
    )
    rhs: Text = Field(examples=["b.npy"], title="the right-hand side b", description="a .npy file")


class ModelTable(Table):
    """How many weights there are, and which of them are trained."""

    n: Count | None = Field(
        default=None,
        examples=[8],
        title="number of weights; derived for a network",
        description="an integer, at least 1: the number of weights",
    )
    dims: Annotated[tuple[Count, ...], Field(min_length=1, max_length=3)] | None = Field(
        default=None,
        examples=[(4, 2)],
        title="extents n1, n2, n3 of a lattice, with theta[i, j]; instead of n",
        description="a list of one to three integers, each at least 1",
    )
    sparsity: Share | None = Field(
        default=None,
        examples=[0.1],
        title="fraction of the largest weights that is kept",
        description="a number above 0, at most 1",
    )
    mask: Text | None = Field(
        default=None, examples=["mask.npy"], title="which weights are trained", description="a .npy file"
    )
    address: Literal["survivors", "original"] = Field(
        default="survivors",
        title="what n and the slot registers count in a pruned model",
        description='"survivors" or "original"',
    )

    @property
    def weights(self) -> int | None:
        """The number of weights, where the table says it: n, or the product of dims."""
        return self.n if self.dims is None else math.prod(self.dims)


Features = Annotated[
    Annotated[Count, Tag("@number")] | Annotated[tuple[Text, ...], Tag("@list")], Discriminator(kind)
]


class DataTable(Table):
    """Where x[a, k] and y[a] come from."""

    source: Text = Field(
        examples=["sklearn:diabetes"],
        title="the data set: numbers, booleans as 0 and 1, a csv of at most 200 MB",
        description='"sklearn:NAME", or a .csv, .npz, .npy or .parquet file relative to the spec',
    )
    features: Features | None = Field(
        default=None,
        examples=[4],
        title="feature columns that are used",
        description="an integer, at least 1 (the first k feature columns), or a list of column names",
    )
    samples: Count | None = Field(
        default=None,
        examples=[64],
        title="rows that are used, from the first",
        description="an integer, at least 1: the first m rows",
    )
    standardize: Switch = Field(
        default=False, title="x and y to zero mean and unit standard deviation", description="true or false"
    )
    target: Text | None = Field(
        default=None,
        examples=["price"],
        title="which column is y; the last one if not given",
        description="the name of the column that is y",
    )
