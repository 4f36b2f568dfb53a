"""What stands first on a page, read by a parser: badges, verdict, times, levers; what explains is folded."""

from __future__ import annotations

from html.parser import HTMLParser
from math import log10
from pathlib import Path
from typing import Any

import pytest

from carlemanc.present.page.driver import assemble
from carlemanc.present.page.formats import html_page
from carlemanc.present.page.material import load_material
from tests.present.directories import put, row


class First(HTMLParser):
    """The header of a page as (path of classes, text), the bars by label, and which sections are folded."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.path: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.bars: list[dict[str, str]] = []
        self.section, self.opened = "", ""
        self.folded: dict[str, bool] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "section":
            self.section = known["id"]
        elif self.section and self.section not in self.folded:
            self.folded[self.section] = tag == "details"
        if tag in ("meta", "col", "wbr", "br"):
            return
        self.path.append(f"{tag}.{known.get('class', '')}")
        if tag == "tr" and "table.bars" in self.path:
            self.bars.append({"class": known.get("class", ""), "text": ""})
        if tag == "b" and self.bars and "style" in known and "table.bars" in self.path:
            self.bars[-1]["reach"] = known["style"].removeprefix("width:").removesuffix("%")

    def handle_endtag(self, tag: str) -> None:
        self.path.pop()

    def handle_data(self, data: str) -> None:
        if self.bars and "table.bars" in self.path:
            self.bars[-1]["text"] += data
        if "header." in self.path and data.strip():
            self.texts.append((" ".join(self.path[3:]), " ".join(data.split())))

    def place(self, part: str) -> int:
        """Where in the header something first stands."""
        return next(place for place, (path, _) in enumerate(self.texts) if part in path)

    def of(self, part: str) -> list[str]:
        return [text for path, text in self.texts if part in path]


def first(place: Path) -> First:
    return First(html_page(assemble(load_material(place))))


@pytest.fixture
def judged(document: dict[str, Any]) -> dict[str, Any]:
    """An estimate with known times and levers."""
    flops = {"dense": 10**6, "support": 10**3, "paths": None}
    document["classical_baseline"] |= {
        "program": "support",
        "programs": [{"name": name, "flops": number, "reason": ""} for name, number in flops.items()],
        "machines": {"core": {"name": "one core", "flops_per_second": 10**9}},
    }
    document["verdict"] |= {
        "pays": "no", "against": "support", "machine": "one core", "classical_seconds": 1e-6, "quantum_seconds": 1e6,
        "factor": 1e12, "crossover": None,
        "levers": [
            {"what": "training.steps", "from": "100", "to": "50", "factor": 1.5},
            {"what": "solver.epsilon", "from": "0.001", "to": "0.01", "factor": 0.125},
        ],
    }  # fmt: skip
    document["physical"] |= {"seconds": 1.0, "seconds_of_all_runs": 1e6}
    document["order"] = {"value": 3, "truncation": 0.015, "status": "certified"}
    return document


def test_badges_verdict_times_and_levers_come_in_this_order(judged: dict[str, Any], tmp_path: Path) -> None:
    page = first(put(tmp_path / "a", estimate=judged))
    order = ["h1.", "ul.badges", "p.answer caution", "table.bars", "div.wraps", "dl.highlights", "nav."]
    assert sorted(order, key=page.place) == order
    assert page.of("ul.badges")[1:] == ["fully dissipative", "order 3", "truncation at most 1.5 %, certified"]
    (answer,) = page.of("p.answer")
    assert answer == (
        "It does not pay: all quantum runs take 11.6 days, 1 × 10¹² times the best classical program known to this "
        "tool (support, 1 μs on one core)."
    )
    cells = page.of("div.wraps table. tbody.")
    assert cells == ["0.125", "solver.", "epsilon", "0.001", "0.01", "1.5", "training.", "steps", "100", "50"]
    assert page.of("div.wraps table. tbody. tr.emphasis") == cells[:5]


def test_bars_reach_as_far_as_the_logarithms_of_their_times(judged: dict[str, Any], tmp_path: Path) -> None:
    page = first(put(tmp_path / "a", estimate=judged))
    bars = [bar for bar in page.bars if "reach" in bar]
    shown = [
        "classical: support1 μs",
        "classical: dense1 ms",
        "quantum: one run1 s",
        "quantum: all weights11.6 days",
    ]
    assert [" ".join(bar["text"].split()).replace("\xa0", " ") for bar in bars] == shown
    reaches = [float(bar["reach"]) for bar in bars]
    logs = [log10(seconds) for seconds in (1e-6, 1e-3, 1.0, 1e6)]
    slope = (reaches[3] - reaches[0]) / (logs[3] - logs[0])
    for reach, place in zip(reaches, logs, strict=True):
        assert reach - reaches[0] == pytest.approx(slope * (place - logs[0]), abs=0.02)
    assert reaches[3] == 100
    assert [bar["class"] for bar in bars] == [
        "classical emphasis",
        "classical",
        "quantum",
        "quantum emphasis",
    ]


def test_what_explains_is_folded_and_what_answers_is_open(estimated: Path) -> None:
    folded = first(estimated).folded
    assert {name for name, is_folded in folded.items() if is_folded} == {
        *("verdict", "pipeline", "assumptions", "ledger", "error-budget", "formulas", "absent")
    }
    assert {"baseline", "breakdown", "readout", "physical", "references", "repeat"} <= folded.keys()


def test_of_a_sweep_the_point_nearest_to_paying_answers(judged: dict[str, Any], tmp_path: Path) -> None:
    rows = [
        row(
            steps,
            judged | {"T": steps, "verdict": judged["verdict"] | {"factor": factor}},
            f"training.steps={steps}",
        )
        for steps, factor in ((1, 8.0), (2, 4.0), (4, 6.0))
    ]
    page = first(put(tmp_path / "a", rows=rows))
    (answer,) = page.of("p.answer")
    assert answer.endswith("That is at training.steps=2, of all points the nearest to paying.")
    assert page.of("div.wraps table. tbody.") == [
        *("1.5", "training.", "steps", "2", "4"),
        *("2", "training.", "steps", "2", "1"),
    ]


def test_a_linear_system_is_no_training(judged: dict[str, Any], tmp_path: Path) -> None:
    judged |= {"T": None, "N": None, "order": None, "regime": None}
    judged["kappa"] = {"value": 12.5, "source": "computed"}
    page = first(put(tmp_path / "a", estimate=judged))
    words = " ".join(text for _, text in page.texts)
    assert "Cost of solving a linear system" in words
    assert "condition number 12.5, computed" in page.of("ul.badges")
    assert "all entries" in words
    for word in ("training run", "weights", "theta", "Carleman", "time register"):
        assert word not in words.replace("training.steps", "")
