"""The quantum stages of a `[system]`: a face."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from carlemanc.pipeline.circuits import Circuits
from carlemanc.pipeline.stages import SpecLike
from carlemanc.pipeline.system_files import MATRIX_FILE, RHS_FILE
from carlemanc.spec.loading import load_spec


class SparseCircuits(Circuits):
    """`Circuits` of a `[system]`: x takes the place of theta(T) - center, all of it is read."""

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


def circuits_of(spec: SpecLike, overrides: Iterable[str] = (), *, synthesized: bool = False) -> Circuits:
    """Return the circuits of a spec, whether it trains or gives a system."""
    model = load_spec(spec, overrides)
    made = Circuits if model.system is None else SparseCircuits
    return made(model, synthesized=synthesized)
