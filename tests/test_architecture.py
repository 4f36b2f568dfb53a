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

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "carlemanc"
TOP_LEVEL = {"pyproject.toml", "carlemanc", "tests", "notebooks", "estimates", "README.md"}
LONGEST_MODULE = 400
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


def test_top_level() -> None:
    assert {path.parts[0] for path in tracked() if not path.parts[0].startswith(".")} == TOP_LEVEL


def test_modules_stay_short() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


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
