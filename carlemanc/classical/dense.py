"""Gradient descent as it is: every entry of every F_l in every step."""

from __future__ import annotations

from typing import ClassVar, final

from carlemanc.classical.program import Answer, Program
from carlemanc.classical.question import Question
from carlemanc.classical.told import told_from
from carlemanc.core.arrays import Vector
from carlemanc.costs.classical_baseline import BYTES_OF_A_WEIGHT, ClassicalProgram
from carlemanc.model.map_sequence import FLOPS


@final
class Dense(Program):
    """All weights, all steps."""

    name: ClassVar[str] = "dense"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops of T steps; see `Program.cost`."""
        return ClassicalProgram(
            name=self.name,
            flops=question.lifted.sequence.flops,
            reason="every entry of every F_l in every step",
            formula=FLOPS,
            memory=BYTES_OF_A_WEIGHT * question.lifted.n,
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Run gradient descent; see `Program.run`. Raises TooLarge for millions of weights."""
        lifted = question.lifted
        u: Vector = lifted.u_in
        for step in range(lifted.steps):
            u = lifted.sequence.at(step).step(u)
        return told_from(question, u)
