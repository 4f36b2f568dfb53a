"""How far block encodings of Qualtran are from what they say, against their blocks as they are emitted."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest
from qualtran.bloqs.basic_gates import Hadamard, Ry, SGate, TGate, XGate, ZGate
from qualtran.bloqs.block_encoding import (
    BlockEncoding,
    ChebyshevPolynomial,
    LinearCombination,
    Phase,
    Product,
    TensorProduct,
    Unitary,
)

import carlemanc
from carlemanc.access.qualtran_errors import encoding_error, sampled_weights, wrong_blocks
from carlemanc.core.errors import InputError
from carlemanc.programs.adoption import adopted
from carlemanc.programs.emitter import emit
from carlemanc.programs.sparse_state import simulate_columns

GATES = {
    "z": (ZGate(), np.diag([1, -1])),
    "x": (XGate(), np.array([[0, 1], [1, 0]])),
    "s": (SGate(), np.diag([1, 1j])),
    "t": (TGate(), np.diag([1, np.exp(0.25j * np.pi)])),
}


def _combined(weights: tuple[float, ...], bits: int, names: str = "zxst") -> tuple[LinearCombination, Any]:
    parts = [GATES[name] for name in names[: len(weights)]]
    matrix = sum(weight * gate for weight, (_, gate) in zip(weights, parts, strict=True))
    return LinearCombination(tuple(Unitary(bloq) for bloq, _ in parts), weights, lambd_bits=bits), matrix


def _block(encoding: BlockEncoding) -> Any:
    """alpha <0|U|0> by simulating the emitted circuit on every basis state of the system."""
    names = [register.name for register in encoding.signature]
    found = adopted(encoding, system=["system"], ancilla=[n for n in names if n != "system"], role="encoding")
    size = 1 << found.system_size
    rows, columns, values = simulate_columns(emit(found), "system", range(size), project_early=True)
    block = np.zeros((size, size), dtype=complex)
    block[np.asarray(rows, dtype=int), columns] = values
    return encoding.alpha * block


WEIGHTS = [((0.6, -0.4), 2), ((0.75, 0.25), 2), ((0.5, 0.3, 0.2), 1), ((1.0, 2.0, 0.5, 0.3), 1)]


@pytest.mark.parametrize(("weights", "bits"), WEIGHTS)
def test_the_rounding_of_alias_sampling_is_in_the_error(weights: tuple[float, ...], bits: int) -> None:
    encoding, matrix = _combined(weights, bits)
    off = float(np.linalg.norm(_block(encoding) - matrix, 2))
    assert encoding.epsilon == 0
    assert off <= encoding_error(encoding) + 1e-12
    assert encoding_error(encoding) <= 2 * off + 1e-12
    assert sampled_weights(encoding.prepare.prepare).sum() == pytest.approx(1)


ROUGH, ROUGH_MATRIX = _combined((0.6, -0.4), 2)
SMOOTH, SMOOTH_MATRIX = _combined((0.75, 0.25), 2)
TURN = Unitary(Ry(0.4))
COMPOSED = {
    "tensor product": (TensorProduct((ROUGH, TURN)), lambda a, u: np.kron(a, u)),
    "product with a unitary": (Product((TURN, ROUGH)), lambda a, u: u @ a),
    "phase": (Phase(ROUGH, phi=1.0, eps=0.0), lambda a, u: -a),
    "combination": (LinearCombination((ROUGH, TURN), (0.5, 0.5), lambd_bits=1), lambda a, u: (a + u) / 2),
}


@pytest.mark.parametrize(("encoding", "make"), COMPOSED.values(), ids=COMPOSED)
def test_errors_of_parts_are_in_what_they_make(encoding: BlockEncoding, make: Any) -> None:
    turn = np.array([[np.cos(0.2), -np.sin(0.2)], [np.sin(0.2), np.cos(0.2)]])
    off = float(np.linalg.norm(_block(encoding) - make(ROUGH_MATRIX, turn), 2))
    assert 1e-3 < off <= encoding_error(encoding) + 1e-12
    assert not list(wrong_blocks(encoding))


def test_a_product_of_parts_with_junk_is_wrong_and_refused() -> None:
    """Weights are exact here, so that the block is off by nothing but the junk."""
    product = Product((SMOOTH, SMOOTH))
    assert encoding_error(product) == 0
    assert np.linalg.norm(_block(product) - SMOOTH_MATRIX @ SMOOTH_MATRIX, 2) > 0.01
    for wrong in (product, ChebyshevPolynomial(SMOOTH, order=2), Product((TURN, product))):
        assert list(wrong_blocks(wrong))
        with pytest.raises(InputError, match="junk"):
            carlemanc.solve(encoding=wrong, preparation=Hadamard(), inverse_norm=10)


def test_what_rounding_does_to_x_is_in_the_bound() -> None:
    encoding, matrix = _combined((0.6, -0.4), 8)
    inverse = float(np.linalg.norm(np.linalg.inv(matrix), 2))
    found = carlemanc.solve(encoding=encoding, preparation=Hadamard(), inverse_norm=inverse, epsilon=1e-2)
    x = np.linalg.solve(matrix, np.full(2, 0.5**0.5))
    error = float(np.linalg.norm(found.simulate().x - x) / np.linalg.norm(x))
    harm = encoding_error(encoding) * inverse
    assert harm > 1e-4
    assert error <= found.error_bound <= 1e-2
    with pytest.raises(InputError, match="the encoding alone moves x"):
        carlemanc.solve(encoding=encoding, preparation=Hadamard(), inverse_norm=inverse, epsilon=harm / 2)


def test_unitaries_have_no_error() -> None:
    every = [Unitary(bloq) for bloq, _ in GATES.values()]
    assert encoding_error(reduce(lambda a, b: TensorProduct((a, b)), every)) == 0
