"""The verdict stands first in text and page, and levers and reasons where they are looked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import carlemanc
from carlemanc.commands.estimate_result import Estimate
from carlemanc.present.estimate_directory import estimate_into
from carlemanc.present.number_words import prose
from carlemanc.present.text.amounts import amount
from carlemanc.present.text.verdict import verdict_sentence
from tests.fixed import fixed

RING = ("model.n=1048576", "training.steps=20", "solver.method=march")


@pytest.fixture(scope="module")
def ring() -> Estimate:
    found: Estimate = carlemanc.estimate(fixed("quartic-ring", RING))
    return found


def test_the_text_begins_with_the_verdict_and_ends_with_levers(ring: Estimate) -> None:
    lines = ring.to_text(all=True, width=10_000).splitlines()
    assert lines[0] == verdict_sentence(ring.verdict)
    assert lines[0].startswith("No: all quantum runs take ")
    assert f"the best classical program known ({ring.verdict.against}) " in lines[0]
    assert lines[0].endswith(f" on one workstation core: {amount(ring.verdict.factor)} times as long.")
    assert lines[3].split()[:3] == ["regime", "fully", "dissipative"]
    assert lines[4].startswith("  order                  3, truncation: certified, at most ")
    assert "march inverts nothing" in lines[5]
    levers = [lever for lever in ring.verdict.levers if lever.factor < 1]
    assert len(levers) >= 5
    assert len(levers) < len(ring.verdict.levers)
    for line, lever in zip(lines[-len(levers) :], levers, strict=True):
        assert line.split()[0] == lever.what
        assert line.endswith(f"  {amount(lever.factor)} times")
        assert f"{lever.before} -> {lever.after}" in line
    assert [line[4:] for line in lines if line.startswith("  - ")][1 - len(ring.verdict.reasons) :] == list(
        ring.verdict.reasons[1:]
    )


def test_a_loose_bound_is_said_on_the_first_screen() -> None:
    found = carlemanc.estimate(fixed("quartic-ring", ["training.steps=100", "model.n=1048576"]), levers=False)
    (line,) = [line for line in found.to_text().splitlines() if line.startswith("bounds ")]
    assert line.split(None, 1)[1].startswith(
        f"kappa {amount(found.kappa)} is a proved bound, perhaps far above"
    )


def test_a_linear_system_says_what_is_computed_and_is_judged_by_its_solvers() -> None:
    found = carlemanc.estimate(fixed("tridiagonal-system"))
    for text in (found.to_text(), found.to_text(all=True)):
        told = " ".join(text.split())
        assert re.match(
            "No: all quantum runs take .*, the best classical program known .sparse-elimination. ", told
        )
        assert " is computed; the success probability, " in told
        for word in ("train", "theta"):
            assert word not in text
    assert "weight" not in found.to_text()


def test_the_page_begins_with_the_verdict(tmp_path: Path) -> None:
    spec = fixed("quartic-ring", RING)
    found = estimate_into(spec, tmp_path / "out", command=["carlemanc"], compare=False, options={})
    page = tmp_path / "report.md"
    carlemanc.report(tmp_path / "out", page)
    text = page.read_text()
    badges, answer, *_ = text.split("\n\n")[1:]
    assert badges == "march · fully dissipative · order 3 · truncation at most 0.513 %, certified"
    assert answer.startswith("It does not pay: all quantum runs take ")
    assert "times the best classical program known to this tool (support, " in answer
    rows = [
        [cell.strip() for cell in line.replace("\\", "").split("|")[1:-1]]
        for line in text.splitlines()
        if line[:1] == "|"
    ]
    start = rows.index(["times", "change", "from", "to"]) + 2
    shown = rows[start : start + len(found.verdict.levers)]
    assert [row[1] for row in shown] == [lever.what for lever in found.verdict.levers]
    assert [lever.factor for lever in found.verdict.levers] == sorted(
        lever.factor for lever in found.verdict.levers
    )
    assert shown[0][0] == prose(f"{found.verdict.levers[0].factor:.3g}")
    assert text.index("| classical: support |") < text.index("| times |") < text.index("## Why")
    assert text.count("It does not pay") == 1
    assert "none found up to n" in text
    assert "one sample" not in text


def test_a_sweep_says_whether_each_point_pays(tmp_path: Path) -> None:
    spec = fixed("quartic-ring", RING)
    found = carlemanc.sweep(spec, over=["training.steps=2,4"], output=tmp_path, processes=1)
    verdict, _, head, *rows = found.to_text(width=1000).splitlines()
    assert verdict.startswith("No, at none of 2 points: all quantum runs take ")
    assert head.split()[-3:] == ["pays", "times", "against"]
    for line, row in zip(rows, found.rows, strict=False):
        told = row["estimate"]["verdict"]
        assert line.split()[-3:] == ["no", amount(told["factor"]), told["against"]]
        assert told["levers"] == []


def test_an_error_beside_epsilon_that_is_the_largest_is_on_the_first_screen() -> None:
    """The network that is trained has a polynomial in place of tanh, which moves theta(T) by more than epsilon."""
    found = carlemanc.estimate(fixed("tanh-neuron", ["solver.epsilon=1e-4"]), levers=False)
    achieved = found.error_budget["activation_approximation"].achieved
    assert achieved is not None
    assert achieved > found.error_budget["readout"].achieved
    assert f"beside epsilon: activation approximation {amount(achieved)} (measured)" in " ".join(
        found.to_text().split()
    )
    none = carlemanc.estimate(fixed("quartic-pair"), levers=False).to_text()
    assert "beside epsilon" not in none
