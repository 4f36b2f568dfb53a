"""Results find their words and figures by name: what says it is shown has a family, and nothing else has one."""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import carlemanc
from carlemanc.core.shown import Drawn, Plotted
from carlemanc.present.figures import FAMILIES as FIGURES
from carlemanc.present.figures import svg
from carlemanc.present.plots import FAMILIES as PLOTS
from carlemanc.present.plots import plot
from carlemanc.present.text import FAMILIES, text

PACKAGE = Path(carlemanc.__file__).parent


def classes(base: str) -> list[tuple[str, str]]:
    """Module and name of each class that derives from a mixin."""
    return [
        (".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts), node.name)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and base in map(ast.unparse, node.bases)
        and node.name not in ("Drawn", "Plotted")
    ]


DRAWN, PLOTTED = classes("Drawn"), classes("Plotted")
SHOWN = [*dict.fromkeys([*classes("Shown"), *DRAWN, *PLOTTED])]


@pytest.mark.parametrize(
    ("render", "families", "module", "name"),
    [(text, FAMILIES, *found) for found in SHOWN]
    + [(svg, FIGURES, *found) for found in DRAWN]
    + [(plot, PLOTS, *found) for found in PLOTTED],
)
def test_every_result_is_rendered_by_its_family(
    render: Any, families: dict[str, str], module: str, name: str
) -> None:
    import_module(f"{render.__module__}.{families[module]}")
    result = getattr(import_module(module), name)
    assert render.dispatch(result) is not render.dispatch(object)


def test_every_family_has_a_result() -> None:
    assert {module for module, _ in SHOWN} == set(FAMILIES)
    assert {module for module, _ in DRAWN} == set(FIGURES)
    assert {module for module, _ in PLOTTED} == set(PLOTS)


def test_what_no_family_shows_is_refused() -> None:
    class Stranger(Drawn, Plotted):
        pass

    with pytest.raises(TypeError, match="text does not know Stranger"):
        Stranger().to_text()
    with pytest.raises(TypeError, match="figures does not know Stranger"):
        Stranger().to_svg()
    with pytest.raises(TypeError, match="plots does not know Stranger"):
        Stranger().plot()
