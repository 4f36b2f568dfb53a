"""`system`: the classical linear system as files, in the basis of the quantum registers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from carlemanc.access.access import Access
from carlemanc.access.facts import Facts
from carlemanc.access.register_parts import index_alone, register_parts
from carlemanc.commands.training_warnings import warn_training
from carlemanc.core.atomic_output import atomic_directory
from carlemanc.core.document import Document
from carlemanc.core.errors import TooLarge
from carlemanc.core.memo import Memo
from carlemanc.core.shown import Shown
from carlemanc.linear_system import HistorySystem
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.history import MAX_ENTRIES, MAX_WIDTH
from carlemanc.linear_system.lifted import Lifted
from carlemanc.sources.source import SpecLike, loaded, source_of
from carlemanc.sources.systems import lift_of, system_of, with_entries

MATRIX_FILE, RHS_FILE = "L.npz", "b.npy"
LISTED_WEIGHTS = 1 << 16
"""Up to this n the manifest lists the index and the offset of every weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemFiles(Shown, Document):
    """What was written."""

    directory: Path
    document: dict[str, Any]

    BRIEF = "directory rows=document.rows nonzeros=document.nonzeros"
    KEYS = "*=document"


def system(spec: SpecLike, *, output: str | PathLike[str], overrides: Iterable[str] = ()) -> SystemFiles:
    """Write L.npz, b.npy and system.json into a directory.

    Args:
        spec: the model.
        output: the directory.
        overrides: `KEY=VALUE` strings.

    Raises TooLarge where L has over about 2 million rows.
    """
    model = loaded(spec, overrides)
    found = system_of(Memo(), source_of(model), lift_of(model))
    with_entries(found, "system")
    if isinstance(found, Lifted):
        warn_training(found)
    document = {"format": "carlemanc.system/1", "matrix": MATRIX_FILE, "rhs": RHS_FILE}
    with atomic_directory(output) as directory:
        document |= written(found, directory)
        (directory / "system.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return SystemFiles(directory=Path(output), document=document)


@singledispatch
def written(found: Any, directory: Path) -> dict[str, Any]:
    """Write L.npz and b.npy of a system; return what system.json says of them."""
    raise TypeError(f"{type(found).__name__} is no system")


@written.register
def _lifted(found: Lifted, directory: Path) -> dict[str, Any]:
    norm = found.rhs_norm if found.history.rhs_norm() else 0.0
    nonzeros = write_history(found.history, directory)
    return {
        "rows": 1 << found.history.layout.width,
        "nonzeros": nonzeros,
        "n": found.n,
        "T": found.steps,
        "N": found.order,
        "levels": list(found.history.levels),
        "padding": found.padding,
        "gamma": found.gamma,
        "layout": register_parts(found.history.layout),
        "solution": solution_of(found),
        "rhs_norm": norm,
        "kappa": {"value": found.inverse_norm.kappa, "source": found.inverse_norm.source},
    }


@written.register
def _given(found: Given, directory: Path) -> dict[str, Any]:
    norms = found.inverse_norm
    write_given(found, directory)
    return {
        "rows": found.system.matrix.shape[0],
        "unknowns": found.n,
        "nonzeros": int(found.system.matrix.nnz),
        "layout": index_alone(),
        "solution": solution_of(found),
        "rhs_norm": found.norms.rhs_norm,
        "norm": norms.norm,
        "inverse_norm": norms.inverse_norm,
        "kappa": {"value": norms.kappa, "source": norms.source},
    }


def write_history(history: HistorySystem, directory: Path) -> int:
    """Write L.npz and b.npy; return the number of nonzeros of L."""
    matrix = history.matrix()
    sp.save_npz(directory / MATRIX_FILE, matrix)
    np.save(directory / RHS_FILE, history.rhs())
    return int(matrix.nnz)


def write_given(found: Given, directory: Path) -> None:
    """Write L.npz and b.npy, padded, as the circuit encodes them."""
    sp.save_npz(directory / MATRIX_FILE, found.system.matrix)
    np.save(directory / RHS_FILE, found.system.rhs)


def write_where_it_fits(found: Lifted | Given, directory: Path) -> tuple[str | None, str | None]:
    """Write L.npz and b.npy; return their names, None where L is too large."""
    if isinstance(found, Given):
        write_given(found, directory)
        return MATRIX_FILE, RHS_FILE
    history = found.history
    if history.layout.width > MAX_WIDTH or history.entries_bound > MAX_ENTRIES:
        return None, None
    try:
        write_history(history, directory)
    except TooLarge:  # the packed step itself does not fit: the contract's null
        return None, None
    return MATRIX_FILE, RHS_FILE


def solution_document(access: Access[Facts]) -> dict[str, Any]:
    """Where the answer stands in the state that a method leaves, as a manifest says it."""
    found = solution_of(access.system)
    if access.answer.is_solution:
        return found
    if "first" in found:
        return found | {"first": access.answer.first}
    return found | {"indices": access.answer.indices()[0].tolist()}


def solution_of(found: Lifted | Given) -> dict[str, Any]:
    """Where the answer stands in x = L^-1 b: theta_mu = offset_mu + scale * x[indices[mu]].

    Beyond `LISTED_WEIGHTS` weights the indices are `first`, `first` + 1, ..., and the offset is
    `{"constant": c, "sparse": {site: value}}`. Of a given system it is x itself: unknown i is basis state i, and
    `scale` is 1 unless the numbers given are huge or tiny.
    """
    if isinstance(found, Given):
        scale = float(found.system.as_asked(np.ones(1))[0])
        return {"indices": list(range(found.n)), "scale": scale, "offset": [0.0] * found.n}
    history = found.history
    if found.n > LISTED_WEIGHTS:
        shift = history.layout.width - history.layout.time_bits
        return {
            "first": history.steps << shift,
            "count": found.n,
            "scale": found.gamma,
            "offset": found.sequence.maps[0].point.to_json(),
        }
    return {
        "indices": history.solution_indices().tolist(),
        "scale": found.gamma,
        "offset": found.center.tolist(),
    }
