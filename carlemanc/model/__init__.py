"""Model: a loss, or a map file, becomes the polynomial gradient-descent map u -> u + sum_l F_l u^(x)l.

In: an expression of the whitelist grammar with parameters and data, or arrays of a `[map]` file. Out: a
`PolynomialMap` about the chosen center, exact where the text is exact. Names are resolved on first use, so
that a spec can check an expression without importing numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carlemanc.model.data.data_set import DataSet, load_data
    from carlemanc.model.expression.parser import (
        Expression,
        ExpressionError,
        free_names,
        parse_expression,
        uses_data,
        uses_weight,
    )
    from carlemanc.model.gradient import derive_map
    from carlemanc.model.initial import initial_weights
    from carlemanc.model.lattice.tensor import LatticeTensor
    from carlemanc.model.map_file import load_map
    from carlemanc.model.polynomial_map import PolynomialMap
    from carlemanc.model.sparse_tensor import SparseTensor
    from carlemanc.model.text import describe, latex
    from carlemanc.model.weights import Weights

__all__ = [
    "DataSet",
    "Expression",
    "ExpressionError",
    "LatticeTensor",
    "PolynomialMap",
    "SparseTensor",
    "Weights",
    "derive_map",
    "describe",
    "free_names",
    "initial_weights",
    "latex",
    "load_data",
    "load_map",
    "parse_expression",
    "uses_data",
    "uses_weight",
]

_HOME = {
    "Expression": "expression.parser",
    "ExpressionError": "expression.parser",
    "parse_expression": "expression.parser",
    "free_names": "expression.parser",
    "uses_data": "expression.parser",
    "uses_weight": "expression.parser",
    "LatticeTensor": "lattice.tensor",
    "SparseTensor": "sparse_tensor",
    "Weights": "weights",
    "PolynomialMap": "polynomial_map",
    "derive_map": "gradient",
    "load_map": "map_file",
    "DataSet": "data.data_set",
    "load_data": "data.data_set",
    "initial_weights": "initial",
    "describe": "text",
    "latex": "text",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
