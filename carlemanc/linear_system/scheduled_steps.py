"""T Carleman steps in the order in which they are taken: the distinct systems, and for each step which of them."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.carleman.system import STORED_ENTRIES, CarlemanSystem, Product
from carlemanc.core.errors import InternalError


@dataclass(frozen=True, kw_only=True, eq=False)
class ScheduledSteps:
    """What follows from the steps of a history alone, whatever it starts from and however it ends."""

    systems: tuple[CarlemanSystem, ...]
    """The distinct Carleman steps, at least one."""
    schedule: tuple[int, ...]
    """(T,) for each step the position of its system."""

    def check(self) -> None:
        """Raise ValueError where the systems differ in more than their map, or the schedule goes beyond them."""
        shapes = {(item.n, item.gamma, item.order, item.levels, item.corrections) for item in self.systems}
        if len(shapes) != 1 or not all(0 <= index < len(self.systems) for index in set(self.schedule)):
            raise ValueError(
                "need systems of one n, gamma, order and levels, and a schedule of their positions"
            )

    @property
    def is_uniform(self) -> bool:
        """Whether every step is the same."""
        return len(self.systems) == 1

    @property
    def carleman(self) -> CarlemanSystem:
        """The step where all steps are the same; an InternalError where they differ."""
        if not self.is_uniform:
            raise InternalError(f"one Carleman step was asked for where there are {len(self.systems)}")
        return self.systems[0]

    @property
    def steps(self) -> int:
        """T."""
        return len(self.schedule)

    @property
    def n(self) -> int:
        """Number of weights."""
        return self.systems[0].n

    @property
    def gamma(self) -> float:
        """The rescaling all systems share."""
        return self.systems[0].gamma

    @property
    def order(self) -> int:
        """The order all systems share."""
        return self.systems[0].order

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels all systems keep."""
        return self.systems[0].levels

    @property
    def corrections(self) -> int | None:
        """The corrections all systems keep."""
        return self.systems[0].corrections

    @property
    def dimension(self) -> int:
        """Length of a packed vector at one time."""
        return self.systems[0].dimension

    @property
    def is_driven(self) -> bool:
        """Whether some F_0 is not zero."""
        return any(item.is_driven for item in self.systems)

    @property
    def entries_bound(self) -> int:
        """An upper bound of the entries of all blocks B_t together."""
        per_system = [item.entries_bound for item in self.systems]
        return sum(per_system[index] for index in self.schedule)

    @property
    def step_work(self) -> int:
        """Operations of one product with every block B_t."""
        per_system = [item.product_work(self._stored_entries) for item in self.systems]
        return sum(per_system[index] for index in self.schedule)

    def at(self, time: int) -> CarlemanSystem:
        """Return the step from `time` to `time` + 1, `time` < T."""
        return self.systems[self.schedule[time]]

    def products(self, time: int) -> tuple[Product, Product]:
        """Return y -> B_t y and y -> B_t^T y; all stored matrices together stay within `STORED_ENTRIES`."""
        return self.at(time).products(self._stored_entries)

    @property
    def _stored_entries(self) -> int:
        return STORED_ENTRIES // len(self.systems)
