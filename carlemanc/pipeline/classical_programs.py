"""Programs that make the same steps on a classical machine: what each costs, or why it does not apply."""

from __future__ import annotations

from carlemanc.estimate.classical_baseline import ClassicalProgram
from carlemanc.model.light_cone import cone
from carlemanc.model.map_sequence import FLOPS
from carlemanc.pipeline.stages import Stages


def classical_programs(stages: Stages) -> tuple[ClassicalProgram, ...]:
    """Return the programs that are known to this tool, for all weights of a training."""
    return _dense(stages), _support(stages)


def _dense(stages: Stages) -> ClassicalProgram:
    return ClassicalProgram(
        name="dense",
        flops=stages.sequence.flops,
        reason="every entry of every F_l in every step",
        formula=FLOPS,
    )


def _support(stages: Stages) -> ClassicalProgram:
    """The program that follows the weights that can be nonzero; where these are all, it is the dense one."""
    found = cone.light_cone(stages.sequence, stages.displacement)
    if found.flops == stages.sequence.flops:
        return ClassicalProgram(
            name="support",
            flops=None,
            reason=f"it would save nothing: {found.source}",
            formula=cone.FLOPS,
        )
    most = "" if found.is_exact else "at most "
    return ClassicalProgram(
        name="support",
        flops=found.flops,
        reason=f"only the weights that can be nonzero, {most}{found.support} of {stages.n} at the end ({found.source})",
        formula=cone.FLOPS,
    )
