"""A finished schedule: the final numbers, what the whole training costs, and a line a segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount, duration
from carlemanc.present.text.layout import FIRST, WIDTH, Fact, View, facts, table, wrapped
from carlemanc.training.result import TrainingRun
from carlemanc.training.schedule_cost import MEMORIES

_ROWS = 10
"""Segments of the first screen."""
_HEADS = ("segment", "step", "loss", "accuracy", "update", "truncation bound", "download error", "proxy")


@text.register
def training_text(run: TrainingRun, view: View = FIRST) -> str:
    """Return the final numbers and the cost, then a line a segment."""
    record, width, final = run.record, view.width, run.record["final"]
    schedule = record["schedule"]
    reference = {"loss": final["reference_loss"], "accuracy": final["reference_accuracy"]}
    told = f"{_shown(final)}; gradient descent on the same survivors: {_shown(reference)}"
    pairs: list[Fact] = [
        (
            "training",
            f"{record['weights']} weights, {record['survivors']} trained; {schedule['steps']} steps in "
            f"{schedule['segments']} segments",
        ),
        ("evolution", record["label"]),
    ]
    if record["pretraining"][1:]:
        last = record["pretraining"][-1]
        pairs.append(("pre-training", f"{last['step']} dense steps to {_shown(last)}"))
    notes = sorted({row["truncation"]["note"] for row in record["segments"] if row["truncation"]["note"]})
    pairs += [("note", note) for note in notes]
    lines = [*wrapped(f"{run.name}: {told}.", width), "", *facts(pairs, width)]
    if run.cost is not None:
        lines += ["", *cost_lines(run.cost, width)]
    rows = _segments(record)
    shown = rows if view.whole else rows[-_ROWS:]
    left = len(rows) - len(shown)
    lines += ["", *([f"{left} segments before these (all with --all)"] if left else [])]
    return "\n".join([*lines, *table(_HEADS, shown, width, words=(0, 1, 7))])


def _segments(record: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the cells of each segment."""
    uploads = {row["segment"]: row for row in record["steps"] if row["phase"] == "upload"}
    proxies: dict[int, list[float]] = {}
    for step in record["steps"]:
        if step["proxy"] is not None:
            proxies.setdefault(step["segment"], []).append(step["proxy"])
    rows: list[tuple[str, ...]] = []
    for row in record["segments"]:
        upload, read, found = uploads[row["number"]], row["download"], proxies.get(row["number"])
        rows.append(
            (
                str(row["number"] + 1),
                str(row["first"]),
                amount(upload["loss"]),
                amount(upload["accuracy"]),
                amount(row["update"]),
                amount(row["truncation"]["bound"]),
                amount(read and read["error"]),
                f"{amount(min(found))} to {amount(found[-1])}" if found else "none",
            )
        )
    return rows


def _shown(row: Mapping[str, Any]) -> str:
    accuracy = "" if row["accuracy"] is None else f", accuracy {row['accuracy']:.4f}"
    return f"loss {amount(row['loss'])}{accuracy}"


def cost_lines(cost: Mapping[str, Any], width: int = WIDTH) -> list[str]:
    """Return the cost as lines of text."""
    pairs: list[Fact] = []
    for memory in MEMORIES:
        found = cost[memory]
        if "reason" in found:
            pairs.append((memory, f"no estimate: {found['reason'].splitlines()[0]}"))
            continue
        run, all_runs = found["one_run"], found["training"]
        pairs.append(
            (
                memory,
                f"{amount(run['t_count'])} T a run on {amount(run['logical_qubits'])} logical qubits, "
                f"{amount(found['tomography']['runs'])} runs a segment",
            )
        )
        time = ""
        if all_runs["seconds"] is not None:
            qubits = amount(all_runs["physical_qubits"])
            time = f", {duration(all_runs['seconds'])} on {qubits} physical qubits"
        pairs.append(("", f"{amount(all_runs['t_count'])} T in all{time}"))
    flops = cost["classical"]["flops"]
    if flops is not None:
        dense = cost["classical"]["dense_flops"]
        beside = f", and {amount(dense)} flops of dense classical steps" if dense else ""
        program = cost["classical"]["program"]
        pairs.append(("classical", f"{amount(flops)} flops by the best program known ({program}){beside}"))
    title = f"cost of {cost['segments']} segments ({cost['basis']})"
    return [*wrapped(title, width), *facts(pairs, width, indent="  ")]
