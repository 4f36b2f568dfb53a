"""Results find their words by name: every result that says it is shown has a family, and nothing else has words."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import carlemanc
from carlemanc.core.shown import Shown
from carlemanc.present.text import FAMILIES, text

PACKAGE = Path(carlemanc.__file__).parent


def shown_classes() -> list[tuple[str, str]]:
    """Module and name of each class that derives from `Shown`."""
    return [
        (".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts), node.name)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Shown" for base in node.bases)
    ]


@pytest.mark.parametrize(("module", "name"), shown_classes())
def test_every_result_has_words_of_its_family(module: str, name: str) -> None:
    import_module(f"carlemanc.present.text.{FAMILIES[module]}")
    result = getattr(import_module(module), name)
    assert text.dispatch(result) is not text.dispatch(object)


def test_every_family_has_a_result() -> None:
    assert {module for module, _ in shown_classes()} == set(FAMILIES)


def test_what_no_family_shows_is_refused() -> None:
    class Stranger(Shown):
        pass

    with pytest.raises(TypeError, match="no text is known for Stranger"):
        Stranger().to_text()
