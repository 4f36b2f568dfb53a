"""Times on one scale: the classical programs that apply, one run, one value, and all that is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from carlemanc.present.figures.axis import log10_of
from carlemanc.present.number_words import duration, is_number, superscript
from carlemanc.present.page.costs import costs_of
from carlemanc.present.page.document import Bar, Bars
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.reading import observables_of

_PROGRAMS, _OBSERVABLES = 4, 2
"""Classical programs that get a bar, the cheapest, and observables, the first."""
_ROOM = 20
"""Percent of the scale that the name of a mark takes on a phone."""
_SHORTEST = 0.06
"""Part of the scale that the bar of the least time has: a logarithm has no zero to start from."""
_YEAR = 31_557_600
_ROUND = (
    *((Fraction(10) ** -exponent, f"10{superscript(-exponent)} s") for exponent in (24, 21, 18, 15, 12)),
    (Fraction(1, 10**9), "1 ns"),
    (Fraction(1, 10**6), "1 μs"),
    (Fraction(1, 1000), "1 ms"),
    (Fraction(1), "1 s"),
    (Fraction(60), "1 min"),
    (Fraction(3600), "1 h"),
    (Fraction(86_400), "1 day"),
    (Fraction(_YEAR), "1 year"),
    *((Fraction(_YEAR * 10**exponent), f"10{superscript(exponent)} years") for exponent in range(3, 60, 3)),
)
"""Times that a reader can picture, with their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """How long something takes; `sort` is `classical` or `quantum`."""

    label: str
    seconds: Fraction
    sort: str
    emphasis: bool = False


def times_of(estimate: Json) -> tuple[Time, ...]:
    """Return the classical programs that apply, cheapest first, and the quantum times that the document has."""
    return (*_classical(estimate), *_quantum(estimate))


def bars_of(times: tuple[Time, ...], caption: str) -> Bars | None:
    """Return times as bars on a logarithmic scale, None where there are not two to compare."""
    if len(times) < 2:
        return None
    places = [log10_of(time.seconds) for time in times]
    span = max(max(places) - min(places), 1.0)
    low, high = min(places) - _SHORTEST * span, min(places) + span

    def reach(place: float) -> float:
        return round(100 * (place - low) / (high - low), 2)

    kept: list[tuple[float, str]] = []
    for size, name in _ROUND:
        place = reach(log10_of(size))
        if _ROOM <= place <= 100 and (not kept or place - kept[-1][0] >= _ROOM):
            kept.append((place, name))
    return Bars(
        caption,
        tuple(
            Bar(time.label, duration(time.seconds), reach(place), time.sort, time.emphasis)
            for time, place in zip(times, places, strict=True)
        ),
        tuple(kept),
    )


def _classical(estimate: Json) -> Iterator[Time]:
    baseline = table(estimate.get("classical_baseline"))
    machines = [table(machine) for machine in table(baseline.get("machines")).values()]
    wanted = table(estimate.get("verdict")).get("machine")
    machine = next((one for one in machines if wanted is None or one.get("name") == wanted), {})
    best = table(estimate.get("verdict")).get("against") or baseline.get("program")
    found = sorted(
        (seconds, str(program.get("name")))
        for program in baseline.get("programs") or ()
        if (seconds := seconds_on(machine, program)) is not None
    )
    for seconds, name in found[:_PROGRAMS]:
        yield Time(label=name, seconds=seconds, sort="classical", emphasis=name == best)
    classical = costs_of(estimate).classical
    if not found and classical:
        yield Time(
            label=str(best or "the best program"),
            seconds=classical,
            sort="classical",
            emphasis=True,
        )


def seconds_on(machine: Json, program: Json) -> Fraction | None:
    """Return how long a program takes on a machine; None where it does not apply or the memory does not hold it."""
    rate, flops = machine.get("flops_per_second"), program.get("flops")
    held, memory = program.get("memory_bytes"), machine.get("memory_bytes")
    if not rate or not flops or (held is not None and memory is not None and held > memory):
        return None
    return Fraction(flops) / Fraction(rate)


def _quantum(estimate: Json) -> Iterator[Time]:
    costs, found = costs_of(estimate), observables_of(estimate)
    if costs.seconds:
        yield Time(label="one run", seconds=costs.seconds, sort="quantum")
    if len(found) > 1:
        for one in found[:_OBSERVABLES]:
            if is_number(one.get("seconds")) and one["seconds"] > 0:
                yield Time(label=str(one["name"]), seconds=Fraction(one["seconds"]), sort="quantum")
    if costs.total:
        yield Time(label=costs.reading.everything, seconds=costs.total, sort="quantum", emphasis=True)
