r"""The circuit that tells signs: the solver's state beside a reference state, a Hadamard on the flag that joins them.

From |0>: $(|0>|r> + |1>|f>)/\sqrt 2$ with f the solver's final state (all ancillas |0> on success) and r a known
reference, then H on the flag: on the success branch the amplitudes are $(r + f)/2$ with flag 0 and $(r - f)/2$ with
flag 1, so $P(0,i) - P(1,i) = r_i f_i$ shows the sign of f_i relative to r_i, global phase included.

References: [kerenidis_prakash2020] Algorithm 4.1 and [dalzell2023] Proposition 4 (the circuit; from memory), with the
estimated magnitudes as reference.
"""

from __future__ import annotations

from functools import cached_property

import attrs
import numpy as np
import numpy.typing as npt
from qualtran import AddControlledT, Bloq, BloqBuilder, CtrlSpec, QAny, QBit, Register, Signature, SoquetT
from qualtran.bloqs.basic_gates import Hadamard, XGate
from qualtran.resource_counting import BloqCountDictT, SympySymbolAllocator

from carlemanc.bloqs.amplitudes.sparse_amplitudes import SparseAmplitudes


@attrs.frozen(cache_hash=True)
class SignCircuit(Bloq):
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

    @cached_property
    def signature(self) -> Signature:
        """See the class docstring."""
        return Signature([Register("flag", QBit()), *self.solver.signature])

    @cached_property
    def _controlled_solver(self) -> tuple[Bloq, AddControlledT]:
        bloq, add = self.solver.get_ctrl_system(CtrlSpec())
        return bloq, add

    @cached_property
    def _controlled_reference(self) -> SparseAmplitudes:
        return attrs.evolve(self.reference, is_controlled=True)

    def build_composite_bloq(
        self, bb: BloqBuilder, flag: SoquetT, **registers: SoquetT
    ) -> dict[str, SoquetT]:
        """The solver first: the reference then only meets the branch that is still |0>."""
        flag = bb.add(Hadamard(), q=flag)
        (flag,), outputs = self._controlled_solver[1](bb, [flag], registers)
        names = [register.name for register in self.solver.signature.rights()]
        registers = dict(zip(names, outputs, strict=True))
        flag = bb.add(XGate(), q=flag)
        wires = bb.split(registers["system"])[::-1]
        if self.reference.size:
            flag, wires = bb.add(self._controlled_reference, ctrl=flag, target=wires)
        flag = bb.add(XGate(), q=flag)
        registers["system"] = bb.join(np.array(wires[::-1]), dtype=QAny(len(wires)))
        return {"flag": bb.add(Hadamard(), q=flag), **registers}

    def build_call_graph(self, ssa: SympySymbolAllocator) -> BloqCountDictT:
        """One of each."""
        counts: BloqCountDictT = {Hadamard(): 2, XGate(): 2, self._controlled_solver[0]: 1}
        counts[self._controlled_reference] = counts.get(self._controlled_reference, 0) + 1
        return counts


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
