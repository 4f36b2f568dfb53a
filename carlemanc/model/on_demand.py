"""A mapping whose values are made from others when they are asked for, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key")
Given = TypeVar("Given")
Made = TypeVar("Made")


class OnDemand(Mapping[Key, Made], Generic[Key, Given, Made]):
    """`make(given[key])` by key; whatever `make` raises comes where the value is read.

    Args:
        given: what the values are made from.
        make: how.
    """

    def __init__(self, given: Mapping[Key, Given], make: Callable[[Given], Made]) -> None:
        self.given = given
        self._make = make
        self._made: dict[Key, Made] = {}

    def __getitem__(self, key: Key) -> Made:
        if key not in self._made:
            self._made[key] = self._make(self.given[key])
        return self._made[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)

    def __contains__(self, key: object) -> bool:
        return key in self.given
