"""The classical programs by name (`classical_baseline.programs`); a program joins by one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from carlemanc.core.lazy import loaded
from carlemanc.costs.classical_baseline import ClassicalProgram

if TYPE_CHECKING:
    from carlemanc.classical.program import Program
    from carlemanc.classical.question import Question

PROGRAMS: Final[dict[str, str]] = {
    "dense": "carlemanc.classical.dense:Dense",
    "support": "carlemanc.classical.support:Support",
    "cone": "carlemanc.classical.cone:Cone",
    "sampled-cones": "carlemanc.classical.sampled_cones:SampledCones",
    "symmetry": "carlemanc.classical.symmetry:Symmetry",
    "paths": "carlemanc.classical.paths.program:Paths",
    "chebyshev": "carlemanc.classical.chebyshev:Chebyshev",
    "tensor-train": "carlemanc.classical.tensor_train:TensorTrain",
    "smaller-instance": "carlemanc.classical.smaller_instance:SmallerInstance",
}
"""Program -> "module:class", in the order of the table."""


def program_named(name: str) -> Program:
    """Return the program of that name."""
    made: Program = loaded(PROGRAMS[name])()
    return made


def classical_programs(question: Question) -> tuple[ClassicalProgram, ...]:
    """Return what each program costs for a question, in the order of the registry."""
    return tuple(program_named(name).cost(question) for name in PROGRAMS)
