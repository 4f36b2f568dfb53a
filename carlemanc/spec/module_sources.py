"""The source files behind `module = "package.module:build"`, found without running any of them.

The module itself, what it imports from the spec's folder (from its own package, where it is an installed one) and
the files of that folder which the texts in these sources name: a result depends on all of them. An import that is
put together while the module runs is not seen.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from carlemanc.core.places import is_directory, is_file

_MODULE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):[A-Za-z_]\w*")
_LONGEST_NAME = 255


def module_files(text: str, base: Path) -> dict[str, Path]:
    """Return the files that a text of the form module:function stands for, by the names messages give them.

    Empty for another text, and where no file of that module is found.
    """
    matched = _MODULE.fullmatch(text)
    root = None if matched is None else _root(matched[1].partition(".")[0], base)
    if matched is None or root is None:
        return {}
    inside = "" if root == base else matched[1].partition(".")[0]
    found: dict[str, Path] = {}
    waiting = list(_sources(matched[1], root))
    while waiting:
        path = waiting.pop()
        name = path.relative_to(root).as_posix()
        if name in found:
            continue
        found[name] = path
        tree = _parsed(path)
        for module in _imported(tree, path.relative_to(root)):
            if module.partition(".")[0] == inside or not inside:
                waiting.extend(_sources(module, root))
        if not inside:
            found |= _named_files(tree, base)
    return found


def _root(top: str, base: Path) -> Path | None:
    """The folder on the import path that holds a top-level module, the spec's first."""
    for folder in (base, *map(Path, sys.path)):
        if is_file(folder / f"{top}.py") or is_directory(folder / top):
            return folder
    return None


def _sources(module: str, root: Path) -> Iterator[Path]:
    """The files that importing a module runs: of every package on the way, and its own."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if is_file(path):
                yield path


def _parsed(path: Path) -> ast.AST:
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])  # whoever imports it says what is wrong


def _imported(tree: ast.AST, place: Path) -> Iterator[str]:
    """The modules that a source at a place below the root may import, by their full names."""
    package = place.parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            if module:
                yield module
            yield from (f"{module}.{alias.name}" if module else alias.name for alias in node.names)


def _named_files(tree: ast.AST, base: Path) -> dict[str, Path]:
    """The files of the spec's folder whose names stand in a source as texts, such as "weights.pt"."""
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {
        text: base / text
        for text in texts
        if 0 < len(text) <= _LONGEST_NAME and "\0" not in text and is_file(base / text)
    }
