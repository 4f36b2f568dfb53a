"""Methods of installed packages join by entry points: found by name, in the table, and never read without need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from carlemanc.core.errors import InputError
from carlemanc.methods.registry import METHODS, method_named, offered
from tests.fixed import fixed_words

SOURCE = Path(__file__).resolve().parents[1] / "toys" / "method.py"
ROOT = Path(__file__).resolve().parents[2]
READ = """
import sys, importlib.metadata as metadata
before, groups = metadata.entry_points, []
metadata.entry_points = lambda **chosen: (groups.append(chosen.get("group")), before(**chosen))[1]
from carlemanc.cli._app import main
status = main(sys.argv[1:])
print("offered" if "carlemanc.methods" in groups else "not read", "outside" in sys.modules, file=sys.stderr)
sys.exit(status)
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder of installed packages with one, `outside`, that offers the method `toy`."""
    (tmp_path / "outside.py").write_text(SOURCE.read_text(encoding="utf-8"), encoding="utf-8")
    about = tmp_path / "outside-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: outside\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[carlemanc.methods]\ntoy = outside:Toy\n")
    return tmp_path


def carlemanc(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run a command with what is installed in a folder; stderr ends in whether offers were read and imported."""
    done = subprocess.run(
        [sys.executable, "-c", READ, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_an_offered_method_stands_last_in_the_table(installed: Path) -> None:
    status, out, err = carlemanc(
        installed, "solvers", "logistic-map-scalar", "--json", *fixed_words("logistic-map-scalar")
    )
    assert (status, err.splitlines()[-1]) == (0, "offered True")
    rows = {row["method"]: row for row in json.loads(out)["methods"]}
    assert list(rows) == [*METHODS, "toy"]
    assert rows["toy"]["queries"] == rows["qsvt"]["queries"]


def test_an_offered_method_is_used_by_its_name(installed: Path) -> None:
    chosen = (*fixed_words("logistic-map-scalar", "training.steps=1"), "--set", 'solver.method="toy"')
    status, out, err = carlemanc(
        installed, "run", "logistic-map-scalar", "--backend", "matrix", "--json", *chosen
    )
    assert (status, err.splitlines()[-1]) == (0, "offered True")
    assert json.loads(out)["method"] == "toy"


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (("--help",), "not read False"),
        (("run", "quartic-pair", "--set", "training.steps=-1"), "not read False"),
        (("estimate", "logistic-map-scalar", *fixed_words("logistic-map-scalar")), "not read False"),
        (("run", "quartic-pair", "--set", 'solver.method="game"'), "offered False"),
    ],
)
def test_offers_are_read_where_they_are_needed(installed: Path, words: tuple[str, ...], read: str) -> None:
    assert carlemanc(installed, *words)[2].splitlines()[-1] == read


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("toy = outside:Absent", "toy = outside:Absent\n    found:   AttributeError: "),
        ("toy = nowhere:Toy", "toy = nowhere:Toy\n    found:   ModuleNotFoundError: "),
        ("game = outside:Toy", "game = outside:Toy\n    found:   no Method of the name game"),
        ("qsvt = outside:Toy", "qsvt at carlemanc.methods.qsvt_inversion:QSVTInversion and outside:Toy"),
    ],
    ids=["no such class", "no such module", "another name", "a name of ours"],
)
def test_a_faulty_offer_is_named(
    installed: Path, monkeypatch: pytest.MonkeyPatch, line: str, words: str
) -> None:
    (installed / "outside-1.dist-info" / "entry_points.txt").write_text(f"[carlemanc.methods]\n{line}\n")
    monkeypatch.syspath_prepend(installed)
    offered.cache_clear()
    with pytest.raises(InputError) as caught:
        method_named(line.split()[0] if line[:3] == "toy" else "game")
    offered.cache_clear()
    sys.modules.pop("outside", None)
    assert words in str(caught.value)
    assert method_named("qsvt").name == "qsvt"
