"""What the package is made of: `python -m tests.architecture` prints it, `tests/test_architecture.py` limits it."""

from __future__ import annotations

import ast
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import networkx

from carlemanc.methods.registry import METHODS

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "carlemanc"
SHOWN = 5
"""Longest functions that are printed."""
Trees = Mapping[str, ast.Module]
"""The syntax tree of every module and stub, by its path from the root."""


@cache
def trees() -> Trees:
    """Parse the package."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")])
    }


def module_lengths() -> dict[str, int]:
    """Return the number of lines of every module."""
    return {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def function_lengths(parsed: Trees) -> dict[str, int]:
    """Return the lines of every function, docstring and decorators too, by `path:name`; of namesakes the longest."""
    found: dict[str, int] = {}
    for path, tree in parsed.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                key, lines = f"{path}:{node.name}", (node.end_lineno or first) - first + 1
                found[key] = max(lines, found.get(key, 0))
    return found


def method_names(parsed: Trees) -> dict[str, int]:
    """Return how often each module has the name of a method as a text of its own: to compare it, or to look it up.

    A registry may; so may the file of the method, the one with a class whose `name` it is.
    """
    found: Counter[str] = Counter()
    for path, tree in parsed.items():
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        own = {
            node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.AnnAssign)
            and ast.unparse(node.target) == "name"
            and isinstance(node.value, ast.Constant)
        }
        if not path.endswith("/registry.py"):
            found[path] += sum(text in METHODS.keys() - own for text in texts if isinstance(text, str))
    return dict(+found)


def any_count(parsed: Trees) -> int:
    """Return how often `Any` is said."""
    return sum(
        isinstance(node, ast.Name) and node.id == "Any" for tree in parsed.values() for node in ast.walk(tree)
    )


def circles(parsed: Trees) -> list[tuple[str, ...]]:
    """Return the sets of modules that import each other, lazily or for types alone too; the largest first.

    A face, an `__init__.py` that hands names on (its stub says which), is looked through: who imports a name from it
    imports the module that has the name. The face itself is in no circle.
    """
    graph = networkx.DiGraph(_arrows(parsed))
    found = [tuple(sorted(part)) for part in networkx.strongly_connected_components(graph) if len(part) > 1]
    return sorted(found, key=lambda circle: (-len(circle), circle))


def _arrows(parsed: Trees) -> Iterator[tuple[str, str]]:
    faces: dict[str, dict[str, str]] = {}
    modules: dict[str, ast.Module] = {}
    for path, tree in parsed.items():
        name = path.rpartition(".")[0].replace("/", ".")
        if name.endswith(".__init__"):
            homes = faces.setdefault(name.removesuffix(".__init__"), {})
            homes |= {taken: home for home, taken in _imports(name, tree)}
        else:
            modules[name] = tree
    for name, tree in modules.items():
        for home, taken in _imports(name, tree):
            while f"{home}.{taken}" not in modules and faces.get(home, {}).get(taken, home) != home:
                home = faces[home][taken]
            yield from ((name, to) for to in (home, f"{home}.{taken}") if to in modules and to != name)


def _imports(name: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (module, name taken from it, or "") of each import, at any depth of the code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = name.split(".")[: -node.level] if node.level else []
            home = ".".join([*above, *filter(None, [node.module])])
            yield from ((home, alias.name) for alias in node.names)


def main() -> int:
    """Print the table."""
    parsed, lengths = trees(), module_lengths()
    found = circles(parsed)
    functions = Counter(function_lengths(parsed)).most_common(SHOWN)
    rows = [
        ("lines", f"{sum(lengths.values())} in {len(lengths)} modules"),
        ("median module", statistics.median(lengths.values())),
        *((f"longest module {path}", lines) for path, lines in Counter(lengths).most_common(1)),
        *((f"long function {name}", lines) for name, lines in functions),
        ("Any", any_count(parsed)),
        ("names of methods outside their files", sum(method_names(parsed).values())),
        ("circles", len(found)),
        *((f"    {', '.join(circle)}", "") for circle in found),
    ]
    print("\n".join(f"{label}: {value}".removesuffix(": ") for label, value in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
