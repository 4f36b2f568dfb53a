"""`system`: the classical linear system as files, in the basis of the quantum registers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from carlemanc.core.atomic_output import atomic_directory
from carlemanc.core.document import Document
from carlemanc.core.shown import Shown
from carlemanc.linear_system import HistorySystem, RegisterLayout
from carlemanc.pipeline.stages import SpecLike, Stages
from carlemanc.spec.loading import load_spec

if TYPE_CHECKING:
    from carlemanc.pipeline.sparse_run import SparseFiles

MATRIX_FILE, RHS_FILE = "L.npz", "b.npy"
LISTED_WEIGHTS = 1 << 16
"""Up to this n the manifest lists the index and the offset of every weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemFiles(Shown, Document):
    """What was written."""

    directory: Path
    document: dict[str, Any]

    KEYS = "*=document"


def system(
    spec: SpecLike, *, output: str | PathLike[str], overrides: Iterable[str] = ()
) -> SystemFiles | SparseFiles:
    """Write L.npz, b.npy and system.json into a directory.

    Raises TooLarge where L has over about 2 million rows.
    """
    model = load_spec(spec, overrides)
    if model.system is not None:
        from carlemanc.pipeline.sparse_run import write_sparse_system

        return write_sparse_system(model, (), output)
    stages = Stages(model).refuse_shape("system")
    stages.warn()
    norm = stages.rhs_norm if stages.history.rhs_norm() else 0.0
    with atomic_directory(output) as directory:
        nonzeros = write_system(stages.history, directory)
        document = {
            "format": "carlemanc.system/1",
            "matrix": MATRIX_FILE,
            "rhs": RHS_FILE,
            "rows": 1 << stages.history.layout.width,
            "nonzeros": nonzeros,
            "n": stages.n,
            "T": stages.history.steps,
            "N": stages.spec.carleman.order,
            "levels": list(stages.history.levels),
            "padding": stages.padding,
            "gamma": stages.gamma,
            "layout": layout_document(stages.history.layout),
            "solution": solution_document(stages),
            "rhs_norm": norm,
            "kappa": {"value": stages.inverse_norm.kappa, "source": stages.inverse_norm.source},
        }
        (directory / "system.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return SystemFiles(directory=Path(output), document=document)


def write_system(history: HistorySystem, directory: Path) -> int:
    """Write L.npz and b.npy; return the number of nonzeros of L."""
    matrix = history.matrix()
    sp.save_npz(directory / MATRIX_FILE, matrix)
    np.save(directory / RHS_FILE, history.rhs())
    return int(matrix.nnz)


def layout_document(layout: RegisterLayout) -> dict[str, Any]:
    """Parts of the system register as positions inside it, least significant first."""
    return {
        "time": list(layout.time_wires),
        "level": list(layout.level_wires),
        "slots": [list(wires) for wires in layout.slots_wires],
    }


def solution_document(stages: Stages) -> dict[str, Any]:
    """Where theta(T) stands in x = L^-1 b: theta_mu = offset_mu + scale * x[indices[mu]].

    Beyond `LISTED_WEIGHTS` weights the indices are `first`, `first` + 1, ..., and the offset is
    `{"constant": c, "sparse": {site: value}}`.
    """
    history = stages.history
    if stages.n > LISTED_WEIGHTS:
        shift = history.layout.width - history.layout.time_bits
        point = stages.sequence.maps[0].point
        return {
            "first": history.steps << shift,
            "count": stages.n,
            "scale": stages.gamma,
            "offset": point.to_json(),
        }
    return {
        "indices": history.solution_indices().tolist(),
        "scale": stages.gamma,
        "offset": stages.center.tolist(),
    }
