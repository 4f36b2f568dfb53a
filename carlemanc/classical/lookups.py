"""What theta_i(0) costs for one weight after another, where the start is a rule and no list in memory."""

from __future__ import annotations

from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.starts.tree import Apply, walk
from carlemanc.model.weights import NormalWeights, Point


def lookup_flops(start: Point, count: int, reach: int) -> int:
    """Return the flops of the start at some weights: none where it is listed, or zero but for a list.

    A function costs one for each of its operations and functions; random numbers come from a stream, which is drawn up
    to the last one that is needed, one flop each.

    Args:
        start: theta(0).
        count: weights that are looked up.
        reach: one more than the largest number of any of them.
    """
    if isinstance(start, FunctionWeights):
        return count * sum(isinstance(part, Apply) for part in walk(start.node))
    return reach if isinstance(start, NormalWeights) else 0
