"""Every package whose names load on first use: its stub is its public list, read alike by Python and by checkers."""

import ast
import importlib
from pathlib import Path

import pytest

import carlemanc

ROOT = Path(carlemanc.__file__).parent
STUBS = sorted(ROOT.rglob("__init__.pyi"))


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.parent.name)
def test_stub_is_the_public_list(stub: Path) -> None:
    """The grammar of Python finds the same names at the same homes as the reader that splits lines into words."""
    parts = stub.parent.relative_to(ROOT.parent).parts
    package = importlib.import_module(".".join(parts))
    stated = {
        (alias.asname, node.module, alias.name)
        for node in ast.walk(ast.parse(stub.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name, _, _ in stated} == {*package.__all__} - {"__version__"}
    assert {*package.__all__} <= {*dir(package)}
    for public, home, name in stated:
        value = getattr(importlib.import_module(str(home)), name)
        if not isinstance(getattr(package, name), type(ast)):  # carlemanc.estimate is a package as well
            assert getattr(package, str(public)) is value
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        package.nothing  # noqa: B018


def test_every_lazy_package_is_here() -> None:
    assert len(STUBS) == len(
        [path for path in ROOT.rglob("__init__.py") if "public_names(" in path.read_text()]
    )
