"""The same training on a classical machine, and from which n on the quantum program would be faster, if from any."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from carlemanc.present.number_words import chosen, count, duration, is_integer, is_number, prose, real
from carlemanc.present.page.costs import costs_of
from carlemanc.present.page.crossing import crossing_blocks
from carlemanc.present.page.document import Fact, FactList, PageTable, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material

_READ = {"all_weights": "reading theta(T)", "n": "in n", "T": "in T", "p": "in p"}
"""What a crossover is of, by its key; of older documents `all_weights` in n."""
_NO_ANSWER = "one_sample"
"""What older documents have beside it: a sample answers no question."""


def baseline_section(material: Material) -> Section | None:
    """Return what the same training costs classically, None where there is none."""
    estimate = material.subject
    baseline = table(estimate.get("classical_baseline"))
    if not baseline:
        return None
    costs = costs_of(estimate)
    flops = "none: there is no training" if costs.flops is None else count(costs.flops)
    facts = [Fact("floating-point operations", flops, _program_note(baseline))]
    if costs.classical is not None:
        facts.append(Fact("time", duration(costs.classical), costs.rate))
    if costs.total is not None:
        facts.append(
            Fact(f"time of all quantum {costs.reading.unit}", duration(costs.total), "one after another")
        )
    machines, crossover = table(baseline.get("machines")), table(baseline.get("crossover"))
    crossing = crossing_blocks(material)
    blocks = [*crossing]
    if crossover:
        blocks.append(_crossovers(crossover, machines))
    if not baseline.get("programs"):
        blocks.append(FactList(tuple(facts)))
    if baseline.get("programs"):
        blocks.append(_programs(baseline))
    if machines:
        blocks.append(_machines(machines))
    title = (
        "Where the quantum time would be the shorter one" if crossover else "The same on a classical machine"
    )
    return Section(title, "baseline", tuple(blocks))


def crossover_sentence(estimate: Json) -> str:
    """Return from which n on reading the weights would be faster, empty where the estimate does not say."""
    crossover = table(table(estimate.get("classical_baseline")).get("crossover"))
    found = table(crossover.get("n") or crossover.get("all_weights"))
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
        "Classical programs for the same answer; the cheapest is compared",
        baseline["programs"],
        {
            "program:": lambda program: str(program.get("name")),
            "applies:": lambda program: "no" if program.get("flops") is None else "yes",
            "operations": lambda program: "–" if program.get("flops") is None else count(program["flops"]),
            **dict(map(_seconds_on, table(baseline.get("machines")).values())),
            "why:": lambda program: prose(program.get("reason")),
        },
        emphasis=lambda program: program.get("name") == baseline.get("program"),
        folded=True,
    )


def _seconds_on(machine: Json) -> tuple[str, Callable[[Json], str]]:
    """Return the column of a machine: how long each program takes there, where its memory holds it."""
    rate, memory = machine.get("flops_per_second"), machine.get("memory_bytes")

    def time(program: Json) -> str:
        flops, held = program.get("flops"), program.get("memory_bytes")
        if flops is None or not rate:
            return "–"
        if isinstance(held, int) and isinstance(memory, int) and held > memory:
            return "more than its memory"
        return duration(Fraction(flops) / Fraction(rate))

    return f"on {machine.get('name') or 'a machine'}", time


def _machines(machines: Json) -> PageTable:
    return listing(
        "The cheapest program that each machine holds, and quantum times over these",
        ({"name": key, **table(machine)} for key, machine in machines.items()),
        {
            "machine:": lambda machine: machine["name"],
            "operations a second": lambda machine: count(machine.get("flops_per_second")),
            "memory, bytes": lambda machine: count(machine.get("memory_bytes")),
            "time": _time,
            "all runs / this": lambda machine: _times(machine.get("quantum_over_classical")),
            "rates:": lambda machine: prose(machine.get("assumption")),
        },
        folded=True,
    )


def _time(machine: Json) -> str:
    if machine.get("seconds") is None and "program" in machine:
        return "more than its memory"
    return duration(machine.get("seconds"))


def _crossovers(crossover: Json, machines: Json) -> PageTable:
    found = {key: table(one) for key, one in crossover.items() if key != _NO_ANSWER}
    keys = list(machines) or [
        key for key in next(iter(found.values()), {}) if key not in ("what", "seconds", "reason")
    ]

    def against(key: str) -> tuple[str, Callable[[tuple[str, Json]], str]]:
        return f"against {table(machines.get(key)).get('name') or key}", lambda item: _size(item[1].get(key))

    return listing(
        "One quantity varied and all else kept",
        found.items(),
        {
            "quantity:": lambda item: _READ.get(item[0], item[0]),
            **dict(map(against, keys)),
            "why:": lambda item: prose(item[1].get("reason")),
        },
    )


def _times(value: object) -> str:
    return real(value, 3) if is_number(value) else "not known"


def _size(value: object) -> str:
    return "none" if value is None else chosen(value)
