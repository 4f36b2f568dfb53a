"""The access of a method that inverts: the block encoding of L, b/||b||, and the norms of L^-1, b and x."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from attrs import evolve

from carlemanc.access.access import Access, Answer, Calibration, Reading, Rounding
from carlemanc.access.facts import InversionFacts
from carlemanc.access.register_parts import answer_flag, index_alone, register_parts, start_flag
from carlemanc.block_encoding import encode
from carlemanc.block_encoding.sparse_matrix import SparseMatrixEncoding, VectorPreparation
from carlemanc.bloqs.loading import DEFAULT_LOADING
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.core.arrays import Array
from carlemanc.core.errors import InputError
from carlemanc.linear_system.given import Given
from carlemanc.linear_system.lifted import Lifted
from carlemanc.state_preparation import prepare

MOST_BITS = 52
"""An angle of more bits says nothing: it is made from a float."""
SHAPED_BITS = 128
"""The same of a map known by its shape, whose entries were never floats."""


@singledispatch
def inversion(system: Any, reading: Reading, bits: int | None) -> Access[InversionFacts]:
    """Open a system for inversion; `bits` of loaded angles, None: a standard length. Raises InputError, TooLarge."""
    raise InputError(f"{type(system).__name__} is no linear system to invert")


@inversion.register
def _lifted(system: Lifted, reading: Reading, bits: int | None) -> Access[InversionFacts]:
    plain = reading.loading()
    loading = plain if bits is None else evolve(plain or DEFAULT_LOADING, angle_bits=bits)
    history = system.history
    encoding = encode(history, loading=loading)
    error = encoding.alpha * rounding_error(encoding)

    def pick(vector: Array) -> Array:
        return np.asarray(vector[history.readout_indices()])

    return Access(
        known=system,
        encodings=(encoding,),
        names=("L",),
        start=prepare(history, loading=plain),
        make_facts=lambda: _facts(system, encoding.alpha),
        answer=Answer(
            layout=register_parts(history.layout),
            is_solution=True,
            holds_start=True,
            find=history.readout_indices,
            pick=pick,
            flag=answer_flag(history.layout, history.steps),
            calibration=Calibration(flag=start_flag(history.layout), find_norm=history.start_norm),
        ),
        inverts=True,
        rounding=Rounding(
            bits=(loading or DEFAULT_LOADING).bits,
            most=SHAPED_BITS if system.is_shaped else MOST_BITS,
            error=error,
            words=f"b-bit angles move L by {error:.2g}",
            find_conditioning=lambda: system.inverse_norm,
        ),
        make_exact=None if system.is_shaped else lambda: (history.matrix(), history.rhs()),
        size=lambda: (history.layout.width, history.entries_bound),
    )


@inversion.register
def _given(system: Given, reading: Reading, bits: int | None) -> Access[InversionFacts]:
    """Entries are exact angles: nothing is loaded, `reading` and `bits` change nothing."""
    matrix, rhs = system.system.matrix, system.system.rhs
    encoding = SparseMatrixEncoding.of(matrix)

    return Access(
        known=system,
        encodings=(encoding,),
        names=("L",),
        start=VectorPreparation.of(rhs),
        make_facts=lambda: _facts(system, encoding.alpha),
        answer=Answer(
            layout=index_alone(),
            is_solution=True,
            holds_start=False,
            find=lambda entries: (system.read_sites if entries is None else entries)[None, :],
            pick=lambda vector: np.asarray(vector[system.read_sites][None, :]),
        ),
        inverts=True,
        rounding=Rounding(
            bits=0,
            most=0,
            error=0.0,
            words="no coefficient is rounded",
            find_conditioning=lambda: system.inverse_norm,
        ),
        make_exact=lambda: (matrix, rhs),
        size=lambda: ((system.n - 1).bit_length(), int(matrix.nnz)),
    )


def _facts(system: Lifted | Given, alpha: float) -> InversionFacts:
    norms = system.norms
    return InversionFacts(
        alpha=alpha,
        inverse_norm=system.inverse_norm.inverse_norm,
        rhs_norm=norms.rhs_norm,
        solution_norm=norms.solution_norm,
        readout_probability=norms.readout_probability,
        is_part=isinstance(system, Lifted),
    )
