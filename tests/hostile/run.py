"""A run of hostile inputs over the classes, and what is told about it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.hostile.worker import Worker, class_modules, drawn, given

COUNT = int(os.environ.get("CARLEMANC_HOSTILE_COUNT", "3000"))
"""Inputs of a whole run."""
SEED = int(os.environ.get("CARLEMANC_HOSTILE_SEED", "0"))


@dataclass(kw_only=True)
class Report:
    """Statuses and seconds of each class, and the faults in words."""

    seed: int
    statuses: dict[str, Counter[int | None]] = field(default_factory=dict)
    seconds: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, tuple[float, int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def inputs(self) -> int:
        """The number of inputs so far."""
        return sum(counter.total() for counter in self.statuses.values())

    def table(self) -> str:
        """Return a line for each class: inputs, how many ended with which status, seconds, the slowest input."""
        seen = sorted(
            {status for counter in self.statuses.values() for status in counter if status is not None}
        )
        head = [
            "class",
            "inputs",
            *(f"status {status}" for status in seen),
            "none",
            "seconds",
            "slowest (number)",
        ]
        rows = [head]
        for kind, counter in self.statuses.items():
            most, number = self.slowest.get(kind, (0.0, 0))
            counts = [str(counter[status]) for status in (*seen, None)]
            spent = f"{self.seconds[kind]:.1f}"
            rows.append([kind, str(counter.total()), *counts, spent, f"{most:.1f} ({number})"])
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
        ]
        return "\n".join([*lines, f"{self.inputs} inputs, {len(self.faults)} faults"])


def shares(count: int, kinds: Sequence[str] | None = None) -> dict[str, int]:
    """Return how many inputs of each class make up a run, by their weights; at least one of each."""
    modules = class_modules()
    chosen = list(modules) if kinds is None else list(kinds)
    whole = sum(modules[kind].WEIGHT for kind in chosen)
    return {kind: max(1, round(count * modules[kind].WEIGHT / whole)) for kind in chosen}


def run_classes(report: Report, count: int, kinds: Sequence[str] | None = None) -> Iterator[str]:
    """Run so many inputs in all; yield each fault in words as it is found."""
    with Worker() as worker:
        for kind, number in shares(count, kinds).items():
            yield from run_class(report, worker, kind, range(number))


def run_class(report: Report, worker: Worker, kind: str, numbers: Sequence[int]) -> Iterator[str]:
    """Run these inputs of a class; yield each fault in words."""
    counter = report.statuses.setdefault(kind, Counter())
    for number in numbers:
        answer = worker.answer(kind, report.seed, number)
        counter[answer["status"]] += 1
        report.seconds[kind] += answer["seconds"]
        report.slowest[kind] = max(report.slowest.get(kind, (0.0, 0)), (answer["seconds"], number))
        if answer["faults"]:
            told = "\n  ".join(answer["faults"])
            case = drawn(kind, report.seed, number)
            fault = f"{kind} --seed {report.seed} --only {number}:\n  {told}\n{given(case)}"
            report.faults.append(fault)
            yield fault
