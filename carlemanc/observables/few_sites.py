r"""Quadratics of few weights, or of the sites of a box, as squares: what the rest of a lattice holds does not enter.

$u_i^2$ is an overlap squared, $u_i u_j = (<w_+, u>^2 - <w_-, u>^2) / 2$ with $w_\pm = (e_i \pm e_j) / \sqrt 2$, and
the sum of $u_i^2$ over a box is what is left of level 1 where a comparison flags the other sites (proved). None has a
sign to be told, and each is known to its own size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from carlemanc.linear_system.register_layout import bits_for
from carlemanc.model.lattice.sites import Box, Lattice
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import Operator, written_out
from carlemanc.model.polynomial_value import slope_along
from carlemanc.model.sparse_tensor import SparseTensor
from carlemanc.model.weights import Point, Weights
from carlemanc.observables.event import Event
from carlemanc.observables.vectors import product

if TYPE_CHECKING:
    from carlemanc.observables.box_probe import BoxProbe
    from carlemanc.observables.overlap_probe import OverlapProbe

MOST_SQUARES = 8
"""The most events that are made so."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FewSites:
    """-<u, F_1 u> / 2 as squares of few weights and of boxes, and what is neither.

    Attributes:
        forms: w, of norm 1, and the factor of <w, u>^2.
        boxes: a box and the factor of the sum of u_i^2 over it.
        lattice: that of the boxes.
        rest: what is left of F_1; None where nothing is.
    """

    forms: tuple[tuple[Weights, float], ...]
    boxes: tuple[tuple[Box, float], ...]
    lattice: Lattice | None
    rest: Operator | None


def few_sites(operator: Operator) -> FewSites | None:
    """Return the squares of a quadratic, None where there are none, or more than `MOST_SQUARES`."""
    lattice = operator.lattice if isinstance(operator, LatticeTensor) else None
    stencils = operator.stencils if isinstance(operator, LatticeTensor) else ()
    entries = operator.entries if isinstance(operator, LatticeTensor) else written_out(operator)
    boxes = [item for item in stencils if item.profile is None and not any(item.offsets[0])]
    if entries.nnz > 2 * MOST_SQUARES:
        return None
    forms = _forms(entries)
    if not 0 < len(forms) + len(boxes) <= MOST_SQUARES:
        return None
    rest = None
    if isinstance(operator, LatticeTensor) and len(boxes) < len(stencils):
        rest = replace(operator.bare(), stencils=tuple(item for item in stencils if item not in boxes))
    return FewSites(
        forms=tuple(forms),
        boxes=tuple((item.box, -float(item.coefficient) / 2) for item in boxes),
        lattice=lattice,
        rest=rest,
    )


def _forms(entries: SparseTensor) -> list[tuple[Weights, float]]:
    """Return linear forms of norm 1 and factors: -<u, F u> / 2 of symmetric entries is the sum of their squares."""
    found: list[tuple[Weights, float]] = []
    for row, col, value in zip(
        entries.rows.tolist(), entries.cols[:, 0].tolist(), entries.vals.tolist(), strict=True
    ):
        if row == col:
            found.append((Weights.sparse(entries.n, {row: 1.0}), -value / 2))
        elif row < col:
            for sign in (1, -1):
                form = Weights.sparse(entries.n, {row: 0.5**0.5, col: sign * 0.5**0.5})
                found.append((form, -sign * value / 2))
    return found


def few_site_events(few: FewSites, u: Point, gamma: float) -> tuple[Event, ...]:
    """Return the events of the squares; arguments as for `split_events`."""
    unit = gamma**2
    found = [
        Event(
            name="square of an overlap with a loaded vector",
            kind="square",
            weight=unit * factor,
            size=product(form, u) ** 2 / unit,
            make_probe=partial(_form_probe, form),
        )
        for form, factor in few.forms
    ]
    for box, factor in few.boxes:
        assert few.lattice is not None
        here = tuple(0 for _ in few.lattice.dims)
        part = LatticeTensor.build(few.lattice, 1, [Stencil(offsets=(here,), box=box)])
        found.append(
            Event(
                name="level 1 on a box of sites",
                kind="square",
                weight=unit * factor,
                size=slope_along(part, u) / unit,
                make_probe=partial(_box_probe, few.lattice, box),
            )
        )
    return tuple(found)


def _form_probe(form: Weights, eps: float) -> OverlapProbe:
    from carlemanc.bloqs.amplitudes.point_loader import load_point
    from carlemanc.observables.overlap_probe import OverlapProbe

    loaded = load_point(form, bits_for(form.n), eps, is_controlled=False)
    return OverlapProbe(loader=loaded.loader)


def _box_probe(lattice: Lattice, box: Box, eps: float) -> BoxProbe:
    from carlemanc.block_encoding.stencil.stencil_terms import Sites
    from carlemanc.observables.box_probe import BoxProbe

    return BoxProbe(sites=Sites(lattice.dims, lattice.periodic), box=box)
