"""A user's script of twenty lines: it runs, says what the command says, and mypy finds nothing in it."""

import runpy
import subprocess
import sys
import textwrap
from pathlib import Path

import matplotlib as mpl
import pytest

import carlemanc

SCRIPT = Path(__file__).with_name("sweep_the_learning_rate.py")
USERS = {
    "encoding.py": """
        import carlemanc
        made = carlemanc.circuit("quartic-pair", stage="block-encoding")
        qubits: int = made.to_qiskit().num_qubits
        text: str = made.qasm(version=2)
        width: int = made.program.width
    """,
    "arrays.py": """
        import numpy as np
        import carlemanc
        spec: carlemanc.ModelSpec = carlemanc.given(np.eye(2), [1.0, 2.0], name="pair")
        found = carlemanc.estimate(spec)
        numbers: tuple[int, int, float | None, str] = found.t_of_a_run, found.t_in_all, found.seconds, found.pays
        columns: list[str] = list(carlemanc.solvers(spec).to_frame().columns)
    """,
    "wrong.py": """
        import carlemanc
        reveal_type(carlemanc.estimate("quartic-pair", overrides=["training.steps=2"]))
        carlemanc.estimate("quartic-pair", no_option=1)
    """,
}
"""Scripts that are only read; the last is wrong."""


def test_it_is_short_and_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 20 + 1  # and the words at its head
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(tmp_path)])
    mpl.use("agg")
    runpy.run_path(str(SCRIPT), run_name="__main__")
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["training.learning_rate", "t_of_a_run", "verdict.pays"]
    overrides = ["solver.method=march", "carleman.rescaling=balanced", "training.learning_rate=0.1"]
    one = carlemanc.estimate("logistic-map-scalar", overrides=overrides, levers=False)
    assert table[2].split()[1:] == ["0.10", str(one.t_of_a_run), one.pays]
    assert (tmp_path / "t_gates.png").stat().st_size > 1000


@pytest.mark.slow
def test_a_type_checker_reads_them(tmp_path: Path) -> None:
    """mypy finds nothing in them, knows what a call returns, and refuses an option that no command has."""
    for name, text in USERS.items():
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
    scripts = [str(SCRIPT), *(str(tmp_path / name) for name in USERS)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", *scripts],
        cwd=Path(carlemanc.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    told = [line.partition(": ")[2] for line in done.stdout.splitlines()]
    assert 'note: Revealed type is "carlemanc.commands.estimate_result.Estimate"' in told
    assert 'error: Unexpected keyword argument "no_option" for "estimate"  [call-arg]' in told
    assert done.stdout.splitlines()[-1] == "Found 1 error in 1 file (checked 4 source files)"
