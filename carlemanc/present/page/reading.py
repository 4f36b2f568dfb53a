"""What an estimate reads, in words: theta(T), its largest weights, or observables; in runs, or in uses of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carlemanc.present.number_words import UNKNOWN, chosen, is_integer, is_number, percent, real
from carlemanc.present.page.files import Json, table

_IN_CIRCUITS = frozenset({"tomography"})
"""Ways to read theta(T) whose circuits hold many uses of a run."""
_NAMED = 3
"""Observables that a sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read, and what is counted.

    Attributes:
        what: what is read.
        unit: "runs", or "uses" where the circuits of the readout hold many of a run.
        aim: what it is read to, in the words that follow "Reading".
        has_weights: whether weights are read.
        everything: all that is read, in the words of a label.
    """

    what: str
    unit: str
    aim: str
    has_weights: bool
    everything: str

    @property
    def beside(self) -> str:
        """What is paid for beside the runs, in words that follow their number; empty where nothing is."""
        return ", with the reflections and loads between them" if self.unit == "uses" else ""


def reading_of(estimate: Json) -> Reading:
    """Return what a document of `estimate --json` reads."""
    readout = table(estimate.get("readout"))
    error = real(readout.get("epsilon"))
    found = observables_of(estimate)
    if found:
        many = len(found) > 1
        return Reading(
            what="the observables" if many else f"the observable {found[0]['name']}",
            unit="uses",
            aim=_aim(found),
            has_weights=False,
            everything="all observables" if many else found[0]["name"],
        )
    unit = "uses" if readout.get("method") in _IN_CIRCUITS else "runs"
    kept, entries = readout.get("largest"), "entries" if of_system(estimate) else "weights"
    if not is_integer(kept):
        return Reading(
            what="x" if of_system(estimate) else "theta(T)",
            unit=unit,
            aim=f"the result to a relative error of {error}",
            has_weights=True,
            everything=f"all {entries}",
        )
    entry = "entry" if of_system(estimate) else "weight"
    what = f"the largest {entry}" if kept == 1 else f"the {chosen(kept)} largest {entries}"
    return Reading(
        what=what,
        unit=unit,
        aim=f"{what} to a relative error of {error}",
        has_weights=True,
        everything=what.removeprefix("the "),
    )


def of_system(estimate: Json) -> bool:
    """Whether an estimate is of a linear system as it is, which trains nothing and has no steps."""
    return bool(estimate) and estimate.get("T") is None


def observables_of(estimate: Json) -> Sequence[Json]:
    """Return the observables of an estimate, none where weights are read."""
    return table(estimate.get("readout")).get("observables") or ()


def certificate_of(observable: Json) -> str:
    """Return the certificate as a percentage of the planned magnitude."""
    certificate, scale = observable.get("certificate"), observable.get("scale")
    if not is_number(certificate):
        return "none"
    return percent(certificate / scale) if is_number(scale) and scale else UNKNOWN


def _aim(found: Sequence[Json]) -> str:
    names = [str(one["name"]) for one in found]
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    words = listed if len(names) <= _NAMED else f"{len(names)} observables"
    near = f"to within {percent(found[0].get('precision'))} of its planned magnitude"
    return f"{words}, each {near}," if len(names) > 1 else f"{words} {near}"
