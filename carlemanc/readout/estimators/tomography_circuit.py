r"""The circuits of tomography with amplitude estimation: a residual, amplified, beside a reference.

Ry(2 beta) on one more ancilla, $\tan^2\beta = \|e\|$; U where it is 0, the loader of $e/\|e\|$ where it is 1, Z and
Ry(-2 beta): with all ancillas |0> the amplitudes are $\cos^2\beta\, x - \sin^2\beta\, e/\|e\| = (x - e)/(1 + \|e\|)$
(a linear combination of unitaries with its weights as they are; derived here, checked on the circuit).
"""

from __future__ import annotations

import math

import attrs
import numpy as np
import numpy.typing as npt
from qualtran import Bloq

from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size
from carlemanc.methods.amplification_circuit import AmplitudeAmplification
from carlemanc.readout.sign_circuit import SignCircuit


@attrs.frozen(cache_hash=True)
class Residual(SequenceBloq):
    """Amplitudes (x - e)/(1 + norm of e) on the system with all ancillas |0>, from |0...0>.

    Args:
        event: U, registers `system` and `ancilla`; x are its amplitudes with all ancillas |0>.
        loader: e, not normalized, on the system register.
        eps: synthesis precision of the two rotations of its own.
        is_controlled: do nothing where `ctrl` is 0.

    Registers:
        system: that of U.
        ancilla: that of U, then the one that joins U and the loader (most significant).

    Cost: U and the loader once, controlled; two rotations.
    """

    event: Bloq
    loader: SparseAmplitudes
    eps: float = 0.0
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        return {
            "system": register_size(self.event, "system"),
            "ancilla": register_size(self.event, "ancilla") + 1,
        }

    def build(self, circuit: BitCircuit) -> None:
        system = self.bits("system")
        *ancilla, joined = self.bits("ancilla")
        angle = 2 * math.atan(math.sqrt(math.hypot(*self.loader.values)))
        circuit.ry(angle, joined, self.eps)
        with circuit.conjunction([self.ctrl, joined], [1, 0]) as here:
            call_query(circuit, self.event, system, ancilla, here)
        with circuit.conjunction([self.ctrl, joined]) as here:
            circuit.call(attrs.evolve(self.loader, is_controlled=True), ctrl=here, target=system)
        circuit.cz(self.ctrl, joined)
        circuit.ry(-angle, joined, self.eps)


def round_circuit(
    event: Bloq, indices: npt.ArrayLike, estimate: npt.ArrayLike, uses: int, eps: float = 0.0
) -> SignCircuit:
    """Return the circuit of a round: flag 0 and 1 have the amplitudes (r + f)/2 and (r - f)/2 on the system.

    f is the residual after amplification by `uses` (odd) of the event circuit, r uniform on the support.

    Args:
        event: the event circuit.
        indices: (..., d) places of the entries in the system register; leading axes are copies of one vector.
        estimate: e, (d,), of all copies together; the event circuit alone where it is 0.
        uses: of the event circuit or its adjoint.
        eps: synthesis precision of each rotation that is not of the event's.
    """
    places = np.asarray(indices).reshape(-1, np.asarray(indices).shape[-1])
    values = np.broadcast_to(np.asarray(estimate, dtype=float) / math.sqrt(len(places)), places.shape)
    solver = event if not values.any() else Residual(event, _loader(event, places, values, eps), eps)
    rounds = (uses - 1) // 2
    if rounds:
        turns = (math.pi,)
        sign = math.pi * (rounds % 2)
        solver = AmplitudeAmplification(solver, turns, turns, phase=sign, eps=eps, repeats=rounds)
    return SignCircuit(solver, _loader(event, places, np.ones(places.shape), eps))


def _loader(
    event: Bloq, places: npt.NDArray[np.int64], values: npt.ArrayLike, eps: float
) -> SparseAmplitudes:
    """The loader of values at places; zeros are left out."""
    where, what = places.reshape(-1), np.asarray(values, dtype=float).reshape(-1)
    order = np.argsort(where)
    order = order[what[order] != 0]
    size = register_size(event, "system")
    return SparseAmplitudes(size, tuple(where[order].tolist()), tuple(what[order].tolist()), eps)
