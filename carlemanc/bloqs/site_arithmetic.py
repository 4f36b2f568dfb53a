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
    addend = [circuit.allocate() for _ in high]
    _write(circuit, control, addend, constant)
    circuit.call(Add(len(high)), addend=addend, target=high)
    _write(circuit, control, addend, constant)
    for bit in addend:
        circuit.free(bit)


def _write(circuit: BitCircuit, control: Bit, target: Sequence[Bit], constant: int) -> None:
    for position, bit in enumerate(target):
        if constant >> position & 1:
            circuit.cx(control, bit)


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
    others = [position for position in range(len(bits)) if position != lowest]
    for position in others:
        if number >> position & 1:
            circuit.cx(bits[lowest], bits[position])
    wanted = [control, *(bits[position] for position in others)]
    with circuit.conjunction(wanted, [1] + [0] * len(others)) as found:
        circuit.cx(found, bits[lowest])
    for position in others:
        if number >> position & 1:
            circuit.cx(bits[lowest], bits[position])


def _rotate_below(circuit: BitCircuit, control: Bit, bits: Sequence[Bit], extent: int, step: int) -> None:
    """Any step, acting on x < extent alone: add step, or step - extent where that would pass the end."""
    valid = circuit.allocate()
    _flip_where_below(circuit, bits, extent, valid)
    acts = circuit.and_(control, valid)
    wraps = circuit.allocate()
    with at_least(circuit, bits, extent - step) as late:
        assert late is not None
        circuit.toffoli(acts, late, wraps)
    size = 1 << len(bits)
    plain, wrapped = step % size, (step - extent) % size
    addend = [circuit.allocate() for _ in bits]
    for _ in range(2):
        _write(circuit, acts, addend, plain)
        _write(circuit, wraps, addend, plain ^ wrapped)
        if _ == 0:
            circuit.call(Add(len(addend)), addend=addend, target=list(bits))
    for bit in addend:
        circuit.free(bit)
    with at_least(circuit, bits, step) as large:
        assert large is not None
        circuit.toffoli(acts, large, wraps, (1, 0))
    circuit.free(wraps)
    circuit.erase_and(control, valid, acts)
    _flip_where_below(circuit, bits, extent, valid)
    circuit.free(valid)


def _flip_where_below(circuit: BitCircuit, bits: Sequence[Bit], number: int, target: Bit) -> None:
    circuit.x(target)
    with at_least(circuit, bits, number) as late:
        assert late is not None
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
    quotient = [circuit.allocate() for _ in range(largest.bit_length())]
    for position in reversed(range(len(quotient))):
        _compare(circuit, bits, divisor << position, quotient[position])
        add_constant(circuit, quotient[position], bits, -(divisor << position))
    yield quotient, list(bits[: (divisor - 1).bit_length()])
    for position in range(len(quotient)):
        add_constant(circuit, quotient[position], bits, divisor << position)
        _compare(circuit, bits, divisor << position, quotient[position])
    for bit in quotient:
        circuit.free(bit)


def _compare(circuit: BitCircuit, bits: Sequence[Bit], number: int, target: Bit) -> None:
    with at_least(circuit, bits, number) as reached:
        assert reached is not None
        circuit.cx(reached, target)


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
            passed = stack.enter_context(at_least(circuit, bits, high + 1))
            assert passed is not None
            conditions.append((passed, 0))
        yield conditions
