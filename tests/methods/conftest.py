"""Block encodings for tests only: a dense unitary as one tensor, and rotations that emit to gates."""

from __future__ import annotations

from functools import cached_property
from types import SimpleNamespace

import attrs
import numpy as np
import pytest
from qualtran import Bloq, BloqBuilder, QAny, Signature, SoquetT
from qualtran.bloqs.basic_gates import CNOT, Ry, XGate
from scipy.linalg import sqrtm


@attrs.frozen(cache_hash=True)
class DenseBlock(Bloq):
    """A unitary given entry by entry on (ancilla, system), ancilla more significant. Atomic."""

    entries: tuple[complex, ...]
    ancillas: int
    systems: int

    @cached_property
    def signature(self) -> Signature:
        return Signature.build_from_dtypes(system=QAny(self.systems), ancilla=QAny(self.ancillas))

    @property
    def unitary(self) -> np.ndarray:
        size = 1 << (self.ancillas + self.systems)
        return np.array(self.entries).reshape(size, size)

    def adjoint(self) -> DenseBlock:
        return DenseBlock(tuple(self.unitary.conj().T.ravel()), self.ancillas, self.systems)

    def my_tensors(self, incoming, outgoing):
        import quimb.tensor as qtn

        bits = [("ancilla", i) for i in range(self.ancillas)] + [("system", i) for i in range(self.systems)]
        indices = [(wires[name], i) for wires in (outgoing, incoming) for name, i in bits]
        return [qtn.Tensor(data=self.unitary.reshape((2,) * len(indices)), inds=indices, tags=[str(self)])]


def dilate(matrix: np.ndarray, ancillas: int) -> DenseBlock:
    """Return a block encoding of `matrix` (norm <= 1) on that many ancillas, junk random."""
    size = len(matrix)
    top = sqrtm(np.eye(size) - matrix @ matrix.conj().T)
    bottom = sqrtm(np.eye(size) - matrix.conj().T @ matrix)
    unitary = np.block([[matrix, top], [bottom, -matrix.conj().T]])
    extra = (size << ancillas) - 2 * size
    if extra:
        rng = np.random.default_rng(1)
        junk = np.linalg.qr(rng.normal(size=(extra, extra)))[0]
        unitary = np.block([[unitary, np.zeros((2 * size, extra))], [np.zeros((extra, 2 * size)), junk]])
        outer = np.linalg.qr(rng.normal(size=((size << ancillas) - size,) * 2))[0]
        mixer = np.block(
            [[np.eye(size), np.zeros((size, len(outer)))], [np.zeros((len(outer), size)), outer]]
        )
        unitary = unitary @ mixer
    return DenseBlock(tuple(unitary.ravel().tolist()), ancillas, int(np.log2(size)))


@attrs.frozen(cache_hash=True)
class RotationBlock(Bloq):
    """A non-normal block from Ry and CNOT on one system qubit and two ancillas, all emittable."""

    angles: tuple[float, ...] = (0.7, -1.1, 0.4, 1.9, 0.3, -0.6)

    @cached_property
    def signature(self) -> Signature:
        return Signature.build_from_dtypes(system=QAny(1), ancilla=QAny(2))

    def build_composite_bloq(self, bb: BloqBuilder, system: SoquetT, ancilla: SoquetT) -> dict[str, SoquetT]:
        wires = [bb.split(system)[0], *bb.split(ancilla)]
        for i, angle in enumerate(self.angles):
            one, two = i % 3, (i + 1) % 3
            wires[one] = bb.add(Ry(angle), q=wires[one])
            wires[one], wires[two] = bb.add(CNOT(), ctrl=wires[one], target=wires[two])
        return {
            "system": bb.join(np.array(wires[:1]), dtype=QAny(1)),
            "ancilla": bb.join(np.array(wires[1:]), dtype=QAny(2)),
        }

    def build_call_graph(self, ssa):
        return {**{Ry(angle): 1 for angle in self.angles}, CNOT(): len(self.angles)}


@attrs.frozen(cache_hash=True)
class Flip(Bloq):
    """X on the first wire of a system register: the simplest preparation."""

    systems: int = 1

    @cached_property
    def signature(self) -> Signature:
        return Signature.build_from_dtypes(system=QAny(self.systems))

    def build_composite_bloq(self, bb: BloqBuilder, system: SoquetT) -> dict[str, SoquetT]:
        wires = bb.split(system)
        wires[0] = bb.add(XGate(), q=wires[0])
        return {"system": bb.join(wires, dtype=QAny(self.systems))}

    def build_call_graph(self, ssa):
        return {XGate(): 1}


def block(unitary: np.ndarray, system_bits: int, ancilla_bits: int) -> np.ndarray:
    """Return <0|_ancilla U |0>_ancilla of a unitary on (system, ancilla) in that order of significance."""
    shape = (1 << system_bits, 1 << ancilla_bits)
    tensor = unitary.reshape(shape + shape)
    return tensor[:, 0, :, 0]


@pytest.fixture(scope="session")
def blocks() -> SimpleNamespace:
    """The test block encodings and the block of a unitary."""
    return SimpleNamespace(dilate=dilate, RotationBlock=RotationBlock, Flip=Flip, block=block)
