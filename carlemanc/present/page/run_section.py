"""What a run read, where the directory holds one: values beside those of the truncated iterate and gradient descent."""

from __future__ import annotations

from collections.abc import Sequence

from carlemanc.present.number_words import count, duration, real
from carlemanc.present.page.document import Block, Fact, FactList, PageTable, Section, listing
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import Material
from carlemanc.present.page.readout_section import clipped

_SHOWN = 20
"""Weights that are listed."""


def run_section(material: Material) -> Section | None:
    """Return what a run read, None without one."""
    run = material.run
    if not run:
        return None
    observed = run.get("observables") or ()
    blocks: list[Block] = [_observed(observed) if observed else _weights(run), FactList(_facts(run))]
    return Section("What a simulated run read", "run", tuple(blocks))


def _observed(found: Sequence[Json]) -> PageTable:
    return listing(
        "Observables as the circuits gave them; Carleman: of the truncated iterate, which they are to agree with",
        found,
        {
            "observable:": lambda one: one["name"],
            "expression:": lambda one: clipped(one.get("expression")),
            "quantum": lambda one: real(one.get("value")),
            "error bar": lambda one: "exact" if one.get("uses") is None else real(one.get("error_bar"), 3),
            "Carleman": lambda one: real(one.get("carleman")),
            "gradient descent": lambda one: real(one.get("classical")),
            "certificate": lambda one: (
                "none" if one.get("certificate") is None else real(one["certificate"], 3)
            ),
            "uses drawn": lambda one: "–" if one.get("uses") is None else count(one["uses"]),
        },
    )


def _weights(run: Json) -> PageTable:
    columns = [run.get(key) or () for key in ("theta", "theta_carleman", "theta_classical")]
    number = max(map(len, columns))
    more = f"; the first {_SHOWN} of {count(number)}" if number > _SHOWN else ""

    def cell(values: Sequence[float], place: int) -> str:
        return real(values[place]) if place < len(values) else "not read"

    quantum, carleman, classical = columns
    return listing(
        f"Weights as the circuit gave them{more}",
        range(min(number, _SHOWN)),
        {
            "weight:": lambda place: f"theta_{place}",
            "quantum": lambda place: cell(quantum, place),
            "Carleman": lambda place: cell(carleman, place),
            "gradient descent": lambda place: cell(classical, place),
        },
    )


def _facts(run: Json) -> tuple[Fact, ...]:
    seconds = sum(value for value in table(run.get("seconds")).values() if value is not None)
    facts = [
        Fact("back end", str(run.get("backend") or "not written")),
        Fact("success probability", real(run.get("success_probability"), 4)),
        Fact("readout probability", real(run.get("readout_probability"), 4)),
    ]
    if run.get("qubits") is not None:
        facts.append(Fact("circuit", f"{count(run['qubits'])} qubits", f"{count(run.get('gates'))} gates"))
    return (*facts, Fact("time of the simulation", duration(seconds)))
