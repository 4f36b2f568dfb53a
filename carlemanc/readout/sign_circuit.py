r"""The circuit that tells signs: the solver's state beside a reference state, a Hadamard on the flag that joins them.

From |0>: $(|0>|r> + |1>|f>)/\sqrt 2$ with f the solver's final state (all ancillas |0> on success) and r a known
reference, then H on the flag: on the success branch the amplitudes are $(r + f)/2$ with flag 0 and $(r - f)/2$ with
flag 1, so $P(0,i) - P(1,i) = r_i f_i$ shows the sign of f_i relative to r_i, global phase included.

References: [kerenidis_prakash2020] Algorithm 4.1 and [dalzell2023] Proposition 4 (the circuit; from memory), with the
estimated magnitudes as reference.
"""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt
from qualtran import Bloq

from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes
from carlemanc.bloqs.bit_circuit import BitCircuit
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, register_size


@attrs.frozen(cache_hash=True)
class SignCircuit(SequenceBloq):
    """H on the flag; the solver where it is 1; the reference where it is 0; H on the flag.

    Args:
        solver: bloq with registers `system` and `ancilla`, from |0>.
        reference: loader of the reference state on the system register.

    Registers:
        flag: enters as |0>; measured with `system`: 0 where the signs agree more often.
        system, ancilla: those of `solver`.
    """

    solver: Bloq
    reference: SparseAmplitudes
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        sizes = {name: register_size(self.solver, name) for name in ("system", "ancilla")}
        return {"flag": 1, **sizes}

    def build(self, circuit: BitCircuit) -> None:
        (flag,), system = self.bits("flag"), self.bits("system")
        circuit.h(flag)
        with circuit.conjunction([self.ctrl, flag]) as here:
            call_query(circuit, self.solver, system, self.bits("ancilla"), here)
        with circuit.conjunction([self.ctrl, flag], [1, 0]) as here:  # meets the branch that is still |0>
            circuit.call(attrs.evolve(self.reference, is_controlled=True), ctrl=here, target=system)
        circuit.h(flag)


def sign_circuit(
    solver: Bloq, indices: npt.ArrayLike, reference: npt.ArrayLike, *, eps: float = 0.0
) -> SignCircuit:
    """Return the sign circuit for entries at basis states `indices` of the system register.

    Args:
        solver: the solver circuit.
        indices: (k,) distinct basis states.
        reference: (k,) real amplitudes; zeros are left out.
        eps: synthesis precision of each rotation of the loader.
    """
    places, values = np.asarray(indices).reshape(-1), np.asarray(reference).reshape(-1)
    order = np.argsort(places)
    order = order[values[order] != 0]
    size = solver.signature.get_left("system").bitsize
    loader = SparseAmplitudes(int(size), tuple(places[order].tolist()), tuple(values[order].tolist()), eps)
    return SignCircuit(solver, loader)
