"""The shape of the repository: layers, layout, sizes, docstrings, and what must not stand in any file."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter.cli import lint_imports
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture import circles, function_lengths, method_names, module_lengths, trees

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "carlemanc"
TOP_LEVEL = {"pyproject.toml", "carlemanc", "tests", "notebooks", "estimates", "README.md"}
LONGEST_MODULE = 320
LONGEST_FUNCTION = 80
# Written so that this file does not contain what it looks for.
FORBIDDEN = re.compile(
    r"(?<![\w.])/(?:[w]ork|[r]oot|[h]ome|[o]pt/wheels)/"
    r"|[p]ypi\.org|[p]ythonhosted|[f]ind-links|index-[u]rl"
)
EXECUTES_TEXT = {"eval", "exec", "sympify", "parse_expr"}
EXPONENTIAL_SYNTHESIS = {"UnitaryGate", "Isometry", "initialize"}


def tracked() -> list[Path]:
    """Paths of the repository relative to its root, as git lists them."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [Path(name) for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_run_downward(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == 0, capsys.readouterr().out


def test_every_package_has_a_layer() -> None:
    layers = project()["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages - {"examples"} == placed


def test_the_readme_walks_through_the_layers() -> None:
    text = (ROOT / ".github" / "GUIDE.md").read_text(encoding="utf-8")
    (walk,) = re.findall(r"imports run only downward: (.*?)\n\n", text, re.DOTALL)
    layers = project()["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = [name.strip() for layer in layers for name in layer.split("|")]
    assert re.findall(r"`(\w+)`", walk) == placed


def test_top_level() -> None:
    assert {path.parts[0] for path in tracked() if not path.parts[0].startswith(".")} == TOP_LEVEL


def test_modules_stay_short() -> None:
    assert {path: lines for path, lines in module_lengths().items() if lines > LONGEST_MODULE} == {}


def test_functions_stay_short() -> None:
    lengths = function_lengths(trees())
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_a_method_is_named_in_its_own_file() -> None:
    assert method_names(trees()) == {}


def test_no_modules_import_each_other() -> None:
    assert circles(trees()) == []


def test_what_a_tree_holds() -> None:
    texts = {
        "toy/__init__.py": "",
        "toy/__init__.pyi": "from toy.below import thing as thing",
        "toy/below.py": "def thing():\n    from .above import other",
        "toy/above.py": "from toy import thing",
        "toy/beside.py": "import toy.above\nif x in ('march', 'steps') or x == 'march': ...",
        "toy/march.py": "class March:\n    name: str = 'march'\n    other = 'qsvt'",
        "toy/registry.py": "METHODS = {'march': 'toy.march:March'}",
    }
    parsed = {path: ast.parse(text) for path, text in texts.items()}
    assert circles(parsed) == [("toy.above", "toy.below")]
    assert method_names(parsed) == {"toy/beside.py": 2, "toy/march.py": 1}
    assert function_lengths(parsed) == {"toy/below.py:thing": 2}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_module(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "no module docstring"
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not names & EXECUTES_TEXT, "text could be executed"
    assert not names & EXPONENTIAL_SYNTHESIS, "exponential synthesis"


def test_no_machine_paths_or_hosts() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".npz", ".npy", ".parquet", ".png"}:
            continue
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), start=1):
            if FORBIDDEN.search(line):
                found.append(f"{path}:{number}: {line.strip()[:80]}")
    assert found == []


def test_packaged_examples_are_tracked() -> None:
    examples = {name_of(path) for path in (PACKAGE / "examples").iterdir() if path.suffix == ".toml"}
    assert examples <= {path.as_posix() for path in tracked()}


def pins() -> dict[str, str]:
    lines = (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==[0-9][\w.+!]*", line)] == []
    return dict(line.split("==") for line in lines)


def test_constraints_meet_every_declared_range() -> None:
    settings = project()
    extras = settings["project"]["optional-dependencies"]
    declared = [
        *settings["project"]["dependencies"],
        *settings["dependency-groups"]["dev"],
        *(text for extra, texts in extras.items() if extra != "torch" for text in texts),
    ]
    pinned = pins()
    for requirement in map(Requirement, declared):
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement}: {version}"


@pytest.mark.parametrize("name", ["run", "tests"])
def test_readme_line(name: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"<!-- begin:{name} -->\n```bash\n(.*?)```\n<!-- end:{name} -->", text, re.DOTALL)
    assert block.count("\n") == 1, "one line, no more"
    assert "-c .ci/constraints.txt" in block
    assert {"run": "carlemanc run quartic-pair", "tests": "pytest"}[name] in block
