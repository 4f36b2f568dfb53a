"""The first screen of an estimate: the verdict, then at most `MOST` lines of what it rests on and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from carlemanc.commands.estimate_result import Estimate
from carlemanc.evaluation.budget_part import BudgetPart
from carlemanc.evaluation.levers import Lever
from carlemanc.evaluation.physical import PhysicalEstimate
from carlemanc.linear_system.norm_dilemma import NormDilemma
from carlemanc.methods.amplified import AmplifiedPlan
from carlemanc.present.text.amounts import amount, duration, size
from carlemanc.present.text.choices import chosen_words
from carlemanc.present.text.layout import WIDTH, Fact, View, facts, table, wrapped
from carlemanc.present.text.verdict import (
    HELP_TITLE,
    crossover_line,
    helpful,
    known_words,
    lever_rows,
    regime_words,
    truncation_words,
    verdict_sentence,
)

MOST = 25
"""Lines after the verdict, at 100 columns; narrower ones take more."""
_MORE = "--all adds ledger, error budget, assumptions and reasons (in Python to_text(all=True))"
_OBSERVABLES = (3, 6)
_LEVERS = (3, 5)
"""Rows that are kept, and that are shown where there is room."""
_LINES = 2
"""Lines that a fact takes where there is room."""
_BLANKS = 3
"""Lines between the parts."""
_PARTS = 3
_CAUSES = 3


@dataclass(slots=True)
class _Room:
    """Lines of the screen that nothing stands in yet."""

    left: int

    def take(self, wanted: int) -> int:
        """Return how many of them may be used."""
        taken = max(0, min(wanted, self.left))
        self.left -= taken
        return taken


def first_screen(found: Estimate, view: View) -> list[str]:
    """Return the verdict and the lines below it: the least of each part, and more where there is room."""
    width = view.width
    setting, grounds = list(_setting(found)), list(_grounds(found))
    levers = helpful(found.verdict.levers)
    costs = _costs(found, width)
    observables = [min(len(found.observables), many) for many in _OBSERVABLES]
    shown = [min(len(levers), many) for many in _LEVERS]
    more = wrapped(_MORE, width)
    least = [*facts(setting, width, most=1), *facts(grounds, width, most=1), *costs, *more]
    title = _help_lines(found, levers, 0, width)
    below = len(_observables(found, observables[0], width)) + len(title) + shown[0]
    room = _Room(MOST * WIDTH // min(width, WIDTH) - len(least) - below - _BLANKS)
    told = [_in_room(part, width, room) for part in (grounds, setting)]
    shown[0] += room.take(shown[1] - shown[0])
    observables[0] += room.take(observables[1] - observables[0])
    return [
        *wrapped(verdict_sentence(found.verdict, found.physical.reason), width),
        "",
        *told[1],
        "",
        *costs,
        *_observables(found, observables[0], width),
        "",
        *told[0],
        *_help_lines(found, levers, shown[0], width),
        *more,
    ]


def _in_room(pairs: Sequence[Fact], width: int, room: _Room) -> list[str]:
    """Return facts, the later ones in up to `_LINES` lines first."""
    pad = max(len(label) for label, _ in pairs)
    lines: list[str] = []
    for label, words in reversed(pairs):
        padded = [(f"{label:<{pad}}", words)]
        more = len(facts(padded, width, most=_LINES)) - 1
        lines[:0] = facts(padded, width, most=1 + room.take(more))
    return lines


def size_words(found: Estimate) -> str:
    """Return n, N and T in words."""
    if found.steps is None:
        return f"{size(found.n)} unknowns"
    return f"n = {size(found.n)}, N = {found.order}, T = {size(found.steps)}"


def read_words(found: Estimate) -> str:
    """Return what is read: weights of a training, unknowns of a linear system."""
    return "unknowns" if found.steps is None else "weights"


def vector_words(found: Estimate) -> str:
    """Return the vector that is read."""
    return "x" if found.steps is None else "theta(T) - center"


def _setting(found: Estimate) -> Iterator[Fact]:
    """What was asked: the spec, its regime, how far the order is known, and what is read."""
    degree = "" if found.plan.degree is None else f" of degree {amount(found.plan.degree)}"
    queries = f"queries: {amount(found.plan.queries_L)} to L, {amount(found.plan.queries_b)} to b"
    yield "spec", f"{found.name}, {size_words(found)}; {found.plan.method}{degree}, {queries}"
    if found.regime is not None:
        yield "regime", regime_words(found.regime)
    if found.truncation is not None:
        yield "truncation", f"order {found.truncation.value}: {truncation_words(found.truncation)}"
    if found.dilemma is not None:
        yield dilemma_fact(found.dilemma, found.copy_probability)
    yield "read", _read(found)


def dilemma_fact(found: NormDilemma, probability: float) -> Fact:
    """Return of a dense start at an order above 1 what a run is worth, and why no rescaling helps."""
    label = "linear in effect" if found.is_linear else "norm dilemma"
    return label, f"P = {amount(probability)} (that a run tells theta(T); {found.reason})"


def _read(found: Estimate) -> str:
    chance = f"with probability {1 - found.readout.failure_probability:g}"
    if found.observables:
        precision = amount(100 * found.observables[0].precision)
        return f"{len(found.observables)} observables, each to {precision} % of its magnitude {chance}"
    outside = "" if found.support == found.n else " (all others stand at the center)"
    error = f"to {amount(found.readout.epsilon)} of ||{vector_words(found)}|| {chance}"
    needed = found.readout.runs(found.copy_probability)
    given = "" if found.runs == needed else f"; readout.shots, where {amount(needed)} runs are needed"
    what = f"{size(found.support)} of {size(found.n)} {read_words(found)}{outside}"
    return f"{what} by {found.readout.method}, {error}{given}"


def _costs(found: Estimate, width: int) -> list[str]:
    """Return T gates and times of a run and of all."""
    point = found.physical.best
    of_a_run, of_all = (None, None) if point is None else (point.time, point.time * found.physical.runs)
    unit = "uses of a run" if found.readout.amplifies else "runs"
    rows = [
        ("one run", amount(found.t_of_a_run), duration(of_a_run)),
        (f"all {amount(found.runs)} {unit}", amount(found.total.t_in_all), duration(of_all)),
    ]
    return table(("", "T gates", "seconds"), rows, width, words=(0, 2))


def _observables(found: Estimate, shown: int, width: int) -> list[str]:
    """Return the first observables, a line each."""
    if not shown:
        return []
    rows = [
        (
            one.name,
            amount(one.classical),
            amount(one.uses),
            amount(one.t_count),
            duration(one.seconds),
            one.verdict if one.factor is None else f"{one.verdict}: {amount(one.factor)} times {one.against}",
        )
        for one in found.observables[:shown]
    ]
    heads = ("observable", "value", "uses", "T gates", "seconds", "does it pay")
    left = len(found.observables) - shown
    return [
        "",
        *table(heads, rows, width, words=(0, 4, 5), cut=True),
        *([f"  and {left} more"] if left else []),
    ]


def _grounds(found: Estimate) -> Iterator[Fact]:
    """What the cost is made of, what is a bound, and what was chosen."""
    yield "qubits", f"{amount(found.logical_qubits)} logical; {_physical(found.physical)}"
    yield "gates of a run", _gates(found)
    yield "T gates go to", _parts(found)
    yield "bounds", known_words(found) + _rounds(found)
    yield "errors", _errors(found)
    chosen = chosen_words(found.choices)
    if chosen:
        yield "chosen", chosen
    if found.verdict.crossover is not None:
        yield "crossover", crossover_line(found.verdict.crossover)


def _physical(found: PhysicalEstimate) -> str:
    if found.best is None:
        return f"none physical: {found.reason}"
    return f"{amount(found.best.qubits)} physical on {found.hardware} (distance {found.best.distance})"


def _gates(found: Estimate) -> str:
    made = f"{amount(found.rotation_t + 4 * found.rotation_toffoli)} T by {found.prices.synthesis}"
    rotations = "synthesized" if found.synthesized else made
    return (
        f"{amount(found.toffoli_count)} Toffoli of 4 T, {amount(found.rotation_count)} rotations ({rotations}), "
        f"{amount(found.t_count)} other T"
    )


def _parts(found: Estimate) -> str:
    """Return the parts of most T gates with their shares."""
    parts = sorted(((row.part, found.t_of_part(row)) for row in found.ledger.rows), key=lambda part: -part[1])
    total = sum(t for _, t in parts)
    if not total:
        return "none: no part has a T gate"
    return ", ".join(
        f"{name} {float(100 * t / total):.0f} %" for name, t in parts[:_PARTS] if 200 * t >= total
    )


def _rounds(found: Estimate) -> str:
    if not isinstance(found.plan, AmplifiedPlan):
        return ""
    rounds = found.plan.amplification.rounds
    return f", after {amount(rounds)} rounds of amplification" if rounds else ""


def _errors(found: Estimate) -> str:
    """Return the largest shares of what is achieved; a cause above its share first."""
    parts = {name: part for name, part in found.error_budget.items() if part.share is not None}
    above = [name for name, part in parts.items() if not part.is_kept]
    known = {name: part.achieved for name, part in parts.items() if part.achieved and name not in above}
    largest = sorted(known, key=lambda name: -(known[name] or 0))[:_CAUSES]
    told = [f"{name.replace('_', ' ')} {amount(parts[name].achieved)}" for name in (*above, *largest)]
    warning = f"ABOVE THE SHARE: {', '.join(told[: len(above)])}; " if above else ""
    return f"{warning}{', '.join(told[len(above) :]) or 'none is known'}{_beside(found.error_budget)}"


def _beside(parts: Mapping[str, BudgetPart]) -> str:
    """Return the errors that are no part of epsilon and larger than those that are; truncation has its own line."""
    largest = max((part.achieved or 0.0 for part in parts.values() if part.share is not None), default=0.0)
    told = [
        f"{name.replace('_', ' ')} {amount(part.achieved)} ({part.status})"
        for name, part in parts.items()
        if part.share is None and (part.achieved or 0.0) > largest and name != "carleman_truncation"
    ]
    return f"; beside epsilon: {', '.join(told)}" if told else ""


def _help_lines(found: Estimate, levers: Sequence[Lever], shown: int, width: int) -> list[str]:
    """Return where no crossover was found, and the levers."""
    looked = found.verdict.crossovers if found.verdict.crossover is None else ()
    none = f"no crossover in {', '.join(looked)}" if looked else ""
    title = HELP_TITLE if levers else ""
    told = "; ".join(words for words in (none, title) if words)
    return ["", *(wrapped(told, width) if told else []), *lever_rows(levers[:shown], width, cut=True)]
