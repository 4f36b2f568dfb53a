"""The configuration of a request: its own, or with the keys that are free as a search found them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

from carlemanc.core.memo import Memo
from carlemanc.evaluation.comparison import given_coefficients, none_applies
from carlemanc.evaluation.evaluate import evaluate
from carlemanc.evaluation.objective import OBJECTIVES, physical_point
from carlemanc.evaluation.search.order import with_order
from carlemanc.evaluation.search.search import Found, search
from carlemanc.evaluation.search.trial import Trial, rank_of
from carlemanc.sources.configuration import Request

NEAR = 3
"""Methods whose expected T are within this factor of the best are compared with everything counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What was chosen.

    Args:
        request: what was asked for; its configuration is the one that was chosen.
        reason: why, in a sentence; empty where nothing was to be chosen.
    """

    request: Request
    reason: str = ""


def choose(memo: Memo, request: Request, name: str, *, synthesized: bool, emits: bool = False) -> Choice:
    """Return the choice for a request. Raises InputError where no method applies.

    Args:
        memo: of this process.
        request: of a spec.
        name: of what is compared, for messages.
        synthesized: whether the file will have words in place of rotations.
        emits: whether only circuits with gates will do.
    """
    request = with_order(memo, request)
    if not request.free:
        return Choice(request=request)
    found = search(memo, request, emits=emits)
    if found.best is None:
        return _refused(found, name)
    best = _counted(memo, found, found.best, synthesized)
    if best.cost.qubits > request.max_qubits:
        warnings.warn(
            f"compile.max_qubits = {request.max_qubits:,}, and no configuration that was tried fits it: "
            f"this one takes {best.cost.qubits:,} logical qubits",
            stacklevel=3,
        )
    return Choice(
        request=replace(found.request, at=best.at, leading=_leading(found, best)),
        reason=_reason(found, best),
    )


def _refused(found: Found, name: str) -> Choice:
    """Raise why nothing applies, once where it is the same for all; that of one method comes when it is planned."""
    if len(found.by_method) == 1:
        return Choice(request=found.request)
    first, *others = found.reasons.values()
    if all(str(other) == str(first) for other in others):
        raise first
    raise none_applies(name, {name: " ".join(str(one).split()) for name, one in found.reasons.items()})


def _leading(found: Found, best: Trial) -> str:
    """Return the method that settles the encoding of L: the one that was chosen, where it inverts."""
    request, method = found.request, best.at.plain_method
    inverts = request.candidates[request.leading].traits.access
    return method.name if method.traits.access is inverts else request.leading


def _counted(memo: Memo, found: Found, best: Trial, synthesized: bool) -> Trial:
    """Return the best of the methods that are near it, with their circuits counted as an estimate counts them."""
    near = [
        trial
        for trial in found.trials_of_methods
        if trial.rank[:-1] == best.rank[:-1] and trial.cost.expected_t <= NEAR * best.cost.expected_t
    ]
    if len(near) == 1:
        return best
    request, ranked = found.request, []
    for trial in near:
        coefficients = given_coefficients(memo, request, trial.at)
        cost = evaluate(memo, trial.at, coefficients=coefficients, exact=True, synthesized=synthesized)
        ranked.append((rank_of(request, cost, physical_point(cost, request.hardware)), trial))
    return min(ranked, key=lambda pair: pair[0])[1]


def _reason(found: Found, best: Trial) -> str:
    """Return why it is the best, in one sentence."""
    title = OBJECTIVES[found.request.objective].title
    others = sorted((t for t in found.trials_of_methods if t is not best), key=lambda trial: trial.rank)
    name, tried = best.at.plain_method.name, len(found.trials.known)
    against = f", {others[0].at.plain_method.name} {others[0].cost.expected_t:.3g}" if others else ""
    keys = ", ".join(found.request.free)
    together = "were chosen together" if len(found.request.free) > 1 else "was chosen"
    alone = " for the uses of a run alone" if best.cost.runs > 1 else ""
    return (
        f"{keys} {together} among {tried} configurations for the least {title}: {name} "
        f"{best.cost.expected_t:.3g} T{alone}{against}"
    )
