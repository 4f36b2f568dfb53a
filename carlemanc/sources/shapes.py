"""What is assumed of a map that is known by its shape alone, in words for an estimate."""

from __future__ import annotations

import math

from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.shaped_tensor import ShapedTensor
from carlemanc.sources.source import Source


def shape_assumptions(source: Source, lifted: Lifted) -> list[str]:
    """Return the assumptions behind a map without entries; none of any other map."""
    table = source.spec.map
    if table is None or table.shape is None:
        return []
    shape, operators = table.shape, lifted.map.operators
    linear = lifted.map.linear()
    assert isinstance(linear, ShapedTensor)
    s, rows = shape.row_nonzeros, linear.row_nonzeros
    dense = f"; I + F_1 has {rows} in each row and column" if rows != s else ""
    given = "assumed" if shape.linear_row_sum is not None else "at most sqrt(s) ||I + F_1||"
    norms = ", ".join(
        f"||{'I + F_1' if degree == 1 else f'F_{degree}'}|| = {norm:g}"
        for degree, norm in enumerate(shape.norms, start=1)
        if degree in operators
    )
    return [
        "counted by shape, can only be counted: no entry of F_l is known, so no circuit is emitted; tables are taken "
        "to have no equal entries and no structure: where every column tuple meets exactly as many entries, lookups "
        "take at most these Toffoli (tested on random maps); maps with crowded columns may take more",
        f"assumed sparsity: s = {s} entries in each row of every F_l, {s} in each column of I + F_1, "
        f"{shape.column_nonzeros} for each column tuple of higher F_l that occurs{dense}",
        f"assumed norms: {norms}; row sums of I + F_1 {linear.row_sum:.4g} ({given}); sums of higher F_l from "
        f"their norms: rows at most {math.sqrt(s):.3g}, columns at most {math.sqrt(shape.column_nonzeros):.3g} times",
    ]
