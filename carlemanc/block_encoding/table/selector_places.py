"""Where the colors of each degree stand on the selector of a slot step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import attrs

from carlemanc.block_encoding.table.coloring import Color


@attrs.frozen(cache_hash=True, kw_only=True)
class DegreeBlock:
    """The selector indices of one degree: all k with k >> shift == prefix; `colors` of them are used."""

    degree: int
    prefix: int
    shift: int
    colors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Where the colors stand on the selector: bits, index per color, fail index, block per degree."""

    bits: int
    places: list[int]
    fail: int | None
    blocks: tuple[DegreeBlock, ...]


def place_colors(by_degree: Mapping[int, list[Color]], needs_fail: bool) -> Selector:
    """Give every degree an aligned power-of-two block of selector indices, largest first, then fail."""
    sizes = {degree: 1 << (len(colors) - 1).bit_length() for degree, colors in by_degree.items()}
    start, starts = 0, {}
    for degree in sorted(sizes, key=lambda d: (-sizes[d], d)):
        starts[degree] = start
        start += sizes[degree]
    fail = start if needs_fail else None
    if needs_fail:
        spare = [starts[d] + sizes[d] - 1 for d in sizes if len(by_degree[d]) < sizes[d]]
        is_full = start & (start - 1) == 0
        if spare and is_full:  # an unused index inside a block saves a selector bit
            fail = spare[0]
    used = max([start, *([fail + 1] if fail is not None else [])])
    bits = (used - 1).bit_length()
    blocks = tuple(
        DegreeBlock(
            degree=degree,
            prefix=starts[degree] >> (sizes[degree] - 1).bit_length(),
            shift=(sizes[degree] - 1).bit_length(),
            colors=len(by_degree[degree]),
        )
        for degree in by_degree
    )
    places = [starts[degree] + i for degree in by_degree for i in range(len(by_degree[degree]))]
    return Selector(bits=bits, places=places, fail=fail, blocks=blocks)
