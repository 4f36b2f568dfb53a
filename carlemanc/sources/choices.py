"""The keys of a spec that a search may choose: how each stands in a configuration, as a spec writes it.

A key that joins the search is one line of `CHOOSABLE`; which values of it are tried, the search says
(`carlemanc.evaluation.search`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from carlemanc.core.memo import Memo
from carlemanc.linear_system.lifted import Lifted
from carlemanc.methods.amplified import Amplified
from carlemanc.sources.configuration import (
    AMPLIFICATION,
    ANCILLA_BUDGET,
    METHOD,
    ORDER,
    PADDING,
    READOUT,
    RESCALING,
    SYNTHESIS,
    Configuration,
    Request,
)
from carlemanc.sources.systems import system_of


@dataclass(frozen=True, slots=True)
class Choosable:
    """A key.

    Args:
        read: its value in a configuration, as a spec writes it.
        write: the configuration with another value of it.
    """

    read: Callable[[Configuration], Any]
    write: Callable[[Request, Configuration, Any], Configuration]


def _read_rounds(at: Configuration) -> bool | str:
    return at.method.target if isinstance(at.method, Amplified) else False


def _write_rounds(request: Request, at: Configuration, value: bool | str) -> Configuration:
    if not value:
        return replace(at, method=at.plain_method)
    return replace(
        at,
        method=replace(
            request.rounds,
            inner=at.plain_method,
            target="ancillas" if value == "ancillas" else "readout",
        ),
    )


def _write_method(request: Request, at: Configuration, value: str) -> Configuration:
    return at.with_method(request.candidates[value])


def _lifted(field: str) -> Choosable:
    return Choosable(
        lambda at: getattr(at.lift, field),
        lambda request, at, value: replace(at, lift=replace(at.lift, **{field: value})),
    )


CHOOSABLE: Final[Mapping[str, Choosable]] = {
    METHOD: Choosable(lambda at: at.plain_method.name, _write_method),
    AMPLIFICATION: Choosable(_read_rounds, _write_rounds),
    PADDING: _lifted("padding"),
    RESCALING: _lifted("rescaling"),
    ANCILLA_BUDGET: Choosable(
        lambda at: at.reading.ancilla_budget,
        lambda request, at, value: replace(at, reading=replace(at.reading, ancilla_budget=value)),
    ),
    SYNTHESIS: Choosable(lambda at: at.synthesis, lambda request, at, value: replace(at, synthesis=value)),
    READOUT: Choosable(
        lambda at: getattr(at.goal, "method", None) or "auto",
        lambda request, at, value: replace(at, goal=replace(at.goal, **{"method": value})),
    ),
}
"""Key of a spec -> how it stands in a configuration."""


def chosen_values(request: Request, at: Configuration, memo: Memo) -> dict[str, dict[str, Any]]:
    """Return `choices` of CONTRACT section 4: each key with its value, and whether the spec or the search chose it.

    Args:
        request: what the spec asks for.
        at: the configuration that was taken.
        memo: that finds its system again: gamma and padding are said as numbers.
    """
    system = system_of(memo, at.source, at.lift)
    known: dict[str, Any] = {key: entry.read(at) for key, entry in CHOOSABLE.items()}
    if isinstance(system, Lifted):
        known |= {PADDING: system.padding, RESCALING: system.gamma, ORDER: system.order}
    else:
        del known[PADDING], known[RESCALING]
    searched = {
        *request.free,
        *([ORDER] if request.at.lift.order == "auto" else []),
        *([READOUT] if known[READOUT] == "auto" else []),  # of observables, each of which says its own
    }
    return {
        key: {"value": known[key], "by": "search" if key in searched else "spec"} for key in sorted(known)
    }
