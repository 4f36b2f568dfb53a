"""The bibliography: every entry is whole, and whatever a docstring cites stands in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import carlemanc
from carlemanc.core.citations import CITATIONS

ROOT = Path(carlemanc.__file__).parent
KEY = re.compile(r"\[([a-z][a-z_]*[0-9]{4}[a-z]*)\]")
ARXIV = re.compile(r"arXiv:\s*([0-9]{4}\.[0-9]{4,5}|[a-z-]+/[0-9]{7})")


def docstrings() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield str(path.relative_to(ROOT)), ast.get_docstring(node) or ""


def test_every_entry_of_the_file_is_read() -> None:
    text = (ROOT / "core" / "references.bib").read_text(encoding="utf-8")
    assert [source.key for source in CITATIONS.values()] == re.findall(r"@\w+\{(\w+),", text)
    assert "\n\n".join(source.bibtex for source in CITATIONS.values()) == text.rstrip("\n")


def test_every_source_is_whole() -> None:
    for key, source in CITATIONS.items():
        assert key == source.key
        assert source.authors.count(",") >= source.authors.count(" and "), key
        assert 1940 < source.year <= 2026
        assert source.title
        assert source.venue
        assert re.fullmatch(r"(\d{4}\.\d{4,5}|[a-z-]+/\d{7}|)", source.arxiv), key
        if source.arxiv[:2].isdigit():
            assert 2000 + int(source.arxiv[:2]) <= source.year
        assert str(source.year) in source.short()
        assert source.bibtex.count("{") == source.bibtex.count("}")


def test_what_a_docstring_cites_is_in_the_bibliography() -> None:
    papers = {source.arxiv for source in CITATIONS.values()}
    cited = [(place, key) for place, text in docstrings() for key in KEY.findall(text)]
    named = [(place, paper) for place, text in docstrings() for paper in ARXIV.findall(text)]
    assert len({key for _, key in cited}) > 10  # the pattern still finds them
    assert len({paper for _, paper in named}) > 20
    assert [item for item in cited if item[1] not in CITATIONS] == []
    assert [item for item in named if item[1] not in papers] == []
