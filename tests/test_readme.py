"""What README.md shows is what happens: its spec, and the check of a circuit with Qiskit alone."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import carlemanc

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return text


def test_the_spec_is_the_packaged_example() -> None:
    spec = tomllib.loads(block("toml"))
    example = tomllib.loads((ROOT / "carlemanc/examples/quartic-pair.toml").read_text(encoding="utf-8"))
    for table, keys in spec.items():
        assert keys == example[table]


def test_the_printed_output_has_the_lines_of_a_run() -> None:
    shown = re.search(r"<!-- begin:output .*?```\n(.*?)```\n<!-- end:output -->", README, re.DOTALL)
    assert shown
    printed = carlemanc.run("quartic-pair").to_text().splitlines()
    pattern = re.compile(r"[-\d.e]+")
    assert [pattern.sub("", line) for line in shown[1].splitlines()] == [
        pattern.sub("", line) for line in printed
    ]


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
        [sys.executable, "-c", block("python")],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    circuit, classical = (float(value) for value in re.findall(r"\[(.*?)\]", done.stdout))
    assert classical == pytest.approx(0.128, abs=1e-12)
    assert abs(circuit - classical) <= 1e-3 * classical
