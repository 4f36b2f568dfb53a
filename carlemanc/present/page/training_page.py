"""The page of `train -o`: how the schedule trains beside gradient descent, segment by segment, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from carlemanc.present.figures.charts import Series, line_chart
from carlemanc.present.number_words import chosen, count, duration, is_number, percent, prose, real
from carlemanc.present.page.document import (
    SELF_CONTAINED,
    Badge,
    Block,
    Document,
    Fact,
    Figure,
    Figures,
    PageTable,
    Paragraph,
    Section,
    listing,
)
from carlemanc.present.page.files import Json, table

_MOST_POINTS = 400
"""Points of a curve that are drawn: every so many of longer ones."""
_MEMORIES = {"lookup": "data loaded by lookups", "qram": "data loaded by a QRAM"}


def training_page(record: Json) -> Document:
    """Return the page of a finished schedule."""
    final, schedule = table(record["final"]), table(record["schedule"])
    cost = table(record.get("cost"))
    sections = [Section("Segments", "segments", (_segments(record), *_notes(record)))]
    if cost:
        sections.append(Section("What the whole training costs", "cost", (_costs(cost), *_classical(cost))))
    return Document(
        title=str(record["name"]),
        about="A sparse training schedule: prune, evolve, download, re-upload",
        badges=(
            Badge(str(record["label"])),
            *([Badge(f"order {chosen(record['order'])}")] if record.get("order") is not None else []),
            *(Badge(text, "good" if text == "fully dissipative" else "caution") for text in _regimes(record)),
        ),
        verdict=(_verdict(final),),
        panels=(Figures(tuple(_figures(record))),),
        summary=(Paragraph(_schedule(record, schedule)),),
        highlights=_highlights(record, final, schedule),
        sections=tuple(sections),
        footer=SELF_CONTAINED,
    )


def _regimes(record: Json) -> list[str]:
    """The regimes of the segments, each once."""
    names = (table(segment.get("truncation")).get("regime") for segment in record["segments"])
    return list(dict.fromkeys(str(name) for name in names if name))


def _verdict(final: Json) -> Paragraph:
    def told(loss: object, accuracy: object) -> str:
        return f"loss {real(loss)}" + (f" and accuracy {percent(accuracy)}" if is_number(accuracy) else "")

    return Paragraph(
        f"The schedule ends at {told(final.get('loss'), final.get('accuracy'))}; gradient descent on the same weights "
        f"at {told(final.get('reference_loss'), final.get('reference_accuracy'))}."
    )


def _schedule(record: Json, schedule: Json) -> str:
    data = f" on {record['data']}" if record.get("data") else ""
    return (
        f"{chosen(record.get('survivors'))} of {chosen(record.get('weights'))} weights are trained{data}: "
        f"{chosen(schedule.get('steps'))} steps in {chosen(schedule.get('segments'))} segments, the weights being "
        f"read and loaded again after every {chosen(schedule.get('reupload_every'))}."
    )


def _highlights(record: Json, final: Json, schedule: Json) -> tuple[Fact, ...]:
    found = [
        Fact("weights trained", chosen(record.get("survivors"))),
        Fact("steps", chosen(schedule.get("steps"))),
        Fact("segments", chosen(schedule.get("segments"))),
        Fact("learning rate", chosen(record.get("learning_rate"))),
        Fact("loss", real(final.get("loss"))),
    ]
    if is_number(final.get("accuracy")):
        found.append(Fact("accuracy", percent(final["accuracy"])))
    return tuple(found)


def _figures(record: Json) -> Iterator[Figure]:
    """Loss and accuracy of the schedule beside gradient descent on the same weights."""
    label = str(table(record["reference"]).get("label") or "gradient descent")
    sides = {"schedule": record["steps"], label: table(record["reference"]).get("steps") or ()}
    for key in ("loss", "accuracy"):
        series = [
            Series(label=name, points=points, is_marked=False)
            for name, rows in sides.items()
            if (points := _curve(rows, key))
        ]
        if not series:
            continue
        words = "; ".join(
            f"{line.label}: from {real(line.points[0][1])} to {real(line.points[-1][1])}" for line in series
        )
        svg = line_chart(
            f"training-{key}",
            title=f"{key.capitalize()} against the step",
            description=f"{words}. Pre-training is not counted.",
            x_label="step",
            y_label=key,
            series=series,
        )
        yield Figure(f"training-{key}", f"{key.capitalize()} against the step: {words}.", svg)


def _curve(rows: list[Json], key: str) -> tuple[tuple[int, float], ...]:
    points = [(row["step"], row[key]) for row in rows if is_number(row.get(key))]
    return tuple(points[:: 1 + len(points) // _MOST_POINTS])


def _segments(record: Json) -> PageTable:
    uploads = {row.get("segment"): row for row in record["steps"] if row.get("phase") == "upload"}

    def upload(key: str) -> Callable[[Json], str]:
        return lambda segment: _real(uploads.get(segment["number"], {}).get(key))

    return listing(
        "Loss and accuracy at each upload; the bound is that of the truncation, relative to the update",
        record["segments"],
        {
            "segment": lambda segment: chosen(segment["number"] + 1),
            "first step": lambda segment: chosen(segment.get("first")),
            "steps": lambda segment: chosen(segment.get("steps")),
            "loss": upload("loss"),
            "accuracy": upload("accuracy"),
            "update": lambda segment: _real(segment.get("update")),
            "regime:": lambda segment: str(table(segment.get("truncation")).get("regime") or "–"),
            "truncation bound": lambda segment: _real(table(segment.get("truncation")).get("bound")),
            "measured": lambda segment: _real(table(segment.get("truncation")).get("measured")),
            "download error": lambda segment: _real(table(segment.get("download")).get("error")),
            "copies": lambda segment: _count(table(segment.get("download")).get("copies")),
        },
    )


def _notes(record: Json) -> list[Block]:
    notes = (table(segment.get("truncation")).get("note") for segment in record["segments"])
    return [Paragraph(f"{prose(note)}.", tone="caution") for note in dict.fromkeys(notes) if note]


def _costs(cost: Json) -> PageTable:
    priced = [(words, table(cost.get(key))) for key, words in _MEMORIES.items() if cost.get(key)]

    def of(key: str, name: str, words: Callable[[object], str]) -> Callable[[tuple[str, Json]], str]:
        return lambda item: "–" if item[1].get("reason") else words(table(item[1].get(key)).get(name))

    return listing(
        f"{chosen(cost.get('segments'))} segments: {prose(cost.get('basis'))}",
        priced,
        {
            "memory:": lambda item: item[0],
            "T gates a run": of("one_run", "t_count", count),
            "logical qubits": of("one_run", "logical_qubits", count),
            "runs a segment": of("tomography", "runs", count),
            "T gates in all": of("training", "t_count", count),
            "physical qubits": of("training", "physical_qubits", count),
            "time": of("training", "seconds", duration),
            ":": lambda item: prose(str(item[1].get("reason") or "").partition("\n")[0]),
        },
    )


def _classical(cost: Json) -> list[Block]:
    classical = table(cost.get("classical"))
    if classical.get("flops") is None:
        return []
    dense = classical.get("dense_flops")
    beside = f", and {count(dense)} of dense classical steps" if dense else ""
    program = classical.get("program") or "not named"
    return [
        Paragraph(
            f"The best classical program known to this tool, {program}, takes {count(classical['flops'])} operations "
            f"for the same segments{beside}."
        )
    ]


def _real(value: object) -> str:
    return real(value) if is_number(value) else "–"


def _count(value: object) -> str:
    return count(value) if is_number(value) else "–"
