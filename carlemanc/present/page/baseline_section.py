"""The same training on a classical machine, and from which n on the quantum program would be faster, if from any."""

from __future__ import annotations

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
from carlemanc.present.page.document import Block, Column, Fact, Facts, Paragraph, Row, Section, Table
from carlemanc.present.page.material import Material, table
from carlemanc.present.page.material import Table as Json

_READ = {"all_weights": "reading theta(T)", "one_sample": "one sample of theta(T)"}


def baseline_section(material: Material) -> Section | None:
    """Return what the same training costs classically, None where there is none."""
    estimate = table(material.subject)
    baseline = table(estimate.get("classical_baseline"))
    if not baseline:
        return None
    costs = costs_of(estimate)
    words, tone = verdict(costs)
    flops = "none: there is no training" if costs.flops is None else integer(costs.flops)
    facts = [Fact(name="floating-point operations", value=flops, note=_program_note(baseline))]
    if costs.classical is not None:
        facts.append(Fact(name="time", value=duration(costs.classical), note=costs.rate))
    if costs.total is not None:
        facts.append(
            Fact(name="time of all quantum runs", value=duration(costs.total), note="one after another")
        )
    machines, crossover = table(baseline.get("machines")), table(baseline.get("crossover"))
    blocks: list[Block] = [Paragraph(text=words, tone=tone), Facts(facts=tuple(facts))]
    if baseline.get("programs"):
        blocks.append(_programs(baseline))
    if machines:
        blocks.append(_machines(machines))
    if crossover:
        blocks.append(_crossovers(crossover, machines))
    return Section(title="The same training on a classical machine", anchor="baseline", blocks=tuple(blocks))


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


def _programs(baseline: Json) -> Table:
    rows = tuple(
        Row(
            cells=(
                str(program.get("name")),
                integer(program["flops"]) if is_integer(program.get("flops")) else "does not apply",
                prose(str(program.get("reason") or "")),
            ),
            emphasis=program.get("name") == baseline.get("program"),
        )
        for program in map(table, baseline["programs"])
    )
    columns = (
        Column(name="program", numeric=False),
        Column(name="operations"),
        Column(name="why", numeric=False),
    )
    return Table(
        caption="Classical programs for the same steps; the cheapest is compared", columns=columns, rows=rows
    )


def _machines(machines: Json) -> Table:
    rows = tuple(
        Row(
            cells=(
                str(machine.get("name") or key),
                short(machine.get("flops_per_second")),
                duration(machine.get("seconds")),
                _times(machine.get("quantum_over_classical")),
                _times(machine.get("one_sample_over_classical")),
                prose(str(machine.get("assumption") or "")),
            )
        )
        for key, machine in ((key, table(value)) for key, value in machines.items())
    )
    columns = (
        Column(name="machine", numeric=False),
        Column(name="operations a second"),
        Column(name="time"),
        Column(name="all runs / this"),
        Column(name="one sample / this"),
        Column(name="assumed", numeric=False),
    )
    return Table(
        caption="The cheapest program on classical machines, and quantum times over these",
        columns=columns,
        rows=rows,
    )


def _crossovers(crossover: Json, machines: Json) -> Table:
    keys = list(machines) or [key for key in table(next(iter(crossover.values()), {})) if key != "reason"]
    rows = tuple(
        Row(
            cells=(
                _READ.get(key, key.replace("_", " ")),
                *(_size(table(found).get(machine)) for machine in keys),
                prose(str(table(found).get("reason") or "")),
            )
        )
        for key, found in crossover.items()
    )
    names = [str(table(machines.get(key)).get("name") or key) for key in keys]
    columns = (
        Column(name="quantum time of", numeric=False),
        *(Column(name=f"against {name}") for name in names),
        Column(name="why", numeric=False),
    )
    return Table(
        caption="The least n from which the quantum time is the shorter one", columns=columns, rows=rows
    )


def _times(value: object) -> str:
    return real(value, 3) if is_number(value) else "not known"


def _size(value: object) -> str:
    if not isinstance(value, int):
        return "none"
    return power_of_two(value) or integer(value)
