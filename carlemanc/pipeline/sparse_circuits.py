"""The quantum stages of a `[system]`: a matrix and a right-hand side as they are, nothing derived or linearized."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from carlemanc.block_encoding.sparse_matrix import SparseMatrixEncoding, VectorPreparation
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.rounding import rounded_up
from carlemanc.linear_system.inverse_norm import InverseNorm
from carlemanc.linear_system.planned_norms import SOLVED_NORMS, HistoryNorms
from carlemanc.linear_system.singular_values import COMPUTED
from carlemanc.linear_system.sparse_system import SparseSystem, load_sparse_system
from carlemanc.model.upload import Upload
from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.march_parts import MarchParts
from carlemanc.pipeline.stages import SpecLike
from carlemanc.pipeline.system_files import MATRIX_FILE, RHS_FILE
from carlemanc.spec.loading import load_spec


class SparseCircuits(Circuits):
    """`Circuits` of a `[system]`: x takes the place of theta(T) - center, all of it is read."""

    given_system = True

    @cached_property
    def system(self) -> SparseSystem:
        """The files, checked and padded."""
        table = self.spec.system
        if table is None:
            raise InputError("the spec has no [system]")
        base = self.spec.base
        return load_sparse_system(base / table.matrix, base / table.rhs, self.spec.origin)

    @property
    def n(self) -> int:
        """Number of unknowns."""
        return self.system.size

    @cached_property
    def encoding(self) -> Any:
        """The block encoding of L; entries are exact angles."""
        return SparseMatrixEncoding.of(self.system.matrix)

    @property
    def draft_encoding(self) -> Any:
        """The same."""
        return self.encoding

    @cached_property
    def preparation(self) -> Any:
        """The preparation of b/||b||."""
        return VectorPreparation.of(self.system.rhs)

    @cached_property
    def inverse_norm(self) -> InverseNorm:
        """||L|| and ||L^-1||, computed."""
        largest, least = self.system.singular_values
        return InverseNorm(
            inverse_norm=rounded_up(1 / least), norm=rounded_up(largest), source="computed", formula=COMPUTED
        )

    @cached_property
    def norms(self) -> HistoryNorms:
        """||b|| and ||x||; all of x is read."""
        return HistoryNorms(
            rhs_norm=float(np.linalg.norm(self.system.rhs)),
            solution_norm=float(np.linalg.norm(self.system.solution)),
            readout_probability=1.0,
            source="computed",
            formula=SOLVED_NORMS,
        )

    @property
    def march(self) -> MarchParts:
        """Raises InputError: there are no steps."""
        problem = Problem(
            where=f"{self.spec.origin}: solver.method",
            found='"march" of a [system]',
            allowed='"qsvt", "lcu", "kernel", "hhl", "adiabatic" or "auto"',
        )
        raise InputError("a linear system has no steps to march", [problem])

    @property
    def support(self) -> int:
        """Any unknown may be nonzero."""
        return self.n

    @cached_property
    def read_sites(self) -> npt.NDArray[np.int64]:
        """All unknowns."""
        return np.arange(self.n, dtype=np.int64)

    @property
    def readout_indices(self) -> npt.NDArray[np.int64]:
        """All unknowns, (1, n)."""
        return np.arange(self.n, dtype=np.int64)[None, :]

    def amplitudes(self) -> tuple[npt.NDArray[Any], float]:
        """Return the amplitudes of x, (1, n), and the success probability, without gates."""
        vector = self.linear_solver.amplitudes(self.plan, self.system.matrix, self.system.rhs)
        return vector[self.readout_indices], float(np.vdot(vector, vector).real)

    def small_system(self) -> tuple[Any, Any]:
        """L and b as the circuit encodes them."""
        return self.system.matrix, self.system.rhs

    def matrix_size(self) -> tuple[int, int]:
        """Return the width of the register and the entries of L."""
        return (self.n - 1).bit_length(), int(self.system.matrix.nnz)

    def write_system(self, directory: Path) -> tuple[str | None, str | None]:
        """Write L.npz and b.npy as the circuit encodes them; return their names."""
        sp.save_npz(directory / MATRIX_FILE, self.system.matrix)
        np.save(directory / RHS_FILE, self.system.rhs)
        return MATRIX_FILE, RHS_FILE

    def layout_document(self) -> dict[str, Any]:
        """The register holds the index alone."""
        return {"time": [], "level": [], "slots": []}

    def solution_document(self) -> dict[str, Any]:
        """x itself: unknown i is basis state i; `scale` is 1 unless the numbers given are huge or tiny."""
        scale = float(self.system.as_asked(np.ones(1))[0])
        return {"indices": list(range(self.n)), "scale": scale, "offset": [0.0] * self.n}

    @property
    def approximation(self) -> None:
        """There is no network."""
        return

    def warn(self) -> None:
        """Nothing was approximated."""


def circuits_of(
    spec: SpecLike,
    overrides: Iterable[str] = (),
    *,
    synthesized: bool = False,
    upload: Upload | None = None,
) -> Circuits:
    """Return the circuits of a spec, whether it trains or gives a system; of a segment where there is an upload."""
    model = load_spec(spec, overrides)
    made = Circuits if model.system is None else SparseCircuits
    return made(model, synthesized=synthesized, upload=upload)
