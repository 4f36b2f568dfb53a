"""The search: every method with the best values of the keys that are free, and the best of them.

A method begins with every combination of rounds, readout and rotations at the lift of the rules; then gamma, padding
and ancilla budget are gone through one after the other, until no pass finds better. Readouts with circuits of their own
are ranked by the uses they take; the best configurations are compared with everything counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from carlemanc.core.errors import CarlemancError
from carlemanc.core.memo import Memo
from carlemanc.core.progress import task
from carlemanc.evaluation.search.ancillas import search_ancillas
from carlemanc.evaluation.search.effort import is_slow_to_invert, lifts_tried
from carlemanc.evaluation.search.padding import search_padding
from carlemanc.evaluation.search.rescaling import scan_rescaling, search_rescaling
from carlemanc.evaluation.search.rounds import combined, search_rounds
from carlemanc.evaluation.search.trial import Step, Trial, Trials
from carlemanc.linear_system.lifted import Lifted
from carlemanc.sources.choices import CHOOSABLE
from carlemanc.sources.configuration import (
    AMPLIFICATION,
    ANCILLA_BUDGET,
    METHOD,
    PADDING,
    READOUT,
    RESCALING,
    SYNTHESIS,
    Configuration,
    Request,
    with_offered,
)
from carlemanc.sources.systems import system_of

PASSES: Final[Mapping[str, Step]] = {
    PADDING: search_padding,
    RESCALING: search_rescaling,
    ANCILLA_BUDGET: search_ancillas,
}
"""Key -> the pass over it, in order; the other free keys are combined before."""
LIFTED = (PADDING, RESCALING)
_COMBINED = (AMPLIFICATION, READOUT, SYNTHESIS)
_ROUNDS = 4
SCANS = 250
"""Lifts that must be left for every gamma near the best to be tried."""
FAR = 10
"""A method that inverts and is so many times dearer than the best is searched no further: its rules are near the best
already (THEORY 5.4), while a march pays for gamma with every step."""
VERY_FAR, FEW = 1000, 100
"""A march that is so many times dearer is searched no further where so few lifts are tried."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What a search found.

    Args:
        request: what was asked for, with every candidate that was tried.
        by_method: the best configuration of each method, by name; where none applies, that of the rules.
        reasons: why a method does not apply, by name.
        trials: all that was tried.
        trials_of_methods: those of `by_method` that apply.
    """

    request: Request
    by_method: Mapping[str, Configuration]
    reasons: Mapping[str, CarlemancError]
    trials: Trials
    trials_of_methods: tuple[Trial, ...]

    @property
    def best(self) -> Trial | None:
        """The best of all; None where no method applies."""
        return min(self.trials_of_methods, key=lambda trial: trial.rank, default=None)


def search(memo: Memo, request: Request, *, emits: bool = False, every_method: bool = False) -> Found:
    """Search the free keys of a request.

    Args:
        memo: of this process.
        request: whose free keys are searched.
        emits: whether only circuits with gates will do, if there is one.
        every_method: search each method to the end, also where it is named or far from the best.

    Raises InputError for a method of an installed package that does not load.
    """
    if METHOD in request.free:
        request = with_offered(request)
    all_methods = every_method or METHOD in request.free
    names = list(request.candidates) if all_methods else [request.at.plain_method.name]
    system = system_of(memo, request.at.source, request.at.lift)
    lifts = lifts_tried(system)
    with task(*_forecast(lifts)) as reporter:
        trials = Trials(memo=memo, request=request, emits=emits, lifts_left=lifts, reporter=reporter)
        found, reasons = {}, {}
        begin, is_slow = _in_numbers(memo, request), is_slow_to_invert(system)
        for name in names:
            at = begin.with_method(request.candidates[name])
            first = trials.best(combined(trials, at))
            if first is None:
                reasons[name] = trials.refusal(combined(trials, at))
            else:
                found[name] = first
        for name in sorted(found, key=lambda name: found[name].rank):
            best = min(found.values(), key=lambda trial: trial.rank)
            if every_method or not _is_far(found[name], best, trials.lifts_left < FEW):
                found[name] = _refined(trials, found[name], is_slow)
        if found and RESCALING in request.free and trials.lifts_left >= SCANS:
            name = min(found, key=lambda name: found[name].rank)
            if not _keeps_lift(found[name], is_slow):
                found[name] = scan_rescaling(trials, found[name])
    at_rest = {name: request.at.with_method(request.candidates[name]) for name in names}
    return Found(
        request=request,
        by_method=at_rest | {name: trial.at for name, trial in found.items()},
        reasons=reasons,
        trials=trials,
        trials_of_methods=tuple(found.values()),
    )


def _forecast(lifts: int) -> tuple[str, int | None]:
    """Return the name of the task with its size: lifts take the time, and no more than so many are tried."""
    if lifts == 1:
        return "search", None
    return f"search (at most {lifts} values of gamma and padding)", lifts


def _in_numbers(memo: Memo, request: Request) -> Configuration:
    """Return where a search begins: gamma and padding of their own rules, as numbers where they are free."""
    at = request.at
    if PADDING in request.free:
        at = replace(at, lift=replace(at.lift, padding="auto"))
    system = system_of(memo, at.source, at.lift)
    if not isinstance(system, Lifted):
        return request.at
    for key, value in ((PADDING, system.padding), (RESCALING, system.gamma)):
        at = CHOOSABLE[key].write(request, at, value) if key in request.free else at
    return at


def _is_far(trial: Trial, best: Trial, is_costly: bool) -> bool:
    """Whether a method is left at its rules: a march only where each lift takes long, and it is very far."""
    inverts = trial.cost.kappa is not None
    if not inverts and not is_costly:
        return False
    return trial.cost.expected_t > (FAR if inverts else VERY_FAR) * best.cost.expected_t


def _keeps_lift(trial: Trial, is_slow: bool) -> bool:
    """Whether gamma and padding stay those of the rules: ||L^-1|| of another lift would take minutes."""
    return is_slow and trial.cost.kappa is not None


def _refined(trials: Trials, start: Trial, is_slow: bool) -> Trial:
    """Return the best that the passes come to, one after the other, until none finds better.

    `is_slow`: another lift takes a method that inverts minutes, and is not tried.
    """
    best, keeps_lift = start, _keeps_lift(start, is_slow)
    for _ in range(_ROUNDS):
        before = best
        for key, go_through in PASSES.items():
            if key in trials.request.free and not (keeps_lift and key in LIFTED):
                best = go_through(trials, best)
        if any(key in trials.request.free for key in _COMBINED):
            best = search_rounds(trials, best)
        if best.rank >= before.rank:
            return best
    return best
