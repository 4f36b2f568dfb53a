"""An estimate as a small page: the verdict, what it rests on, times on one scale, numbers of a run and of all runs."""

from __future__ import annotations

from dataclasses import replace

from carlemanc.commands.estimate_result import Estimate
from carlemanc.present.cell import parts_of
from carlemanc.present.cell.fragment import BadgeList, Part
from carlemanc.present.number_words import count, duration
from carlemanc.present.page.document import Fact, FactList, Paragraph
from carlemanc.present.page.times import bars_of, times_of
from carlemanc.present.page.verdict_section import badges, levers_table, verdict_paragraph

_ON_DEMAND = (
    "What would have to change is found when it is read: print(result.to_text()), or result.verdict.levers"
)


@parts_of.register
def estimate_parts(found: Estimate) -> list[Part]:
    """Return the answer first; levers only where they were read before, since other configurations take a while."""
    has_levers = "levers" in vars(found.verdict)
    document = _at_hand(found, has_levers).to_json()
    bars = bars_of(times_of(document), "Time, on a logarithmic scale")
    levers = levers_table(document) if has_levers else Paragraph(_ON_DEMAND)
    return [
        Paragraph(found.name),
        BadgeList(badges(document)),
        verdict_paragraph(document),
        *([] if bars is None else [bars]),
        _numbers(found),
        *([] if levers is None else [levers]),
    ]


def _at_hand(found: Estimate, has_levers: bool) -> Estimate:
    """Return the estimate without what is not known yet."""
    verdict = found.verdict
    return replace(
        found,
        verdict=replace(
            verdict, crossovers={}, find_levers=(lambda: verdict.levers) if has_levers else tuple
        ),
        baseline=replace(found.baseline, crossovers={}),
    )


def _numbers(found: Estimate) -> FactList:
    best = found.physical.best
    return FactList(
        (
            Fact("T gates of a run", count(found.t_of_a_run), "every Toffoli and rotation"),
            Fact("T gates of all runs", count(found.t_in_all)),
            Fact("logical qubits", count(found.logical_qubits)),
            Fact("physical qubits", count(found.physical_qubits), "least volume"),
            Fact("time of a run", duration(None if best is None else best.time)),
            Fact("time of all runs", duration(found.seconds), "one after another"),
            Fact("runs", count(found.total.runs)),
        )
    )
