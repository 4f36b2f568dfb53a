"""A finished schedule: a line a segment, the final numbers and what the whole training costs."""

from __future__ import annotations

from typing import Any

from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View
from carlemanc.training.result import TrainingRun
from carlemanc.training.schedule_cost import MEMORIES


@text.register
def training_text(run: TrainingRun, view: View = FIRST) -> str:
    """Return a line a segment, the final numbers and the cost."""
    record, final = run.record, run.record["final"]
    schedule = record["schedule"]
    lines = [
        f"{run.name}: {record['weights']} weights, {record['survivors']} trained; {schedule['steps']} steps in "
        f"{schedule['segments']} segments",
        f"evolution    {record['label']}",
    ]
    if record["pretraining"][1:]:
        last = record["pretraining"][-1]
        lines.append(f"pre-training {last['step']} dense steps to {_shown(last)}")
    uploads = {row["segment"]: row for row in record["steps"] if row["phase"] == "upload"}
    lines += [
        "",
        "segment  step    loss       accuracy  update     truncation bound  download error  proxy",
    ]
    for row in record["segments"]:
        upload = uploads[row["number"]]
        read = row["download"]
        proxies = [
            step["proxy"]
            for step in record["steps"]
            if step["segment"] == row["number"] and step["proxy"] is not None
        ]
        lines.append(
            f"{row['number'] + 1:<8} {row['first']:<7} {_number(upload['loss']):<10} "
            f"{_number(upload['accuracy']):<9} {_number(row['update']):<10} "
            f"{_number(row['truncation']['bound']):<17} {_number(read and read['error']):<15} "
            + (f"{min(proxies):.3g} to {proxies[-1]:.3g}" if proxies else "none")
        )
    notes = sorted({row["truncation"]["note"] for row in record["segments"] if row["truncation"]["note"]})
    lines += [f"note: {note}" for note in notes]
    reference = {"loss": final["reference_loss"], "accuracy": final["reference_accuracy"]}
    lines += [
        "",
        f"final        {_shown(final)}",
        f"reference    {_shown(reference)}   (gradient descent on the same survivors)",
    ]
    if run.cost is not None:
        lines += ["", *cost_lines(run.cost)]
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _shown(row: dict[str, Any]) -> str:
    accuracy = "" if row["accuracy"] is None else f", accuracy {row['accuracy']:.4f}"
    return f"loss {_number(row['loss'])}{accuracy}"


def cost_lines(cost: dict[str, Any]) -> list[str]:
    """Return the cost as lines of text."""
    lines = [f"cost of {cost['segments']} segments ({cost['basis']})"]
    for memory in MEMORIES:
        found = cost[memory]
        if "reason" in found:
            lines.append(f"  {memory:<7} no estimate: {found['reason'].splitlines()[0]}")
            continue
        run, all_runs = found["one_run"], found["training"]
        lines.append(
            f"  {memory:<7} {run['t_count']:.3g} T a run on {run['logical_qubits']} logical qubits, "
            f"{found['tomography']['runs']:.3g} runs a segment, {float(all_runs['t_count']):.3g} T in all"
        )
        if all_runs["seconds"] is not None:
            lines.append(
                f"          {all_runs['seconds']:.3g} s on {all_runs['physical_qubits']} physical qubits"
            )
    flops = cost["classical"]["flops"]
    if flops is not None:
        dense = cost["classical"]["dense_flops"]
        beside = f", and {dense:.3g} flops of dense classical steps" if dense else ""
        program = cost["classical"]["program"]
        lines.append(
            f"  best classical program known ({program}): {flops:.3g} flops for the same segments{beside}"
        )
    return lines
