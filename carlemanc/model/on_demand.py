"""A mapping whose values are made from others when they are asked for, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


class OnDemand(Mapping[int, Made], Generic[Given, Made]):
    """`make(given[degree])` by degree; whatever `make` raises comes where the value is read.

    Args:
        given: what the values are made from.
        make: how.
    """

    def __init__(self, given: Mapping[int, Given], make: Callable[[Given], Made]) -> None:
        self.given = given
        self._make = make
        self._made: dict[int, Made] = {}

    def __getitem__(self, degree: int) -> Made:
        if degree not in self._made:
            self._made[degree] = self._make(self.given[degree])
        return self._made[degree]

    def __iter__(self) -> Iterator[int]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    def __contains__(self, degree: object) -> bool:
        return degree in self.given
