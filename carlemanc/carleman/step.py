"""The truncated Carleman step y -> B y without its matrix, forward and transposed.

Row j of B is a sum over tuples (l_1..l_j) of G_{l_1} (x) ... (x) G_{l_j} (THEORY 2.1). Filling the output
slots one after the other shares all prefixes: the state (done, rest) is an array over `done` finished
output slots and `rest` unread input slots, and one move applies a single factor to the next unread slots.
Factors of degree 0 (F_0) are inserted in a second pass over the result (B = Z C, CONSTRUCTION 16), so no
array is ever longer than n^N. With `corrections` = p the factors are I and F_l, and the state also counts
the F's, at most p of them (THEORY 2.2). Cost O(N^2) sparse contractions of at most n^N amplitudes each;
derived here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from carlemanc.core.arrays import Vector
from carlemanc.model.sparse_tensor import SparseTensor

_IDENTITY = -1


class _Filling(NamedTuple):
    """`inserting` 0: the F_l, l >= 1, are being applied; 1: the F_0 are being inserted."""

    inserting: int
    done: int
    rest: int
    used: int


class _Move(NamedTuple):
    """target += (factor on the next `degree` slots of) source; degree -1 with matrix None is a plain copy."""

    source: _Filling
    target: _Filling
    degree: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepOperator:
    """B of one Carleman system as a list of moves; build it with `step_operator`."""

    n: int
    levels: tuple[int, ...]
    moves: tuple[_Move, ...]
    outputs: tuple[tuple[int, _Filling], ...]
    matrices: Mapping[int, sp.csr_matrix]

    def apply(self, blocks: list[Vector]) -> list[Vector]:
        """Return the blocks of B y; `blocks` are the levels of y in order (lengths n^level)."""
        states = {_Filling(0, 0, level, 0): block for level, block in zip(self.levels, blocks, strict=True)}
        for source, target, degree in self.moves:
            piece = self._factor(states[source], source.done, degree, transposed=False)
            states[target] = states[target] + piece if target in states else piece
        result = [np.zeros(self.n**level) for level in self.levels]
        for position, state in self.outputs:
            result[position] = result[position] + states[state]
        return result

    def apply_transposed(self, blocks: list[Vector]) -> list[Vector]:
        """Return the blocks of B^T y."""
        states: dict[_Filling, Vector] = {}
        for position, state in self.outputs:
            states[state] = blocks[position]
        for source, target, degree in reversed(self.moves):
            piece = self._factor(states[target], source.done, degree, transposed=True)
            states[source] = states[source] + piece if source in states else piece
        zero = [np.zeros(self.n**level) for level in self.levels]
        return [states.get(_Filling(0, 0, level, 0), zero[i]) for i, level in enumerate(self.levels)]

    def _factor(self, array: Vector, done: int, degree: int, *, transposed: bool) -> Vector:
        if degree == _IDENTITY:
            return array
        matrix = self.matrices[degree].T if transposed else self.matrices[degree]
        return _contract(matrix, array, self.n**done)


def _contract(matrix: sp.csr_matrix, array: Vector, left: int) -> Vector:
    """Apply `matrix` to the middle index of `array` seen as (left, columns, right)."""
    rows, columns = matrix.shape
    right = array.size // (left * columns)
    if left == 1:
        return np.asarray(matrix @ array.reshape(columns, right)).reshape(-1)
    middle_first = array.reshape(left, columns, right).transpose(1, 0, 2).reshape(columns, left * right)
    product = np.asarray(matrix @ middle_first).reshape(rows, left, right)
    return np.ascontiguousarray(product.transpose(1, 0, 2)).reshape(-1)


def step_operator(
    n: int, levels: tuple[int, ...], factors: Mapping[int, SparseTensor], corrections: int | None
) -> StepOperator:
    """Plan the moves of B: `factors` are G_l (corrections None) or F_l (corrections p), in gamma units."""
    moves, outputs = plan_moves(levels, tuple(sorted(factors)), corrections)
    matrices = {degree: tensor.to_sparse() for degree, tensor in factors.items()}
    return StepOperator(n=n, levels=levels, moves=moves, outputs=outputs, matrices=matrices)


def plan_work(n: int, levels: tuple[int, ...], entries: Mapping[int, int], corrections: int | None) -> int:
    """Return how many products of an entry with a number B y takes, `entries` being nnz of each factor by degree."""
    moves, _ = plan_moves(levels, tuple(sorted(entries)), corrections)
    total = 0
    for source, _, degree in moves:
        slots = source.done + source.rest
        total += n**slots if degree == _IDENTITY else entries[degree] * n ** (slots - degree)
    return total


def plan_moves(
    levels: tuple[int, ...], degrees: tuple[int, ...], corrections: int | None
) -> tuple[tuple[_Move, ...], tuple[tuple[int, _Filling], ...]]:
    """Return the moves that reach an output, in executable order, and the (position, state) outputs."""
    cost = 0 if corrections is None else 1
    limit = 0 if corrections is None else corrections
    steps = [(degree, degree, cost) for degree in degrees if degree >= 1]
    if corrections is not None:
        steps.append((_IDENTITY, 1, 0))
    moves: list[_Move] = []
    layer = {_Filling(0, 0, level, 0) for level in levels}
    finished: set[_Filling] = set()
    while layer:
        finished |= {state for state in layer if state.rest == 0}
        found = [
            _Move(state, _Filling(0, state.done + 1, state.rest - width, state.used + price), degree)
            for state in sorted(layer)
            for degree, width, price in steps
            if width <= state.rest and state.used + price <= limit
        ]
        moves += found
        layer = {move.target for move in found}
    if 0 in degrees:
        inserts, finished = _plan_insertions(finished, levels[-1], cost, limit)
        moves += inserts
    outputs = tuple((levels.index(state.done), state) for state in sorted(finished) if state.done in levels)
    return _only_useful(moves, {state for _, state in outputs}), outputs


def _plan_insertions(
    finished: set[_Filling], top: int, cost: int, limit: int
) -> tuple[list[_Move], set[_Filling]]:
    """Plan the pass that copies the slots of each finished level or inserts F_0 between them."""
    moves: list[_Move] = []
    layer: set[_Filling] = set()
    for state in sorted(finished):
        start = _Filling(1, 0, state.done, state.used)
        moves.append(_Move(state, start, _IDENTITY))
        layer.add(start)
    ended: set[_Filling] = set()
    while layer:
        found = []
        for state in sorted(layer):
            if state.rest == 0:
                ended.add(state)
            else:
                found.append(_Move(state, _Filling(1, state.done + 1, state.rest - 1, state.used), _IDENTITY))
            if state.done + state.rest < top and state.used + cost <= limit:
                found.append(_Move(state, _Filling(1, state.done + 1, state.rest, state.used + cost), 0))
        moves += found
        layer = {move.target for move in found}
    return moves, ended


def _only_useful(moves: list[_Move], wanted: set[_Filling]) -> tuple[_Move, ...]:
    """Drop the moves whose target never reaches an output."""
    useful = set(wanted)
    kept = []
    for move in reversed(moves):
        if move.target in useful:
            useful.add(move.source)
            kept.append(move)
    return tuple(reversed(kept))
