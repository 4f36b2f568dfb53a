"""The verdict of an estimate in words: the sentence that stands first, what it rests on, and what would help."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.carleman.regime import Regime
from carlemanc.commands.estimate_result import Estimate
from carlemanc.evaluation.levers import Lever
from carlemanc.evaluation.truncation import Truncation
from carlemanc.evaluation.verdict import NO, OPEN, Verdict, VerdictCrossover
from carlemanc.present.text.amounts import amount, duration
from carlemanc.present.text.layout import table, wrapped

HELP_TITLE = (
    "what would help, one change at a time, every choice kept (quantum over classical time, in times of now)"
)


def verdict_sentence(found: Verdict, absent: str = "") -> str:
    """Return whether it pays, in one sentence with both times and their ratio.

    Args:
        found: the verdict.
        absent: why no way to run the circuits is known, where none is.
    """
    best, machine = f"the best classical program known ({found.against})", found.machine
    if found.quantum is None:
        reason = f" ({absent})" if absent else ""
        return (
            f"No: no way to run the quantum circuits is known{reason}; {best} takes "
            f"{duration(found.classical)} on {machine}."
        )
    both = f"all quantum runs take {duration(found.quantum)}, {best} {duration(found.classical)} on {machine}"
    ratio = "" if found.factor is None else f": {amount(found.factor)} times as long"
    if found.pays == NO:
        return f"No: {both}{ratio}."
    ratio = "" if found.factor is None else f": {amount(found.factor)} of its time"
    if found.pays == OPEN:
        return f"Open: {both}{ratio}, and every program that does not apply was shown not to."
    return f"Only against a weaker program: {both}{ratio}, but another program may be faster."


def regime_words(found: Regime) -> str:
    """Return the regime with the numbers that it follows from."""
    return f"{found.name}{found.where} (mu = {amount(found.mu)}, R = {amount(found.R)})"


def crossover_line(found: VerdictCrossover) -> str:
    """Return where it would pay, and the wall time there."""
    time = "" if found.seconds is None else f", after {duration(found.seconds)} of wall time"
    return f"crossover at {found.quantity} = {amount(found.value)} against {found.machine}{time}"


def reason_lines(found: Verdict, width: int) -> list[str]:
    """Return why, a bullet a reason; the first, the times, is what the verdict says."""
    reasons = [*found.reasons[1:]]
    if found.crossover is not None:
        reasons.append(crossover_line(found.crossover))
    if not reasons:
        return []
    return ["", "why", *(line for one in reasons for line in wrapped(one, width, first="  - ", after="    "))]


def helpful(levers: Sequence[Lever]) -> list[Lever]:
    """Return the levers that help the quantum side."""
    return [lever for lever in levers if lever.factor < 1]


def lever_lines(levers: Sequence[Lever], width: int) -> list[str]:
    """Return the levers that help below their title; none where none was found."""
    rows = lever_rows(helpful(levers), width)
    return [*wrapped(HELP_TITLE, width), *rows] if rows else []


def lever_rows(levers: Sequence[Lever], width: int, *, cut: bool = False) -> list[str]:
    """Return a line a lever: the key, from what to what, and by how much."""
    rows = [
        (lever.what, f"{lever.before} -> {lever.after}", f"{amount(lever.factor)} times") for lever in levers
    ]
    return table(("", "", ""), rows, width, words=(0, 1), indent="  ", cut=cut)


def truncation_words(found: Truncation) -> str:
    """Return how far the truncation is known."""
    if found.truncation is None:
        return "none: nothing is known of what it does to theta(T)"
    size = f"{amount(found.truncation)} of ||theta(T) - center||"
    match found.status:
        case "certified":
            return f"certified, at most {size}"
        case "measured":
            return f"measured, {size}"
        case _:
            return f"none: the certificate, {size}, tells nothing"


def known_words(found: Estimate) -> str:
    """Say which of the numbers that costs rest on are bounds; a loose one is said first."""
    if found.kappa is None:
        kappa = f"no kappa ({found.kappa_source})"
    elif found.kappa_source == "bound":
        low = "" if found.kappa_at_least is None else f", at least {amount(found.kappa_at_least)}"
        kappa = f"kappa {amount(found.kappa)} is a proved bound, perhaps far above the truth{low}"
    else:
        kappa = f"kappa {amount(found.kappa)} is computed"
    success = "a bound" if found.plan.success_is_bound else "computed"
    return f"{kappa}; the success probability, {amount(found.plan.success_probability)}, is {success}"
