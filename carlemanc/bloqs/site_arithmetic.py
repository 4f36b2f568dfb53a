"""Moving along a lattice inside a register: constants added, cyclic shifts of any extent, axes of an index.

All functions act on every basis state of their bits as a permutation; what they do beyond the extent in use is
theirs to choose unless stated otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from carlemanc.bloqs.arithmetic import Add, Increment, at_least
from carlemanc.bloqs.bit_circuit import Bit, BitCircuit


def add_constant(circuit: BitCircuit, control: Bit, bits: Sequence[Bit], constant: int) -> None:
    """Map x to x + constant mod 2^k where `control` is 1; no carry runs below the lowest set bit.

    Toffoli: k' - 1 with k' = k less the trailing zeros of the constant, which +2^j and -2^j reach without
    work bits for the constant.
    """
    constant %= 1 << len(bits)
    if not constant:
        return
    zeros = (constant & -constant).bit_length() - 1
    high, constant = list(bits[zeros:]), constant >> zeros
    is_down = constant == (1 << len(high)) - 1
    if constant == 1 or is_down:
        for bit in high if is_down else ():
            circuit.x(bit)
        circuit.call(Increment(len(high), True), ctrl=control, target=high)
        for bit in high if is_down else ():
            circuit.x(bit)
        return
    with circuit.work(len(high)) as addend:
        circuit.xor(constant, addend, control)
        circuit.call(Add(len(high)), addend=addend, target=high)
        circuit.xor(constant, addend, control)


def rotate(circuit: BitCircuit, control: Bit, bits: Sequence[Bit], extent: int, step: int) -> None:
    """Map x to x + step mod extent for x < extent where `control` is 1; numbers >= extent stay >= extent."""
    step %= extent
    if not step:
        return
    if extent == 1 << len(bits):
        add_constant(circuit, control, bits, step)
    elif step == 1:
        add_constant(circuit, control, bits, 1)
        _exchange_with_zero(circuit, control, bits, extent)
    elif step == extent - 1:
        _exchange_with_zero(circuit, control, bits, extent)
        add_constant(circuit, control, bits, -1)
    else:
        _rotate_below(circuit, control, bits, extent, step)


def _exchange_with_zero(circuit: BitCircuit, control: Bit, bits: Sequence[Bit], number: int) -> None:
    """Exchange the basis states 0 and `number`: one conjunction of all bits."""
    lowest = (number & -number).bit_length() - 1
    rest = number ^ 1 << lowest
    circuit.xor(rest, bits, bits[lowest])
    others = [bit for position, bit in enumerate(bits) if position != lowest]
    circuit.flip(bits[lowest], [control, *others], [1] + [0] * len(others))
    circuit.xor(rest, bits, bits[lowest])


def _rotate_below(circuit: BitCircuit, control: Bit, bits: Sequence[Bit], extent: int, step: int) -> None:
    """Any step, acting on x < extent alone: add step, or step - extent where that would pass the end."""
    size = 1 << len(bits)
    plain, wrapped = step % size, (step - extent) % size
    with where_below(circuit, control, bits, extent) as acts:
        wraps = circuit.allocate()
        with at_least(circuit, bits, extent - step) as late:
            circuit.flip(wraps, [acts, late])
        with circuit.work(len(bits)) as addend:
            circuit.xor(plain, addend, acts)
            circuit.xor(plain ^ wrapped, addend, wraps)
            circuit.call(Add(len(addend)), addend=addend, target=list(bits))
            circuit.xor(plain, addend, acts)
            circuit.xor(plain ^ wrapped, addend, wraps)
        with at_least(circuit, bits, step) as large:
            circuit.flip(wraps, [acts, large], [1, 0])
        circuit.free(wraps)


@contextmanager
def where_below(circuit: BitCircuit, control: Bit, bits: Sequence[Bit], number: int) -> Iterator[Bit]:
    """Yield a bit that is 1 where `control` is 1 and x < number, before and after what is done meanwhile."""
    below = circuit.allocate()
    _flip_where_below(circuit, bits, number, below)
    both = circuit.and_(control, below)
    yield both
    circuit.erase_and(control, below, both)
    _flip_where_below(circuit, bits, number, below)
    circuit.free(below)


def _flip_where_below(circuit: BitCircuit, bits: Sequence[Bit], number: int, target: Bit) -> None:
    circuit.x(target)
    _flip_where_at_least(circuit, bits, number, target)


def _flip_where_at_least(circuit: BitCircuit, bits: Sequence[Bit], number: int, target: Bit) -> None:
    with at_least(circuit, bits, number) as late:
        circuit.cx(late, target)


@contextmanager
def divided(circuit: BitCircuit, bits: Sequence[Bit], divisor: int) -> Iterator[tuple[list[Bit], list[Bit]]]:
    """Yield (quotient, remainder) bits of the number in `bits`; slices where the divisor is a power of two.

    Otherwise by long division; on leaving, remainder < divisor and a number that fits are required.
    """
    if divisor & (divisor - 1) == 0:
        cut = divisor.bit_length() - 1
        yield list(bits[cut:]), list(bits[:cut])
        return
    largest = ((1 << len(bits)) - 1) // divisor
    with circuit.work(largest.bit_length()) as quotient:
        for position in reversed(range(len(quotient))):
            _flip_where_at_least(circuit, bits, divisor << position, quotient[position])
            add_constant(circuit, quotient[position], bits, -(divisor << position))
        yield quotient, list(bits[: (divisor - 1).bit_length()])
        for position in range(len(quotient)):
            add_constant(circuit, quotient[position], bits, divisor << position)
            _flip_where_at_least(circuit, bits, divisor << position, quotient[position])


Condition = tuple[Bit, int]
"""A bit and the value it must have."""


@contextmanager
def between(circuit: BitCircuit, bits: Sequence[Bit], low: int, high: int) -> Iterator[list[Condition]]:
    """Yield conditions that hold together exactly where low <= x <= high."""
    if low == high:
        yield [(bit, low >> position & 1) for position, bit in enumerate(bits)]
        return
    with ExitStack() as stack:
        conditions: list[Condition] = []
        reached = stack.enter_context(at_least(circuit, bits, low))
        if reached is not None:
            conditions.append((reached, 1))
        if high < (1 << len(bits)) - 1:
            conditions.append((stack.enter_context(at_least(circuit, bits, high + 1)), 0))
        yield conditions
