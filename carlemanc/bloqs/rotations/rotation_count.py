"""The number of rotations of a bit bloq, from its call graph."""

from __future__ import annotations

from qualtran import Bloq
from qualtran.bloqs.basic_gates import Ry

from carlemanc.bloqs.bit_bloq import BitBloq


def count_rotations(bloq: Bloq) -> int:
    """Number of Ry leaves under `bloq`, Clifford angles included."""
    memo: dict[Bloq, int] = {}

    def count(node: Bloq) -> int:
        if node not in memo:
            if isinstance(node, Ry):
                memo[node] = 1
            elif isinstance(getattr(node, "subbloq", node), BitBloq):
                memo[node] = sum(
                    times * count(callee) for callee, times in node.build_call_graph(None).items()
                )
            else:
                memo[node] = 0
        return memo[node]

    return count(bloq)
