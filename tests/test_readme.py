"""What README.md and the guide show is what happens: specs, observables, the check with Qiskit alone."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import carlemanc
from carlemanc.classical.solvers.registry import SOLVERS
from carlemanc.cli._app import main
from tests.fixed import fixed

ROOT = Path(__file__).resolve().parent.parent
README = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".github/GUIDE.md"))


def between(name: str) -> str:
    """What stands between two markers, without the marks of code."""
    (text,) = re.findall(
        rf"^<!-- begin:{name}\b.*?-->\n(.*?)^<!-- end:{name} -->$", README, re.DOTALL | re.MULTILINE
    )
    return re.sub(r"^```.*\n", "", text, flags=re.MULTILINE)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """`table.csv` of three columns and a price that they add up to, but for noise."""
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(40, 3))
    price = columns @ [1.0, -0.5, 0.2] + 0.1 * rng.normal(size=40)
    rows = [",".join(f"{value:.4f}" for value in row) for row in np.column_stack([columns, price])]
    (tmp_path / "table.csv").write_text("\n".join(["area,age,rooms,price", *rows]) + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["csv", "network"])
def test_a_model_of_one_s_own_has_a_verdict(name: str, table: Path) -> None:
    """What the spec leaves out is named, so that the search is not paid for here."""
    (table / "model.toml").write_text(between(name), encoding="utf-8")
    assert len(between(name).splitlines()) == 5
    found = carlemanc.estimate(fixed(table / "model.toml"), levers=False)
    assert found.verdict.pays == "no"


def test_a_matrix_of_one_s_own_has_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    held: dict[str, Any] = {}
    exec(between("matrix"), held)
    assert held["found"].verdict.against in SOLVERS
    assert "no" in capsys.readouterr().out


def without_numbers(line: str) -> str:
    """The words of a line, apart from how its columns are filled."""
    return " ".join(re.sub(r"[-\d.e]+", "", line).split())


def test_a_session_in_python(capsys: pytest.CaptureFixture[str]) -> None:
    held: dict[str, Any] = {}
    exec(between("session"), held)
    first, second = capsys.readouterr().out.splitlines()
    assert first.split()[:2] == [held["found"].verdict.pays, str(held["found"].to_json()["t_of_a_run"])]
    assert second.endswith("OPENQASM 3.0;")
    assert held["table"]["method"].tolist() == [row.method for row in carlemanc.solvers(held["spec"]).rows]


def test_the_spec_is_the_packaged_example() -> None:
    spec = tomllib.loads(between("spec"))
    example = tomllib.loads((ROOT / "carlemanc/examples/quartic-pair.toml").read_text(encoding="utf-8"))
    for table, keys in spec.items():
        assert keys == example[table]


def test_the_printed_output_has_the_lines_of_a_run() -> None:
    shown = re.search(r"<!-- begin:output .*?```\n(.*?)```\n<!-- end:output -->", README, re.DOTALL)
    assert shown
    printed = carlemanc.run("quartic-pair").to_text().splitlines()
    assert [without_numbers(line) for line in shown[1].splitlines()] == list(map(without_numbers, printed))


def words_of(name: str) -> list[str]:
    """The words of a command, as a shell reads them."""
    return shlex.split(between(name).replace("\\\n", ""))


def test_the_walks_find_the_success_that_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    program, *arguments = words_of("paths")
    assert program == "carlemanc"
    assert main([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    told = re.search(r"finds (\d\.\d+) \+- (\d\.\d+)", README)
    assert told
    assert f"{document['success_probability']:.5f}" == told[1]
    assert f"{document['success_probability_error_bar']:.5f}" == told[2]


def test_the_observables_are_printed_as_shown(capsys: pytest.CaptureFixture[str]) -> None:
    program, *arguments = words_of("observables")
    assert program == "carlemanc"
    assert main(arguments) == 0
    shown, printed = between("observed").splitlines(), capsys.readouterr().out.splitlines()
    assert list(map(without_numbers, shown)) == list(map(without_numbers, printed))
    for name in ("loss", "first", "gradient"):
        was, now = (
            [float(text) for line in lines if line.startswith(f"{name} ") for text in line.split()[1:]]
            for lines in (shown, printed)
        )
        assert len(was) == len(now) == 4
        assert was[2:] == pytest.approx(now[2:], rel=1e-8)
        assert was[1] == pytest.approx(now[1], rel=0.05)
        assert abs(was[0] - was[2]) <= was[1]


def _ring() -> tuple[list[str], list[list[str]]]:
    """The overrides of the command about the ring, and the cells of the table below it."""
    words = words_of("ring-command")
    assert words[:3] == ["carlemanc", "estimate", "quartic-ring"]
    assert set(words[3::2]) == {"--set"}
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in between("ring").splitlines()[2:]
    ]
    return words[4::2], rows


def _number(cell: str) -> float:
    return float(cell.replace(",", ""))


def test_the_observables_of_the_ring_cost_what_is_said() -> None:
    overrides, rows = _ring()
    found = carlemanc.estimate("quartic-ring", overrides=overrides).observables
    assert [one.name for one in found] == ["loss", "squares", "first"]
    for one, (_, precision, uses, t) in zip(found, rows, strict=False):
        assert precision == f"{100 * one.precision:g} %"
        assert _number(uses) == pytest.approx(one.uses, rel=0.02)
        assert _number(t) == pytest.approx(one.t_count, rel=0.03)


@pytest.mark.parametrize(
    ("place", "way"), [(3, 'readout.method="tomography"'), (4, 'readout.method="sampling"')]
)
def test_the_weights_of_the_ring_cost_what_is_said(place: int, way: str) -> None:
    overrides, rows = _ring()
    kept = [text for text in overrides if not text.startswith("readout.")]
    assert len(rows) == 5
    found = carlemanc.estimate("quartic-ring", overrides=[*kept, way])
    assert found.support == 201
    assert _number(rows[place][2]) == pytest.approx(found.total.runs, rel=0.02)
    assert _number(rows[place][3]) == pytest.approx(found.total.t_in_all, rel=0.03)


def test_the_check_with_qiskit_alone(tmp_path: Path) -> None:
    command = re.search(r"`(carlemanc compile .*? -o out)`", README)
    assert command
    subprocess.run(
        [sys.executable, "-m", *command[1].split()],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=300,
    )
    done = subprocess.run(
        [sys.executable, "-c", between("qiskit")],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    circuit, classical = (float(value) for value in re.findall(r"\[(.*?)\]", done.stdout))
    assert classical == pytest.approx(0.128, abs=1e-12)
    assert abs(circuit - classical) <= 1e-3 * classical


@pytest.mark.slow
def test_what_was_chosen_is_written_and_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for line in between("optimize").splitlines():
        program, *arguments = shlex.split(line)
        assert program == "carlemanc"
        assert main(arguments) == 0
    assert main(["estimate", "best.toml", "--json"]) == 0
    capsys.readouterr()
    frontier = json.loads((tmp_path / "frontier" / "frontier.json").read_text(encoding="utf-8"))
    assert main(["estimate", "frontier/point-1.toml", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["total"]["t_in_all"] == frontier["points"][0]["t_count"]
