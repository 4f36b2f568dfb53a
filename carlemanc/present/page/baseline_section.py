"""The same training on a classical machine, and from which n on the quantum program would be faster, if from any."""

from __future__ import annotations

from collections.abc import Callable

from carlemanc.present.number_words import (
    duration,
    integer,
    is_integer,
    is_number,
    power_of_two,
    prose,
    real,
    short,
)
from carlemanc.present.page.costs import costs_of, verdict
from carlemanc.present.page.document import Block, Fact, FactList, PageTable, Paragraph, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material

_READ = {"all_weights": "reading theta(T)", "one_sample": "one sample of theta(T)"}


def baseline_section(material: Material) -> Section | None:
    """Return what the same training costs classically, None where there is none."""
    estimate = material.subject
    baseline = table(estimate.get("classical_baseline"))
    if not baseline:
        return None
    costs = costs_of(estimate)
    words, tone = verdict(costs)
    flops = "none: there is no training" if costs.flops is None else integer(costs.flops)
    facts = [Fact("floating-point operations", flops, _program_note(baseline))]
    if costs.classical is not None:
        facts.append(Fact("time", duration(costs.classical), costs.rate))
    if costs.total is not None:
        facts.append(
            Fact(f"time of all quantum {costs.reading.unit}", duration(costs.total), "one after another")
        )
    machines, crossover = table(baseline.get("machines")), table(baseline.get("crossover"))
    blocks: list[Block] = [Paragraph(words, tone=tone), FactList(tuple(facts))]
    if baseline.get("programs"):
        blocks.append(_programs(baseline))
    if machines:
        blocks.append(_machines(machines))
    if crossover:
        blocks.append(_crossovers(crossover, machines))
    return Section("The same training on a classical machine", "baseline", tuple(blocks))


def crossover_sentence(estimate: Json) -> str:
    """Return from which n on reading the weights would be faster, empty where the estimate does not say."""
    found = table(table(table(estimate.get("classical_baseline")).get("crossover")).get("all_weights"))
    if not found:
        return ""
    n = table(estimate.get("classical_baseline")).get("crossover_n")
    reason = prose(str(found.get("reason") or "").rstrip("."))
    if is_integer(n):
        return f"For this loss the runs would take less time than one core from n = {_size(n)} on ({reason})."
    return f"No n is known from which on the runs would take less time than one core: {reason}."


def _program_note(baseline: Json) -> str:
    program = baseline.get("program")
    return (
        f"for the same T steps, best program known to this tool: {program}"
        if program
        else "for the same T steps"
    )


def _programs(baseline: Json) -> PageTable:
    return listing(
        "Classical programs for the same steps; the cheapest is compared",
        baseline["programs"],
        {
            "program:": lambda program: str(program.get("name")),
            "operations": lambda program: (
                "does not apply" if program.get("flops") is None else integer(program["flops"])
            ),
            "why:": lambda program: prose(program.get("reason")),
        },
        emphasis=lambda program: program.get("name") == baseline.get("program"),
    )


def _machines(machines: Json) -> PageTable:
    return listing(
        "The cheapest program that each machine holds, and quantum times over these",
        ({"name": key, **table(machine)} for key, machine in machines.items()),
        {
            "machine:": lambda machine: machine["name"],
            "operations a second": lambda machine: short(machine.get("flops_per_second")),
            "memory, bytes": lambda machine: short(machine.get("memory_bytes")),
            "time": _time,
            "all runs / this": lambda machine: _times(machine.get("quantum_over_classical")),
            "one sample / this": lambda machine: _times(machine.get("one_sample_over_classical")),
            "rates:": lambda machine: prose(machine.get("assumption")),
        },
    )


def _time(machine: Json) -> str:
    if machine.get("seconds") is None and "program" in machine:
        return "more than its memory"
    return duration(machine.get("seconds"))


def _crossovers(crossover: Json, machines: Json) -> PageTable:
    keys = list(machines) or [
        key for key in table(next(iter(crossover.values()), {})) if key not in ("what", "reason")
    ]

    def against(key: str) -> tuple[str, Callable[[tuple[str, Json]], str]]:
        return f"against {table(machines.get(key)).get('name') or key}", lambda item: _size(item[1].get(key))

    return listing(
        "The least n from which the quantum time is the shorter one",
        ((what, table(found)) for what, found in crossover.items()),
        {
            "quantum time of:": lambda item: (
                item[1].get("what") or _READ.get(item[0], item[0].replace("_", " "))
            ),
            **dict(map(against, keys)),
            "why:": lambda item: prose(item[1].get("reason")),
        },
    )


def _times(value: object) -> str:
    return real(value, 3) if is_number(value) else "not known"


def _size(value: object) -> str:
    if not isinstance(value, int):
        return "none"
    return power_of_two(value) or integer(value)
