"""Arithmetic on blocks of numbers that counts its floating-point operations, with the numbers or without them.

A block is an array that may be known by its shape alone. Both forms go through the same operations, so that what is
counted for a program is what the program does. Products and additions of broadcast blocks count once for each number
of the result; a change of sign, a copy and a lookup count nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from carlemanc.core.arrays import FloatArray

Shape = tuple[int, ...]
"""One extent for each depth of nested sums; 1 where nothing depends on that index."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Numbers of a shape; `data` (shape) is None where they are only counted."""

    shape: Shape
    data: FloatArray | None = None

    @classmethod
    def of(cls, data: FloatArray) -> Block:
        """Return numbers as a block."""
        return cls(shape=data.shape, data=data)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)


class BlockArithmetic:
    """Products, sums and powers of blocks.

    Attributes:
        flops: floating-point operations so far, exact.
    """

    def __init__(self) -> None:
        self.flops = 0

    def times(self, first: Block, second: Block) -> Block:
        """Return the product."""
        data = None if first.data is None or second.data is None else first.data * second.data
        return self._made(joined(first.shape, second.shape), data)

    def plus(self, first: Block, second: Block) -> Block:
        """Return the sum."""
        data = None if first.data is None or second.data is None else first.data + second.data
        return self._made(joined(first.shape, second.shape), data)

    def product(self, blocks: Sequence[Block]) -> Block:
        """Return the product of one or more, the smallest first."""
        return reduce(self.times, sorted(blocks, key=lambda block: block.size))

    def total(self, blocks: Sequence[Block]) -> Block:
        """Return the sum of one or more, the smallest first."""
        return reduce(self.plus, sorted(blocks, key=lambda block: block.size))

    def power(self, base: Block, exponent: int) -> Block:
        """Return a power, at least the first, by squaring."""
        result: Block | None = None
        square = base
        while exponent:
            if exponent & 1:
                result = square if result is None else self.times(result, square)
            exponent >>= 1
            if exponent:
                square = self.times(square, square)
        assert result is not None
        return result

    def negative(self, block: Block) -> Block:
        """Return minus a block, for nothing."""
        return Block(shape=block.shape, data=None if block.data is None else -block.data)

    def summed_to(self, block: Block, whole: Shape, kept: Shape) -> Block:
        """Return the sums of a block that stands for one of a larger shape, over the indices that are not kept.

        Args:
            block: 1 along indices that it does not depend on.
            whole: the shape that it stands for.
            kept: 1 along the indices to be summed over.
        """
        gone = [axis for axis, extent in enumerate(whole) if extent > 1 and kept[axis] == 1]
        along = tuple(axis for axis in gone if block.shape[axis] > 1)
        if along:
            shape = tuple(1 if axis in along else extent for axis, extent in enumerate(block.shape))
            self.flops += block.size - math.prod(shape)
            data = None if block.data is None else block.data.sum(axis=along, keepdims=True)
            block = Block(shape=shape, data=data)
        repeats = math.prod(whole[axis] for axis in gone if axis not in along)
        if repeats == 1:
            return block
        self.flops += block.size
        return Block(shape=block.shape, data=None if block.data is None else block.data * float(repeats))

    def _made(self, shape: Shape, data: FloatArray | None) -> Block:
        self.flops += math.prod(shape)
        return Block(shape=shape, data=data)


def joined(first: Shape, second: Shape) -> Shape:
    """Return the shape of two blocks together: along every index the larger extent."""
    return tuple(map(max, first, second))
