"""The figures of `estimates/` are drawn from committed data, the same bytes each time, and say what they show."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "estimates" / "figures.py"


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    found = importlib.util.spec_from_file_location("estimates_figures", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_committed_figures_are_what_the_data_draw(figures: ModuleType, tmp_path: Path) -> None:
    for made in figures.draw(tmp_path):
        text = made.read_text(encoding="utf-8")
        assert "<dc:date>" not in text
        committed = figures.FIGURES / made.name
        drawn = len(re.findall("<path", committed.read_text(encoding="utf-8")))
        assert len(re.findall("<path", text)) == drawn, made.name
    once = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    figures.draw(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == once


def test_every_run_of_the_data_is_of_the_spec_and_says_what_it_was(figures: ModuleType) -> None:
    for name in figures.RUNS:
        document = json.loads((figures.DATA / f"digits_{name}.json").read_text(encoding="utf-8"))
        assert document["label"].startswith("truncated Carleman" if name == "carleman" else "emulation")
        assert document["data"] == "sklearn:digits"
        assert document["weights"] == 1210


def test_the_reupload_keeps_the_accuracy_of_the_pruned_network(figures: ModuleType) -> None:
    for name in ("carleman", "emulated"):
        final = json.loads((figures.DATA / f"digits_{name}.json").read_text(encoding="utf-8"))["final"]
        assert abs(final["accuracy"] - final["reference_accuracy"]) <= 0.03


def test_the_proxy_of_the_digits_run_falls_then_grows_until_no_strong_mode_diverges(
    figures: ModuleType,
) -> None:
    from carlemanc.training.error_proxy import error_proxy

    document = json.loads((figures.DATA / "digits_carleman.json").read_text(encoding="utf-8"))
    grown = []
    for segment in document["segments"]:
        values = error_proxy(segment["modes"], window=(0.1, 1.0)).values(range(segment["steps"] + 1))
        least = int(values.argmin())
        assert values[0] == pytest.approx(1.0)  # the upload resets it
        assert values[least] < 0.9
        grown.append(least < segment["steps"] and values[-1] > values[least])
        assert grown[-1] == (max(segment["modes"]) >= 0.1)
    assert grown == [True] * 5 + [False] * 5
