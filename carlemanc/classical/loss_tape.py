"""A loss as it is written, with its gradient by reverse mode: forward through its tree, and back.

A part without weights is worked out once for all steps and counts nothing. Of the values, a gradient needs those that
a product or a power has to be known for; the others are not worked out. What is counted is what is done: both go
through the same operations (`block_arithmetic`), with numbers or with shapes alone.
"""

from __future__ import annotations

import math

import numpy as np

from carlemanc.classical.block_arithmetic import Block, BlockArithmetic
from carlemanc.classical.loss_names import Names
from carlemanc.classical.loss_tree import (
    Added,
    Known,
    Minus,
    Multiplied,
    Node,
    Raised,
    Total,
    Weight,
    largest_block,
    node_of,
)
from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.model.expression.tree import Expression


class LossTape:
    """An expression in the weights, ready to be evaluated over and over.

    Args:
        expression: as it is written.
        names: what it names.

    Raises NoAxes for a Sum whose range depends on another index.
    """

    def __init__(self, expression: Expression, names: Names) -> None:
        self._names = names
        self._root = node_of(expression, names, {})

    @property
    def largest(self) -> int:
        """The most numbers that are held at once for one part."""
        return largest_block(self._root)

    def gradient_flops(self) -> int:
        """Return the flops of the gradient times a number, added to the weights."""
        return self._run(None, 1.0)[0]

    def value_flops(self) -> int:
        """Return the flops of the value."""
        run = _Pass(self._names, None)
        run.value(self._root)
        return run.work.flops

    def stepped(self, theta: FloatArray, factor: float) -> FloatArray:
        """Return theta, (weights,), plus a factor times the gradient there."""
        moved = self._run(theta, factor)[1]
        assert moved is not None
        return moved

    def value(self, theta: FloatArray) -> float:
        """Return the value at theta, (weights,)."""
        found = _Pass(self._names, theta).value(self._root)
        assert found.data is not None
        return float(found.data.reshape(-1)[0])

    def _run(self, theta: FloatArray | None, factor: float) -> tuple[int, FloatArray | None]:
        run = _Pass(self._names, theta)
        shape = (1,) * self._names.depth
        seed = Block(shape=shape) if theta is None else Block.of(np.full(shape, factor))
        run.pull(self._root, seed)
        return run.work.flops, run.moved


class _Pass:
    """One evaluation at theta, or the count of one where that is None."""

    def __init__(self, names: Names, theta: FloatArray | None) -> None:
        self.work = BlockArithmetic()
        self.moved = None if theta is None else np.array(theta)
        self._names, self._theta = names, theta
        self._values: dict[int, Block] = {}

    def value(self, node: Node) -> Block:
        """Return the values of a part, worked out once."""
        known = self._values.get(id(node))
        if known is None:
            known = self._values[id(node)] = self._worked_out(node)
        return known

    def _worked_out(self, node: Node) -> Block:
        match node:
            case Known():
                return self._number(node)
            case Weight():
                return self._weights(node)
            case Added(parts=parts):
                return self.work.total([self.value(part) for part in parts])
            case Multiplied(known=known, parts=parts):
                factors = [self.value(part) for part in parts]
                return self.work.product([*factors, *([] if known is None else [self.value(known)])])
            case Minus(part=part):
                return self.work.negative(self.value(part))
            case Raised(base=base, exponent=exponent):
                return self.work.power(self.value(base), exponent)
            case Total(part=part):
                return self.work.summed_to(self.value(part), part.shape, node.shape)

    def pull(self, node: Node, slope: Block) -> None:
        """Add the gradient of a part, whose values count `slope` times, to what theta moves by."""
        match node:
            case Known():
                return
            case Weight():
                self._move(node, slope)
            case Added(parts=parts):
                for part in parts:
                    self._pull_part(node, part, slope)
            case Multiplied(known=known, parts=parts):
                for number, part in enumerate(parts):
                    others = [self.value(other) for place, other in enumerate(parts) if place != number]
                    others += [] if known is None else [self.value(known)]
                    self._pull_part(node, part, self.work.product([slope, *others]))
            case Minus(part=part):
                self.pull(part, self.work.negative(slope))
            case Raised(base=base, exponent=exponent):
                times = np.full((1,) * len(node.shape), float(exponent))
                below = self.work.power(self.value(base), exponent - 1)
                self.pull(base, self.work.product([Block.of(times), slope, below]))
            case Total(part=part):
                self.pull(part, slope)

    def _pull_part(self, node: Node, part: Node, slope: Block) -> None:
        if not isinstance(part, Known):
            self.pull(part, self.work.summed_to(slope, node.shape, part.shape))

    def _number(self, node: Known) -> Block:
        if self._theta is None:
            return Block(shape=node.shape)
        if not node.kept:
            found = self._names.number(node.expression, node.scope)
            node.kept.append(np.array(np.broadcast_to(found, node.shape)))
        return Block.of(node.kept[0])

    def _places(self, node: Weight) -> tuple[IntArray, Mask]:
        if not node.kept:
            site, inside = self._names.site(node.index, node.scope)
            node.kept.append((np.broadcast_to(site, node.shape), np.broadcast_to(inside, node.shape)))
        return node.kept[0]

    def _weights(self, node: Weight) -> Block:
        if self._theta is None:
            return Block(shape=node.shape)
        site, inside = self._places(node)
        return Block.of(np.where(inside, self._theta[site], 0.0))

    def _move(self, node: Weight, slope: Block) -> None:
        """Add slopes to the weights: an addition for each place."""
        self.work.flops += math.prod(node.shape)
        if self.moved is None:
            return
        assert slope.data is not None
        site, inside = self._places(node)
        added = np.where(inside, np.broadcast_to(slope.data, node.shape), 0.0).reshape(-1)
        self.moved += np.bincount(site.reshape(-1), weights=added, minlength=len(self.moved))
