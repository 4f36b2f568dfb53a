r"""One Carleman step as a walk: a tuple of factors is drawn, then a term of each.

Row j of B is a sum over tuples (l_1..l_j) of G_{l_1} (x) ... (x) G_{l_j} from level l_1 + ... + l_j; of degree 0 is an
insertion of F_0; with p corrections the factors are I and F_l, at most p of them F (THEORY 2.1, 2.2). A walker on a
level draws one of the tuples that lead there, with probability proportional to the product of the factors' weights, and
is multiplied by their sum. |B| / alpha of a lattice has row and column sums of at most 1, so that no walker ever weighs
more than at its start.

Drawn forward, F_0 weighs its 1-norm, which may be far more than alpha allows for: walkers would all take it in the
first steps, and those that make up y(T) would be too rare to be met. So insertions are drawn about once in T steps at
most, and weigh as much more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carlemanc.block_encoding.leaves import lattice_tensors, splits_identity
from carlemanc.carleman.system import CarlemanSystem
from carlemanc.classical.paths.factor import Factor, Stay, draw
from carlemanc.classical.paths.source_factor import SourceFactor, drive_of
from carlemanc.classical.paths.stencil_factor import StencilFactor
from carlemanc.classical.paths.table_factor import TableFactor
from carlemanc.classical.paths.walkers import Group, Walkers
from carlemanc.core.arrays import FloatArray, IntArray

STAY = -1
"""The kind of the identity; any other kind is a degree."""
Kinds = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class WalkedStep:
    """A step.

    Args:
        factors: by kind.
        levels: of the state, with 0 where there are sources.
        most: the most factors F in a tuple; None: any number.
        insertions: largest probability of an insertion of F_0 in a step forth, over that of none.
    """

    factors: Mapping[int, Factor]
    levels: tuple[int, ...]
    most: int | None
    insertions: float = 1.0

    def forth(self, rng: np.random.Generator, walkers: Walkers, alpha: float) -> Walkers:
        """Return walkers moved from columns to rows of B / alpha."""
        return Walkers.gathered(self._moved(rng, walkers, alpha, is_forth=True))

    def back(self, rng: np.random.Generator, walkers: Walkers, alpha: float) -> Walkers:
        """Return walkers moved from rows to columns of B / alpha."""
        return Walkers.gathered(self._moved(rng, walkers, alpha, is_forth=False))

    def _moved(
        self, rng: np.random.Generator, walkers: Walkers, alpha: float, *, is_forth: bool
    ) -> Iterator[tuple[int, Group]]:
        table = self._by_column if is_forth else self._by_row
        for level, group in walkers.groups.items():
            tuples = table[level]
            if not tuples:
                continue
            weights = np.array([self._weight(kinds, is_forth=is_forth) for kinds in tuples])
            drawn = self._damped(weights, tuples) if is_forth else weights
            factors = drawn.sum() * weights / drawn / alpha
            chosen = draw(rng, drawn, len(group.weights))
            for number, kinds in enumerate(tuples):
                here = group if len(tuples) == 1 else group.chosen(chosen == number)
                if len(here.weights):
                    scaled = Group(
                        slots=here.slots, weights=here.weights * factors[number], labels=here.labels
                    )
                    yield (
                        self._forward(rng, scaled, kinds) if is_forth else self._backward(rng, scaled, kinds)
                    )

    def _forward(self, rng: np.random.Generator, group: Group, kinds: Kinds) -> tuple[int, Group]:
        rows, weights, read = [], group.weights, 0
        for kind in kinds:
            factor = self.factors[kind]
            row, ratios = factor.forth(rng, group.slots[read : read + factor.degree])
            rows.append(row)
            weights = weights * ratios
            read += factor.degree
        return len(kinds), Group(slots=_stacked(rows, len(weights)), weights=weights, labels=group.labels)

    def _backward(self, rng: np.random.Generator, group: Group, kinds: Kinds) -> tuple[int, Group]:
        columns: list[IntArray] = []
        weights = group.weights
        for slot, kind in enumerate(kinds):
            column, ratios = self.factors[kind].back(rng, group.slots[slot])
            columns += list(column)
            weights = weights * ratios
        return len(columns), Group(
            slots=_stacked(columns, len(weights)), weights=weights, labels=group.labels
        )

    def _damped(self, weights: FloatArray, tuples: list[Kinds]) -> FloatArray:
        """Return weights to draw by: those of insertions lowered to their share."""
        inserting = np.array([0 in kinds for kinds in tuples])
        much, room = weights[inserting].sum(), self.insertions * weights[~inserting].sum()
        return np.where(inserting, weights * (room / much), weights) if much > room > 0 else weights

    def _weight(self, kinds: Kinds, *, is_forth: bool) -> float:
        factors = (self.factors[kind] for kind in kinds)
        return math.prod(factor.forth_weight if is_forth else factor.back_weight for factor in factors)

    @cached_property
    def _by_row(self) -> dict[int, list[Kinds]]:
        """Level of a row -> tuples that have it."""
        return {level: list(self._tuples(level, self.levels[-1], self.most)) for level in self.levels}

    @cached_property
    def _by_column(self) -> dict[int, list[Kinds]]:
        """Level of a column -> tuples that read it."""
        found: dict[int, list[Kinds]] = {level: [] for level in self.levels}
        for tuples in self._by_row.values():
            for kinds in tuples:
                found[self._read(kinds)].append(kinds)
        return found

    def _tuples(self, slots: int, room: int, most: int | None) -> Iterator[Kinds]:
        """Yield tuples of so many kinds that read at most `room` slots, those of kept levels alone."""
        for kinds in self._filled(slots, room, math.inf if most is None else most):
            if self._read(kinds) in self.levels:
                yield kinds

    def _filled(self, slots: int, room: int, most: float) -> Iterator[Kinds]:
        if not slots:
            yield ()
            return
        for kind, factor in self.factors.items():
            left = most if kind == STAY else most - 1
            if factor.degree <= room and left >= 0:
                for rest in self._filled(slots - 1, room - factor.degree, left):
                    yield (kind, *rest)

    def _read(self, kinds: Kinds) -> int:
        return sum(self.factors[kind].degree for kind in kinds)


def _stacked(slots: list[IntArray], count: int) -> IntArray:
    return np.stack(slots) if slots else np.zeros((0, count), dtype=np.int64)


def walked_step(system: CarlemanSystem, *, level_zero: bool, steps: int) -> WalkedStep:
    """Return the walk of a step; of a lattice by its terms, of any other map by its entries.

    Args:
        system: the step.
        level_zero: whether the constant is carried along.
        steps: T.

    Raises TooLarge where F_l has too many entries to be listed.
    """
    is_split = splits_identity(system)
    tensors = lattice_tensors(system, with_identity=not is_split)
    factors: dict[int, Factor] = {STAY: Stay()} if is_split else {}
    if tensors is not None:
        factors |= {degree: StencilFactor(tensor) for degree, tensor in tensors.items() if tensor.nnz}
    else:
        listed = system.factor_tensors if is_split else system.step_tensors
        factors |= {degree: TableFactor(tensor) for degree, tensor in listed.items() if degree and tensor.nnz}
    if system.is_driven:
        factors[0] = SourceFactor(drive_of(system))
    levels = (0, *system.levels) if level_zero else tuple(system.levels)
    return WalkedStep(
        factors=factors,
        levels=levels,
        most=system.corrections if is_split else None,
        insertions=1 / max(1, steps),
    )
