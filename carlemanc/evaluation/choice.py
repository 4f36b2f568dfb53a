"""The method of a request: the one it names, or the cheapest whose premise holds."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.memo import Memo
from carlemanc.evaluation.comparison import Comparison, compare
from carlemanc.sources.configuration import Request, with_offered


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenMethod:
    """The method.

    Args:
        request: what was asked for, with every candidate that was compared.
        method: the name of one of its candidates.
        comparison: the table it was chosen from; None where the spec names it.
    """

    request: Request
    method: str
    comparison: Comparison | None


def choose(memo: Memo, request: Request, name: str, *, synthesized: bool) -> ChosenMethod:
    """Return the choice for a request. Raises InputError where no method applies.

    Args:
        memo: of this process.
        request: of a spec.
        name: of what is compared, for the table.
        synthesized: whether the file will have words in place of rotations.
    """
    if request.asked is not None:
        return ChosenMethod(request=request, method=request.asked, comparison=None)
    request = with_offered(request)
    table = compare(memo, request, name, synthesized=synthesized)
    return ChosenMethod(request=request, method=table.best.method, comparison=table)
