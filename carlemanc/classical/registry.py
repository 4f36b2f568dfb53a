"""The classical programs by name (`classical_baseline.programs`); a program joins by one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

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
    module, cls = PROGRAMS[name].split(":")
    made: Program = getattr(import_module(module), cls)()
    return made


def classical_programs(question: Question) -> tuple[ClassicalProgram, ...]:
    """Return what each program costs for a question, in the order of the registry."""
    return tuple(program_named(name).cost(question) for name in PROGRAMS)
