"""The stencils of a lattice map as formulas and as JSON: the update of every site at once, at any n."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from carlemanc.model.lattice.sites import Box, Lattice, Offset
from carlemanc.model.lattice.stencil import Stencil
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap, entries_json
from carlemanc.model.term_text import product, signed_term

LISTED_VALUES = 64
"""Coefficients that depend on the site are listed in the JSON up to this n."""
LISTED_ENTRIES = 10_000
"""Explicit entries beside the stencils are listed in the JSON up to this number."""
_AXES = "ijk"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UpdateRule:
    """What is added to u at the sites of one box."""

    lattice: Lattice
    box: Box | None
    """None: every site, each term wherever all its sites exist."""
    stencils: tuple[Stencil, ...]
    entries: int
    """Explicit entries of the map, mentioned with the rule of every site."""

    def text(self, most: int) -> str:
        """Return the rule as one line of text."""
        here = _site(self.lattice, None)
        terms = "".join(_signed(self.lattice, item, latex=False) for item in self.stencils[:most])
        more = f" + ({len(self.stencils) - most} more terms)" if len(self.stencils) > most else ""
        start = f"u_{here} <- u_{here}" if self.box is None else f"   and add to u_{here}:"
        return f"{start}{terms}{more}   {self._where()}"

    def latex(self, most: int) -> str:
        """Return the rule as one line of an align environment."""
        here = _site(self.lattice, None)
        terms = "".join(_signed(self.lattice, item, latex=True) for item in self.stencils[:most])
        more = r" + \dots" if len(self.stencils) > most else ""
        if self.box is None:
            return rf"u_{{{here}}}(t+1) &= u_{{{here}}}{terms}{more}"
        where = _ranges(self.box, r" \le {} \le ")
        return rf"&\quad {terms}{more}, \qquad {where}"

    def _where(self) -> str:
        if self.box is not None:
            return f"(where {_ranges(self.box, ' <= {} <= ')})"
        kind = "around the ends" if self.lattice.periodic else "terms beyond the ends absent"
        count = "1 entry" if self.entries == 1 else f"{self.entries} entries"
        beside = f"; and {count} of single sites" if self.entries else ""
        return f"(every site, {kind}{beside})"


def rules(polynomial_map: PolynomialMap) -> list[UpdateRule]:
    """Return the rule of every site, then those of boxes of sites; nothing where there are no stencils."""
    lattice = polynomial_map.lattice
    if lattice is None:
        return []
    tensors = [item for item in polynomial_map.operators.values() if isinstance(item, LatticeTensor)]
    everywhere: list[Stencil] = []
    places: dict[Box, list[Stencil]] = {}
    for stencil in (stencil for tensor in tensors for stencil in tensor.stencils):
        if _is_everywhere(stencil, lattice):
            everywhere.append(stencil)
        else:
            places.setdefault(stencil.box, []).append(stencil)
    entries = sum(tensor.entries.nnz for tensor in tensors)
    first = UpdateRule(lattice=lattice, box=None, stencils=tuple(everywhere), entries=entries)
    rest = [
        UpdateRule(lattice=lattice, box=box, stencils=tuple(found), entries=0)
        for box, found in places.items()
    ]
    return [first, *rest]


def lattice_json(polynomial_map: PolynomialMap) -> dict[str, Any]:
    """Return what `derive` adds for a lattice: dims, boundary, stencils, and the entries beside them.

    A stencil is `[coefficient, [offsets...]]`: row i, columns i + offset (one number per offset on a line, a
    list of them on a grid). A third element `{"rows": [[first, last], ...]}` restricts the rows to a box; where
    it is absent, every row has it whose columns all exist. A coefficient that depends on the row is the list of
    its values by site, or null where n > 64.
    """
    lattice = polynomial_map.lattice
    if lattice is None:
        return {}
    tensors = {
        degree: item for degree, item in polynomial_map.operators.items() if isinstance(item, LatticeTensor)
    }
    entries = {str(degree): item.entries for degree, item in tensors.items() if item.entries.nnz}
    listed = sum(item.nnz for item in entries.values()) <= LISTED_ENTRIES
    return {
        "dims": list(lattice.dims),
        "boundary": "periodic" if lattice.periodic else "open",
        "stencils": {
            str(degree): [_stencil_json(stencil, lattice) for stencil in item.stencils]
            for degree, item in tensors.items()
            if item.stencils
        },
        **({"entries": {degree: entries_json(item) for degree, item in entries.items()}} if listed else {}),
        "entry_count": sum(item.nnz for item in entries.values()),
    }


def _stencil_json(stencil: Stencil, lattice: Lattice) -> list[Any]:
    line = len(lattice.dims) == 1
    offsets = [offset[0] if line else list(offset) for offset in stencil.offsets]
    coefficient: Any = float(stencil.coefficient)
    if stencil.profile is not None:
        coefficient = stencil.profile.floats().tolist() if lattice.n <= LISTED_VALUES else None
    found: list[Any] = [coefficient, offsets]
    if not _is_everywhere(stencil, lattice):
        found.append({"rows": [list(interval) for interval in stencil.box]})
    return found


def _is_everywhere(stencil: Stencil, lattice: Lattice) -> bool:
    return stencil.profile is not None or stencil.box == lattice.inside(stencil.offsets)


def _site(lattice: Lattice, offset: Offset | None) -> str:
    """Return the name of a site: i, i+1, (i, j-1)."""
    steps = (0,) * len(lattice.dims) if offset is None else offset
    names = [f"{axis}{step:+d}" if step else axis for axis, step in zip(_AXES, steps, strict=False)]
    return names[0] if len(names) == 1 else f"({','.join(names)})"


def _signed(lattice: Lattice, stencil: Stencil, *, latex: bool) -> str:
    names = [_weight(_site(lattice, offset), latex=latex) for offset in stencil.offsets]
    if stencil.profile is None:
        return signed_term(stencil.coefficient, names, as_latex=latex)
    values, here = stencil.profile.floats(), _site(lattice, None)
    shown = f"c_{here} (between {np.min(values):.6g} and {np.max(values):.6g})"
    return " + " + product(f"c_{{{here}}}" if latex else shown, names, as_latex=latex)


def _weight(site: str, *, latex: bool) -> str:
    is_simple = len(site) == 1 or site.startswith("(")
    return f"u_{site}" if is_simple and not latex else f"u_{{{site}}}"


def _ranges(box: Box, between: str) -> str:
    return ", ".join(
        f"{low}{between.format(axis)}{high}" for axis, (low, high) in zip(_AXES, box, strict=False)
    )
