"""Notebooks are numbered, stored without outputs, and the third uses nothing of carlemanc but its command."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_notebooks_are_numbered_and_listed() -> None:
    assert len(NOTEBOOKS) >= 3
    assert [path.name.partition("_")[0] for path in NOTEBOOKS] == [str(k + 1) for k in range(len(NOTEBOOKS))]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"({path.name})" in readme for path in NOTEBOOKS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_outputs_are_cleared(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) >= 5
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert any("assert " in cell.source for cell in code)


def test_the_third_notebook_imports_nothing_of_ours() -> None:
    notebook = nbformat.read(NOTEBOOKS[2], as_version=4)
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(str(node.module).partition(".")[0])
    assert modules == {"json", "subprocess", "sys", "tempfile", "pathlib", "numpy", "scipy", "qiskit"}
