"""The process of a command: signals at any moment, streams connected to anything."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixed import fixed_words

COMMAND = [sys.executable, "-m", "carlemanc"]
SWEEP = ("sweep", "quartic-pair", "--over", "training.steps=1,2", *fixed_words("quartic-pair"))
HELD = """
import os, sys, time
from carlemanc.cli import _app, _process

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.write(1, b"ready\\n")
            time.sleep(60)

sys.meta_path.insert(0, Slow())
_process.words = lambda: sys.argv[2:]
sys.exit(_app.main())
"""
"""The command, which stops where it imports the module of its first argument until a signal comes."""

SWALLOWED = """
import os, sys, time
from carlemanc.cli import _app, _process

class Careless:
    def __del__(self):
        os.write(1, b"ready\\n")
        time.sleep(60)

def find(name, path=None, target=None):
    if name == "carlemanc.spec.examples":
        if sys.argv[1] == "destructor":
            Careless()
        else:
            os.write(1, b"ready\\n")
            try:
                time.sleep(60)
            except BaseException as error:
                raise ImportError("a library's own error") from error

class Finder:
    find_spec = staticmethod(find)

sys.meta_path.insert(0, Finder())
_process.words = lambda: ["examples"]
sys.exit(_app.main())
"""


def is_ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN


def ended(code: str, *words: str, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
    """Send a signal once the code says that it is ready; return status, the rest of stdout, and stderr.

    A signal that whoever runs the tests ignores (as nohup does) is not ignored here.
    """
    code = (
        f"import signal; signal.signal({int(number)}, signal.SIG_DFL)\n{code}" if is_ignored(number) else code
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(
    "module",
    [
        "carlemanc.cli._commands",
        "cyclopts",
        "carlemanc.core.errors",
        "carlemanc.spec.loading",
        "numpy",
        "scipy",
    ],
)
def test_an_interrupt_during_any_import_is_one_word(module: str) -> None:
    assert ended(HELD, module, "analyze", "quartic-pair") == (130, "", "interrupted\n")


@pytest.mark.parametrize(("number", "name"), [(signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGHUP")])
def test_other_wishes_to_end_are_answered_too(number: signal.Signals, name: str) -> None:
    assert ended(HELD, "numpy", "analyze", "quartic-pair", number=number) == (
        130,
        "",
        f"interrupted by {name}\n",
    )


@pytest.mark.parametrize("how", ["destructor", "error"])
def test_an_interrupt_that_a_library_drops_counts(how: str) -> None:
    status, _, err = ended(SWALLOWED, how)
    assert (status, err) == (130, "interrupted\n")


def test_an_ignored_signal_stays_ignored() -> None:
    line = 'trap "" HUP; "$@" & kill -HUP $!; wait $!'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *COMMAND, "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_workers_say_nothing_of_an_interrupt(tmp_path: Path) -> None:
    words = ["sweep", "quartic-pair", "--over", "training.steps=1..40", "--processes", "2", "-o", "out"]
    for seconds in (0.3, 0.6, 1.2):
        with subprocess.Popen(
            [*COMMAND, *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            try:
                process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (130, "interrupted\n")


def shell(line: str, place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of sh in which carlemanc is the command."""
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment}
    return subprocess.run(
        ["sh", "-c", f'carlemanc() {{ "{sys.executable}" -m carlemanc "$@"; }}\n{line}'],
        cwd=place,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        (
            "carlemanc examples >&-",
            2,
            r"error: the result cannot be written to stdout \(Bad file descriptor\)\n",
        ),
        (
            "carlemanc --help >&-",
            2,
            r"error: the result cannot be written to stdout \(Bad file descriptor\)\n",
        ),
        ("carlemanc examples > /dev/full", 2, r"error: .* stdout \(No space left on device\)\n"),
        ("carlemanc --help > /dev/full", 2, r"error: .* stdout \(No space left on device\)\n"),
        ("carlemanc schema > /dev/full", 2, r"error: .* stdout \(No space left on device\)\n"),
        ("carlemanc examples -o a.txt >&-", 0, r"wrote a\.txt\n"),
        ("carlemanc examples <&- > a.txt", 0, ""),
        ("carlemanc examples nix >&- 2>&-", 2, ""),
        ("carlemanc examples nix 2> /dev/full", 2, ""),
        ("carlemanc examples -o a.txt 2>&-", 0, ""),
        ("carlemanc schema | head -1 > a.txt", 0, ""),
        ("carlemanc examples -o /dev/null", 0, "wrote /dev/null\n"),
        ("carlemanc examples -o /dev/full", 2, r"(?s).*No space left on device.*"),
        ("mkdir gone; cd gone; rmdir ../gone; carlemanc examples > ../a.txt", 0, ""),
        (
            "mkdir gone; cd gone; rmdir ../gone; carlemanc analyze quartic-pair -o a",
            2,
            r"(?s).*a path in a directory that was removed.*",
        ),
        (
            "mkdir gone; cd gone; rmdir ../gone; carlemanc derive quartic-pair > ../a.txt",
            2,
            "error: the working directory was removed: change to one that exists\n",
        ),
        ("ulimit -f 1; carlemanc schema -o schema.json", 2, r"(?s).*File too large.*"),
        ("carlemanc run quartic-pair --seed -1", 2, r"(?s).*--seed\n    found:   -1\n.*"),
        ("carlemanc train quartic-pair --seed -1", 2, r"(?s).*--seed\n    found:   -1\n.*"),
        ("carlemanc dissipation quartic-pair --seed -1 --probes 0", 2, r"(?s).*--probes\n.*--seed\n.*"),
        (
            "carlemanc sweep quartic-pair --over model.n=1 --processes 0 -o g",
            2,
            r"(?s).*--processes\n    found:   0\n.*",
        ),
    ],
)
def test_streams_and_places(tmp_path: Path, line: str, status: int, said: str) -> None:
    done = shell(line, tmp_path)
    assert done.returncode == status
    assert re.fullmatch(said, done.stderr), done.stderr
    assert status == 0 or list(tmp_path.iterdir()) in ([], [tmp_path / "a.txt"])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252:strict", "utf-8", "utf-16"])
def test_json_is_json_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    line = "carlemanc examples quartic-pair --json --set name=é🜁 > found.json"
    done = shell(line, tmp_path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "found.json").read_bytes().decode(encoding.partition(":")[0])
    assert json.loads(text)["spec"]["name"] == "é🜁"


@pytest.mark.parametrize(
    "environment",
    [
        {"COLUMNS": "0"},
        {"COLUMNS": "1"},
        {"COLUMNS": "-3", "LINES": "0"},
        {"COLUMNS": "many"},
        {"COLUMNS": "2"},
        {"COLUMNS": "9" * 5000},
        {"COLUMNS": "²"},
        {"TERM": "dumb", "NO_COLOR": "1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"HOME": "/nonexistent", "TMPDIR": "/nonexistent", "MPLBACKEND": "nonsense"},
    ],
    ids=str,
)
def test_the_environment_changes_no_status(tmp_path: Path, environment: dict[str, str]) -> None:
    done = shell("carlemanc estimate --help; carlemanc init -o s.toml", tmp_path, **environment)
    assert (done.returncode, done.stderr) == (0, "wrote s.toml\n")
    assert done.stdout


@pytest.mark.parametrize(
    "places",
    [
        {"HOME": "/dev/null"},
        {"HOME": "/proc/self/nowhere"},
        {"XDG_CONFIG_HOME": "/dev/null"},
        {"XDG_CACHE_HOME": "/proc/nowhere"},
        {"MPLCONFIGDIR": "/proc/nowhere"},
    ],
    ids=str,
)
def test_a_place_that_takes_no_files_is_not_talked_about(places: dict[str, str], tmp_path: Path) -> None:
    """Matplotlib comes with cirq; it keeps its fonts elsewhere, and nothing is left there."""
    (tmp_path / "tmp").mkdir()
    surroundings = {
        name: value
        for name, value in os.environ.items()
        if name not in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR")
    }
    done = subprocess.run(
        [*COMMAND, *SWEEP, "-o", str(tmp_path / "out")],
        env=surroundings | {"HOME": str(tmp_path), "TMPDIR": str(tmp_path / "tmp")} | places,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    told = [
        line for line in done.stderr.splitlines() if not re.fullmatch(r"estimate: \d+ % after \d+ s", line)
    ]
    assert (done.returncode, told) == (0, [])  # a busy machine tells how far it is, and nothing else
    assert not list((tmp_path / "tmp").iterdir())
