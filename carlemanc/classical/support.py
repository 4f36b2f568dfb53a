"""The program that follows the weights that can be nonzero; where these are all, it is the dense one."""

from __future__ import annotations

from typing import ClassVar, final

from carlemanc.carleman.lattice_run import end_point
from carlemanc.classical.program import Answer, Program
from carlemanc.classical.question import Question
from carlemanc.classical.told import told_from
from carlemanc.classical.value_cost import values_flops
from carlemanc.core.errors import TooLarge
from carlemanc.costs.classical_baseline import BYTES_OF_A_WEIGHT, ClassicalProgram
from carlemanc.model.light_cone import cone


@final
class Support(Program):
    """The light cone of the start."""

    name: ClassVar[str] = "support"

    def cost(self, question: Question) -> ClassicalProgram:
        """Return the flops of the entries whose columns can all be nonzero; see `Program.cost`."""
        lifted = question.lifted
        found = lifted.light_cone
        if found.flops == lifted.sequence.flops:
            return self.refused(f"it would save nothing: {found.source}", cone.FLOPS)
        most = "" if found.is_exact else "at most "
        moved = f"{most}{found.support} of {lifted.n} at the end"
        return ClassicalProgram(
            name=self.name,
            flops=found.flops + values_flops(question, found.support),
            reason=f"only the weights that can be nonzero, {moved} ({found.source})",
            formula=cone.FLOPS,
            memory=BYTES_OF_A_WEIGHT * found.support,
        )

    def run(self, question: Question, *, seed: int = 0) -> Answer:
        """Run gradient descent on the sites that are reached; see `Program.run`."""
        lifted = question.lifted
        end = end_point(lifted.sequence, lifted.displacement)
        if end is None:
            raise TooLarge(
                "gradient descent from this start",
                size=f"n = {lifted.n:,}",
                limit="starts that are sparse or uniform",
                instead="Another program samples it.",
            )
        return told_from(question, end)
