"""Gradient descent by the loss itself: its gradient by reverse mode, sample by sample, in every step.

Comes in: a training of a loss that is written as an expression. Goes out: the exact flops of T steps and of a value,
and theta(T). No coefficient of the map is used, so that a loss of many features over few samples costs what its data
costs, and not what its expanded products do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from carlemanc.classical.loss_names import Names, NoAxes
from carlemanc.classical.loss_tape import LossTape
from carlemanc.classical.question import Value
from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import TooLarge
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.expression.parser import parse_expression
from carlemanc.model.expression.tree import LOSS
from carlemanc.model.vocabulary import Vocabulary

MOST_NUMBERS = 2**24
"""The most numbers that one part of a loss holds at once (128 MB)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LossDescent:
    """Gradient descent on a loss as it is written.

    Args:
        lifted: the training.
        vocabulary: what its loss names; it has one.
        tapes: the loss over each batch, in turn.
    """

    lifted: Lifted
    vocabulary: Vocabulary
    tapes: tuple[LossTape, ...]

    @cached_property
    def flops(self) -> int:
        """Flops of all steps: gradients, and their additions to the weights; noise is added besides."""
        uses = Counter(step % len(self.tapes) for step in range(self.lifted.steps))
        noise = 0 if self.lifted.training.noise is None else self.lifted.n
        each = [tape.gradient_flops() + noise for tape in self.tapes]
        return sum(each[batch] * count for batch, count in uses.items())

    def value_flops(self, value: Value) -> int:
        """Return the flops of a value from the weights. Raises NoAxes."""
        tape = self._tape(value)
        return tape.gradient_flops() + 2 * self.lifted.n if value.is_root else tape.value_flops()

    def theta(self) -> FloatArray:
        """Return theta(T), (n,). Raises TooLarge."""
        largest = max(tape.largest for tape in self.tapes)
        if largest > MOST_NUMBERS:
            raise TooLarge(
                "gradient descent by the loss itself",
                size=f"{largest:,} numbers at once",
                limit=f"{MOST_NUMBERS:,}",
                instead="Another program samples it.",
            )
        training = self.lifted.training
        theta = np.array(self.lifted.start)
        eta = training.batches[0].learning_rate
        with np.errstate(over="ignore", invalid="ignore"):
            for step in range(self.lifted.steps):
                theta = self.tapes[step % len(self.tapes)].stepped(theta, -eta)
                if training.noise is not None:
                    theta = theta + training.noise[step]
        return theta

    def value(self, value: Value, theta: FloatArray) -> float:
        """Return a value at theta, (n,)."""
        tape = self._tape(value)
        if not value.is_root:
            return tape.value(theta)
        return float(np.linalg.norm(tape.stepped(np.array(theta), 1.0) - theta))

    def _tape(self, value: Value) -> LossTape:
        is_loss = value.is_root or value.expression == LOSS
        text = self.vocabulary.loss if is_loss else value.expression
        assert text is not None
        return _tape(text, self.vocabulary, None)


def loss_descent(lifted: Lifted) -> LossDescent | None:
    """Return gradient descent on the loss as it is written, None where it has no such form.

    It has none where there is no expression, where weights are frozen, and where a Sum is no axis of an array.
    """
    training = lifted.training
    vocabulary = training.vocabulary
    if vocabulary is None or vocabulary.loss is None or training.is_pruned:
        return None
    rows = training.rows if training.batch_count > 1 else ()
    try:
        tapes = tuple(_tape(vocabulary.loss, vocabulary, ends) for ends in rows or (None,))
    except NoAxes:
        return None
    return LossDescent(lifted=lifted, vocabulary=vocabulary, tapes=tapes)


@lru_cache(maxsize=256)
def _tape(text: str, vocabulary: Vocabulary, rows: tuple[int, int] | None) -> LossTape:
    expression = parse_expression(text)
    return LossTape(expression, Names.of(expression, vocabulary, rows))
