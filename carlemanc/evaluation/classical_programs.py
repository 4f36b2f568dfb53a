"""Programs that make the same steps on a classical machine: what each costs, or why it does not apply."""

from __future__ import annotations

from carlemanc.costs.classical_baseline import ClassicalProgram
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.light_cone import cone
from carlemanc.model.map_sequence import FLOPS


def classical_programs(lifted: Lifted) -> tuple[ClassicalProgram, ...]:
    """Return the programs that are known to this tool, for all weights of a training."""
    return _dense(lifted), _support(lifted)


def _dense(lifted: Lifted) -> ClassicalProgram:
    return ClassicalProgram(
        name="dense",
        flops=lifted.sequence.flops,
        reason="every entry of every F_l in every step",
        formula=FLOPS,
    )


def _support(lifted: Lifted) -> ClassicalProgram:
    """The program that follows the weights that can be nonzero; where these are all, it is the dense one."""
    found = cone.light_cone(lifted.sequence, lifted.displacement)
    if found.flops == lifted.sequence.flops:
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
        reason=f"only the weights that can be nonzero, {most}{found.support} of {lifted.n} at the end ({found.source})",
        formula=cone.FLOPS,
    )
