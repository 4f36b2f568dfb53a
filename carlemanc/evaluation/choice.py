"""The method of a request: the one it names, or the cheapest whose premise holds."""

from __future__ import annotations

from dataclasses import dataclass

from carlemanc.core.memo import Memo
from carlemanc.evaluation.comparison import Comparison, compare, draft_of
from carlemanc.evaluation.draft import Draft
from carlemanc.sources.configuration import Request, with_offered


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A draft of the method that was chosen, and the table it was chosen from; None where it was named."""

    draft: Draft
    comparison: Comparison | None


def choose(memo: Memo, request: Request, name: str, *, synthesized: bool) -> Choice:
    """Return the choice for a request. Raises InputError where no method applies.

    Args:
        memo: of this process.
        request: of a spec.
        name: of what is compared, for the table.
        synthesized: whether the file will have words in place of rotations.
    """
    if request.asked is not None:
        return Choice(draft=draft_of(memo, request, request.asked), comparison=None)
    request = with_offered(request)
    table = compare(memo, request, name, synthesized=synthesized)
    return Choice(draft=draft_of(memo, request, table.best.method), comparison=table)
