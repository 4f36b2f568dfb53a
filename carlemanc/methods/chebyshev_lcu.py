r"""A sum of odd Chebyshev polynomials of $A^\dagger$ by walk powers under a selector.

$T_{2j+1}$ of the singular values of $A^\dagger$ is the block of $U^\dagger (R U R U^\dagger)^j$, $R = 1 - 2\Pi$,
$\Pi$ = |0><0| on the block ancillas: between two reflections the pair (block, junk) turns by the angle arccos
sigma, and the two signs of a step cancel (derived here; QSVT with all phases pi/2). No dilation is needed for
an L that is not Hermitian: the alternation of U and $U^\dagger$ is the alternation of left and right singular
vectors. Without its two reflections a step is $U U^\dagger = 1$, so the selector controls reflections alone and no
query. The step number k runs through the selector's values by unary iteration, which keeps one flag [j >= k].
"""

from __future__ import annotations

from functools import cached_property

import attrs
from qualtran import Bloq

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit
from carlemanc.bloqs.converters import numbers
from carlemanc.bloqs.rotations.rotation_tree import RotationTree
from carlemanc.bloqs.sequence_bloq import SequenceBloq, call_query, reflect, register_size


@attrs.frozen(cache_hash=True)
class WalkStep(SequenceBloq):
    r"""The walk step $U^\dagger R U R$ (R first); under a control the reflections alone are controlled.

    Args:
        encoding: block encoding U, registers `system` and (unless it needs none) `ancilla`.
        is_controlled: do nothing where `ctrl` is 0.
    """

    encoding: Bloq
    is_controlled: bool = False

    def bit_registers(self) -> dict[str, int | None]:
        sizes = {name: register_size(self.encoding, name) for name in ("system", "ancilla")}
        return {name: size for name, size in sizes.items() if size}

    def build(self, circuit: BitCircuit) -> None:
        system, ancilla = self.bits("system"), self.bits("ancilla")
        for query in (self.encoding, self.encoding.adjoint()):
            reflect(circuit, ancilla, self.ctrl)
            call_query(circuit, query, system, ancilla)

    def bits(self, register: str) -> list[Bit]:
        return [(register, i) for i in range(self.bit_registers().get(register) or 0)]


@attrs.frozen(cache_hash=True)
class ChebyshevLCU(SequenceBloq):
    r"""Block $\sum_j (-1)^j w_j T_{2j+1}(A^\dagger) / \sum_j w_j$, singular values transformed.

    Args:
        encoding: block encoding of A, registers `system` and (unless it needs none) `ancilla`.
        weights: w_j > 0, two or more of them.
        eps: synthesis precision of each rotation of the selector.
        is_controlled: do nothing where `ctrl` is 0 (one query is controlled then, and the selector's root).

    Registers:
        system: the block encoding's.
        ancilla: the block encoding's, then ceil(log2(number of weights)) selector wires (most significant).

    Cost for J + 1 weights: 2J + 1 queries, 2J reflections, at most 2J ANDs of unary iteration, two selector
    preparations of at most 2^q - 1 rotations.

    References:
        [childs2017] Childs, Kothari, Somma, arXiv:1511.02306, section 4 (there on a Hermitian dilation).
    """

    encoding: Bloq
    weights: tuple[float, ...] = attrs.field(converter=numbers)
    eps: float = 0.0
    is_controlled: bool = False

    @property
    def selector_size(self) -> int:
        """Number of selector wires."""
        return (len(self.weights) - 1).bit_length()

    def bit_registers(self) -> dict[str, int | None]:
        block = register_size(self.encoding, "ancilla")
        return {
            "system": register_size(self.encoding, "system"),
            "ancilla": block + self.selector_size,
        }

    @cached_property
    def _prepare(self) -> RotationTree:
        padded = [weight**0.5 for weight in self.weights]
        padded += [0.0] * ((1 << self.selector_size) - len(padded))
        return RotationTree((tuple(padded),), self.eps)

    @property
    def _block(self) -> list[Bit]:
        return self.bits("ancilla")[: register_size(self.encoding, "ancilla")]

    @property
    def _selector(self) -> list[Bit]:
        return self.bits("ancilla")[register_size(self.encoding, "ancilla") :]

    def build(self, circuit: BitCircuit) -> None:
        selector = self._selector
        circuit.call(self._prepare, target=selector)
        circuit.cz(self.ctrl, selector[0])
        self._begin(circuit)
        with circuit.work(1) as (flag,):
            circuit.cx(self.ctrl, flag)
            self._iterate(circuit, flag, self.ctrl, len(selector), 0)
        circuit.call(self._prepare.adjoint(), target=selector)

    def _begin(self, circuit: BitCircuit) -> None:
        """The query before the walk steps."""
        call_query(circuit, self.encoding.adjoint(), self.bits("system"), self._block, self.ctrl)

    def _iterate(self, circuit: BitCircuit, flag: Bit, node: Bit | None, depth: int, first: int) -> None:
        """Visit the selector values first ... first + 2^depth - 1; `node` is 1 where the bits above agree."""
        last = len(self.weights) - 1
        if depth == 0 or first >= last:
            circuit.cx(node, flag)
            if first < last:
                call_query(circuit, WalkStep(self.encoding), self.bits("system"), self._block, flag)
            return
        bit, half = self._selector[depth - 1], 1 << (depth - 1)
        if node is None:
            for value in (0, 1):
                with circuit.conjunction([bit], [value]) as part:
                    self._iterate(circuit, flag, part, depth - 1, first + value * half)
            return
        with circuit.conjunction([node, bit], [1, 0]) as part:
            self._iterate(circuit, flag, part, depth - 1, first)
            circuit.cx(node, part)
            self._iterate(circuit, flag, part, depth - 1, first + half)
            circuit.cx(node, part)
