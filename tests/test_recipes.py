"""The recipes of CONTRIBUTING, followed as they stand in a copy of the package: each gives something that works."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import carlemanc as package
from carlemanc.model.data.data_set import load_data
from carlemanc.programs.program import OPS, Program
from tests.fixed import fixed, fixed_words

ROOT = Path(__file__).resolve().parent.parent
TOYS = ROOT / "tests" / "toys"
TEXT = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
SPEC = """
[network]
layers = [{ kind = "dense", units = 1 }]
loss = "toy"
[data]
source = "sklearn:diabetes"
features = 1
samples = 8
standardize = true
[training]
learning_rate = 0.02
steps = 2
initial = [0.1, -0.1]
[carleman]
order = 3
"""


@dataclass(frozen=True, kw_only=True)
class Touched:
    """A file of a recipe; `registry` and `line`: the name in it that takes a line, and the line."""

    path: str
    registry: str = ""
    line: str = ""


def recipes() -> dict[str, list[Touched]]:
    """Return the files of every recipe, by the title without what a user types."""
    (part,) = re.findall(r"^## Recipes\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    found = {}
    for section in part.split("\n### ")[1:]:
        title = section.split(":")[0].split(" ", 1)[1]
        items = re.findall(r"^- `([^`]+)`(?:, in `(\w+)`: `([^`]+)`)?", section, re.MULTILINE)
        found[title] = [Touched(path=path, registry=name, line=line) for path, name, line in items]
    return found


RECIPES = recipes()
WRITTEN = {
    "method": "method.py",
    "readout goal": "goal.py",
    "loss family": "loss.py",
    "output format": "output_format.py",
}
"""The toy of every recipe that has a new file."""
PLAIN = fixed_words("logistic-map-scalar")
"""No test of a recipe is about what a search chooses."""


def named(text: str) -> str:
    return text.replace("NAME", "toy").replace("Name", "Toy")


def with_line(source: str, registry: str, line: str) -> str:
    """Return a module with a line after the last entry of a dictionary, or of the tuple that one is made from."""
    (value,) = [
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.AnnAssign | ast.Assign)
        and registry
        in [ast.unparse(name) for name in getattr(node, "targets", [getattr(node, "target", None)])]
    ]
    held = value.generators[0].iter if isinstance(value, ast.DictComp) else value
    last = (held.values if isinstance(held, ast.Dict) else held.elts)[-1]
    lines = source.splitlines()
    assert lines[last.end_lineno - 1].endswith(","), "an entry that ends in its line"
    return "\n".join([*lines[: last.end_lineno], line, *lines[last.end_lineno :]]) + "\n"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with every recipe followed."""
    root = tmp_path_factory.mktemp("recipes")
    shutil.copytree(ROOT / "carlemanc", root / "carlemanc")
    for title, files in RECIPES.items():
        for file in files:
            place = root / named(file.path)
            if file.line:
                text = with_line(place.read_text(encoding="utf-8"), file.registry, named(file.line))
                place.write_text(text, encoding="utf-8")
            else:
                assert not place.exists()
                shutil.copyfile(TOYS / WRITTEN[title], place)
    (root / "spec.toml").write_text(SPEC, encoding="utf-8")
    return root


def command(copy: Path, *words: str) -> str:
    """Return what a command of the copy prints."""
    done = subprocess.run(
        [sys.executable, "-m", "carlemanc", *words],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_recipe_is_one_line_and_at_most_one_file() -> None:
    assert list(RECIPES) == ["method", "readout goal", "loss family", "hardware preset", "output format"]
    for title, files in RECIPES.items():
        assert [bool(file.line) for file in files] == ([False, True] if title in WRITTEN else [True])


def test_what_the_recipes_name_is_there() -> None:
    (part,) = re.findall(r"^## Recipes\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    paths = {path for path in re.findall(r"`((?:carlemanc|tests)/[^`]+)`", part) if "NAME" not in path}
    assert len(paths) > 7
    assert [path for path in paths if not (ROOT / path).exists()] == []
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "carlemanc").rglob("*.py"))
    classes = set(re.findall(r"`Name\((\w+)\)`", part)) | {
        "Monomial",
        "Smooth",
        "ReadoutTable",
        "ReadoutPlan",
    }
    assert [
        name for name in classes if f"class {name}(" not in source and f"class {name}:" not in source
    ] == []
    assert {"Method", "Goal", "OutputError"} <= classes
    for file in (file for files in RECIPES.values() for file in files if file.registry):
        assert re.search(rf"^{file.registry}\b", (ROOT / file.path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("--set", 'solver.method="toy"'), ("method",)),
        (("--set", 'readout.target="toy"'), ("readout", "method")),
        (("--hardware", "toy"), ("physical", "hardware", "name")),
    ],
    ids=["method", "readout goal", "hardware preset"],
)
def test_an_estimate_with_it(copy: Path, words: tuple[str, ...], keys: tuple[str, ...]) -> None:
    document = json.loads(command(copy, "estimate", "logistic-map-scalar", "--json", *PLAIN, *words))
    for key in keys:
        document = document[key]
    assert document == "toy"


def test_what_the_command_line_says_of_it(copy: Path) -> None:
    assert "neutral-atom or toy." in " ".join(command(copy, "estimate", "--help").replace("│", "").split())
    assert "program, toy]" in " ".join(command(copy, "compile", "--help").replace("│", "").split())
    schema = command(copy, "schema")
    assert schema.count('"toy"') == 3


def test_a_loss_is_trained_as_gradient_descent_trains(copy: Path) -> None:
    document = json.loads(command(copy, "run", "spec.toml", "--backend", "matrix", "--json", *PLAIN))
    data = load_data("sklearn:diabetes", base=copy, features=1, samples=8, standardize=True)
    x = np.column_stack([data.x[:, 0], np.ones(8)])
    theta = np.array([0.1, -0.1])
    for _ in range(2):
        theta = theta - 0.02 * x.T @ (x @ theta - data.y) ** 3 / 8
    np.testing.assert_allclose(document["theta_classical"], theta, atol=1e-12)
    assert document["error"] <= document["truncation_bound"] + document["epsilon"]


def test_a_format_is_written(copy: Path, tmp_path: Path) -> None:
    words = ("--stage", "state-preparation", "--format", "toy", "-o", "out")
    command(copy, "compile", "logistic-map-scalar", *PLAIN, *words)
    package.compile(
        fixed("logistic-map-scalar"), output=tmp_path, stage="state-preparation", format="program"
    )
    program = Program.from_json((tmp_path / "circuit.program.json").read_text(encoding="utf-8"))
    lines = (copy / "out" / "circuit.toy").read_text(encoding="utf-8").splitlines()
    assert [line.split()[0] for line in lines] == [OPS[code] for code in program.codes.tolist()]
    manifest = json.loads((copy / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["circuit"] == "circuit.toy"
