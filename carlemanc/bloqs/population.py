"""The number of ones among some bits, in binary, for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


@contextmanager
def population(circuit: BitCircuit, bits: Sequence[Bit]) -> Iterator[list[Bit]]:
    """Yield bits that hold the number of ones in `bits`, least significant first; len(bits) - 1 Toffoli at most.

    Full and half adders in place: the given bits hold partial sums meanwhile and are restored at the end.

    References:
        Boyar and Peralta, Theor. Comput. Sci. 396, 223 (2008): the tree of full adders.
    """
    steps: list[tuple[Bit, Bit, Bit, Bit | None]] = []
    count: list[Bit] = []
    column = list(bits)
    while column:
        carries = []
        while len(column) > 1:
            a, b, *rest = column
            c = rest.pop(0) if rest else None
            carry, total = _add(circuit, a, b, c)
            steps.append((carry, a, b, c))
            carries.append(carry)
            column = [*rest, total]
        count.append(column[0])
        column = carries
    yield count
    for carry, a, b, c in reversed(steps):
        _subtract(circuit, carry, a, b, c)


def _add(circuit: BitCircuit, a: Bit, b: Bit, c: Bit | None) -> tuple[Bit, Bit]:
    """Return (carry, sum) of two or three bits; the sum stands on the last of them."""
    if c is None:
        carry = circuit.and_(a, b)
        circuit.cx(a, b)
        return carry, b
    circuit.cx(c, a)
    circuit.cx(c, b)
    carry = circuit.and_(a, b)
    circuit.cx(c, carry)
    circuit.cx(a, c)
    circuit.cx(b, c)
    return carry, c


def _subtract(circuit: BitCircuit, carry: Bit, a: Bit, b: Bit, c: Bit | None) -> None:
    if c is None:
        circuit.cx(a, b)
        circuit.erase_and(a, b, carry)
        return
    circuit.cx(b, c)
    circuit.cx(a, c)
    circuit.cx(c, carry)
    circuit.erase_and(a, b, carry)
    circuit.cx(c, b)
    circuit.cx(c, a)
