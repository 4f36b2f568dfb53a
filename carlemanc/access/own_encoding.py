"""A user's own block encoding and state preparation, Qualtran's, checked and taken in as an `Encoded` system.

Comes in: a Qualtran `BlockEncoding`, a preparation and norms. Goes out: `Encoded`. A resource register is one more
ancilla: that all of them are |0> is what the block is defined by, whatever else junk may hold.
"""

from __future__ import annotations

import math
from typing import Any

from qualtran import Bloq
from qualtran.bloqs.block_encoding import BlockEncoding
from qualtran.bloqs.reflections.prepare_identity import PrepareIdentity
from qualtran.symbolics import is_symbolic

from carlemanc.access.encoded import Encoded
from carlemanc.access.qualtran_errors import encoding_error, wrong_blocks
from carlemanc.core.errors import InputError, Problem
from carlemanc.programs.adoption import adopted

_SYSTEM, _ANCILLAS = ("system",), ("ancilla", "resource")
_SLACK = 1e-6
"""Rounding allowed between norms that were computed in different ways."""


def own_encoding(
    encoding: Any,
    preparation: Any,
    *,
    inverse_norm: float,
    rhs_norm: float = 1.0,
    solution_norm: float | None = None,
) -> Encoded:
    """Return the system of an encoding of L and a preparation of b/||b||.

    Args:
        encoding: a `BlockEncoding` of numbers, no symbols, on `system` and, where it has them, `ancilla` and
            `resource`, whose signal state is |0>; its decomposition ends in gates that the emitter knows.
        preparation: a bloq on registers that go through, as many wires in all as `system`, the first register the most
            significant: |0> -> b/||b||.
        inverse_norm: a bound of ||L^-1||.
        rhs_norm: ||b||.
        solution_norm: ||x||; None where it is not known.

    Raises InputError with every problem that is found.
    """
    problems = _kinds(encoding, preparation)
    if not problems:
        problems = [*_of_encoding(encoding), *_of_norms(encoding, inverse_norm, rhs_norm, solution_norm)]
    if not problems:
        problems = _of_preparation(preparation, int(encoding.system_bitsize))
    if problems:
        raise InputError("the system cannot be solved", problems)
    names = {register.name for register in encoding.signature}
    ancillas = [name for name in _ANCILLAS if name in names]
    prepared = [register.name for register in preparation.signature]
    return Encoded(
        encoding=adopted(encoding, system=_SYSTEM, ancilla=ancillas, role="encoding"),
        preparation=adopted(preparation, system=prepared, ancilla=(), role="preparation"),
        alpha=float(encoding.alpha),
        epsilon=encoding_error(encoding),
        inverse_norm=float(inverse_norm),
        rhs_norm=float(rhs_norm),
        solution_norm=None if solution_norm is None else float(solution_norm),
    )


def _kinds(encoding: Any, preparation: Any) -> list[Problem]:
    """Return what is of another kind."""
    problems = []
    if not isinstance(encoding, BlockEncoding):
        problems.append(
            Problem(
                where="encoding",
                found=f"a {type(encoding).__name__}",
                allowed="a qualtran.bloqs.block_encoding.BlockEncoding",
                help="for a matrix: carlemanc.block_encoding.sparse_matrix.SparseMatrixEncoding.of(matrix)",
            )
        )
    if not isinstance(preparation, Bloq):
        problems.append(
            Problem(
                where="preparation",
                found=f"a {type(preparation).__name__}",
                allowed="a qualtran.Bloq that takes |0> to b/||b||",
                help="for a vector: carlemanc.block_encoding.sparse_matrix.VectorPreparation.of(b)",
            )
        )
    return problems


def _of_encoding(encoding: BlockEncoding) -> list[Problem]:
    """Return what an encoding says of itself that cannot be served."""
    problems = []
    for name in ("alpha", "epsilon", "system_bitsize"):
        value = getattr(encoding, name)
        if is_symbolic(value) or not math.isfinite(value) or value < 0 or (name != "epsilon" and not value):
            allowed = "a finite number, no symbol, " + ("at least 0" if name == "epsilon" else "above 0")
            problems.append(Problem(where=f"encoding.{name}", found=str(value), allowed=allowed))
    try:
        state = encoding.signal_state
        found = "" if isinstance(getattr(state, "prepare", state), PrepareIdentity) else str(state)
    except NotImplementedError as error:
        found = str(error) or "not implemented"
    if found:
        allowed = "BlackBoxPrepare(PrepareIdentity): the block is where the ancillas are |0> before and after"
        problems.append(Problem(where="encoding.signal_state", found=found, allowed=allowed))
    for found in wrong_blocks(encoding):
        allowed = "factors without a resource register: a LinearCombination with a `prepare` of its own"
        problems.append(Problem(where="encoding", found=found, allowed=allowed))
    if not {register.name for register in encoding.signature} >= {*_SYSTEM}:
        names = ", ".join(register.name for register in encoding.signature)
        allowed = "registers system and, as far as there are any, ancilla and resource"
        problems.append(Problem(where="encoding.signature", found=names, allowed=allowed))
    return problems


def _of_norms(encoding: BlockEncoding, inverse: Any, rhs: Any, solution: Any) -> list[Problem]:
    """Return the norms that are no numbers, or contradict each other."""
    problems = []
    for name, value in (("inverse_norm", inverse), ("rhs_norm", rhs), ("solution_norm", solution)):
        if value is None and name == "solution_norm":
            continue
        if not _is_positive(value):
            problems.append(Problem(where=name, found=repr(value), allowed="a positive finite number"))
    if problems or not _is_positive(encoding.alpha) or is_symbolic(encoding.epsilon):
        return problems
    error = encoding_error(encoding)
    alpha, least, most = float(encoding.alpha), rhs / float(encoding.alpha), rhs * inverse
    if inverse < (1 - _SLACK) / alpha:
        found, allowed = (
            f"{inverse:.6g}",
            f"at least 1/alpha = {1 / alpha:.6g}, as ||L|| <= alpha = {alpha:.6g}",
        )
        problems.append(Problem(where="inverse_norm", found=found, allowed=allowed))
    elif error * inverse >= 1:
        found = f"an error of {error:.3g}, so that what is encoded may be singular"
        allowed = f"less than 1/inverse_norm = {1 / inverse:.3g}: more lambd_bits, a smaller epsilon"
        problems.append(Problem(where="encoding", found=found, allowed=allowed))
    elif solution is not None and not least * (1 - _SLACK) <= solution <= most * (1 + _SLACK):
        allowed = f"between ||b||/alpha = {least:.6g} and ||L^-1|| ||b|| = {most:.6g}"
        problems.append(Problem(where="solution_norm", found=f"{solution:.6g}", allowed=allowed))
    return problems


def _of_preparation(preparation: Bloq, size: int) -> list[Problem]:
    """Return that the registers are not as large together as the system."""
    total = sum(register.total_bits() for register in preparation.signature)
    if total == size:
        return []
    registers = ", ".join(f"{r.name} of {r.total_bits()}" for r in preparation.signature)
    allowed = (
        f"{size} qubits in all, as system_bitsize of the encoding: no junk, no phase gradient, no control"
    )
    return [Problem(where="preparation", found=f"{registers} qubits", allowed=allowed)]


def _is_positive(value: Any) -> bool:
    try:
        return math.isfinite(value) and value > 0
    except TypeError:
        return False
