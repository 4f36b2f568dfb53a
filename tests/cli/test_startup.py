"""Nothing heavy before it is needed: help, examples and faults of a spec import no numerical library."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import carlemanc

HEAVY = (
    "numpy",
    "scipy",
    "sympy",
    "qualtran",
    "cirq",
    "qiskit",
    "torch",
    "pandas",
    "matplotlib",
    "sklearn",
    "polars",
)
ERRORS = Path(__file__).resolve().parent.parent / "golden" / "errors"
PROBE = f"""
import sys
from carlemanc.cli._app import main
status = main(sys.argv[1:])
heavy = [name for name in {HEAVY!r} if name in sys.modules]
assert not heavy, heavy
sys.exit(status)
"""


def probe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        cwd=ERRORS,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["run", "--help"],
        ["compile", "--help"],
        ["examples"],
        ["examples", "quartic-pair"],
        ["init"],
        ["init", "--example", "ridge-diabetes"],
        ["schema"],
    ],
    ids=" ".join,
)
def test_light(arguments: list[str]) -> None:
    done = probe(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("verb", ["derive", "analyze", "run", "estimate", "verify"])
@pytest.mark.parametrize("name", ["toml_syntax", "unknown_key"])
def test_faults_of_the_text(verb: str, name: str) -> None:
    done = probe(verb, f"{name}.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (ERRORS / f"{name}.err").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "expression_import",
        "start_import",
        "start_empty_interval",
        "several_problems",
        "data_file_missing",
        "two_sources",
    ],
)
def test_faults_of_the_spec(name: str) -> None:
    done = probe("compile", f"{name}.toml", "-o", "never-written")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (ERRORS / f"{name}.err").read_text(encoding="utf-8")
    assert not (ERRORS / "never-written").exists()


def test_bad_override() -> None:
    done = probe("run", "quartic-pair", "--set", "training.steps=-1")
    assert done.returncode == 2
    assert "--set training.steps" in done.stderr


def test_importing_the_package() -> None:
    code = "import sys, carlemanc; carlemanc.load_spec('quartic-pair')"
    check = f"assert not set({HEAVY!r}) & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", f"{code}; {check}"], check=True, timeout=60)


def test_verbs_are_functions_whatever_was_imported() -> None:
    """No package has the name of a verb, so that none takes the place of its function."""
    verbs = "'estimate', 'solvers', 'sweep', 'run', 'compile', 'derive', 'analyze', 'verify', 'system'"
    lift = ("carleman.padding=0", "carleman.rescaling=balanced")
    code = (
        "import types, carlemanc, carlemanc.commands.estimate, carlemanc.commands.run, carlemanc.sweeps.driver\n"
        f"assert all(isinstance(getattr(carlemanc, verb), types.FunctionType) for verb in ({verbs}))\n"
        f"assert carlemanc.solvers('logistic-map-scalar', overrides={lift!r}).best.method"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_module_entry_point() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "carlemanc", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip()


def test_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ERRORS.parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == carlemanc.__version__
