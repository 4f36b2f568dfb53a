"""Variables, streams and directories around the command, in a shell of its own."""

from __future__ import annotations

import random

from tests.hostile.harness import Case

WEIGHT = 0.25

_COMMANDS = (
    "--help",
    "examples",
    "examples --json",
    "schema",
    "init",
    "derive quartic-pair",
    "derive quartic-pair --json",
    "analyze nothing.toml",
    "run quartic-pair --seed -1",
    "examples -o a.txt",
)
_STREAMS = (
    (">&-", (0, 2)),
    ("> /dev/full", (0, 2)),
    ("2>&-", (0, 2)),
    ("2> /dev/full", (0, 2)),
    (">&- 2>&-", (0, 2)),
    ("<&-", (0, 2)),
    ("<&- >&- 2>&-", (0, 2)),
    ("| head -1", (0,)),
    ("| true", (0,)),
    ("1>&2", (0, 2)),
    ("> /dev/null 2>&1", (0, 2)),
)
_BEFORE = (
    "",
    "",
    "mkdir gone; cd gone; rmdir ../gone;",
    "cd closed;",
    "ulimit -n 64;",
    "ulimit -f 4;",
    "umask 777;",
    "ulimit -s unlimited;",
)
_VARIABLES: tuple[dict[str, str | None], ...] = (
    {},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1:strict"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "no_SUCH.locale"},
    {"HOME": None},
    {"HOME": "/nonexistent", "TMPDIR": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent"},
    {"TMPDIR": "/dev/null"},
    {"COLUMNS": "0", "LINES": "0"},
    {"COLUMNS": "1"},
    {"COLUMNS": "-7"},
    {"COLUMNS": "9" * 5000},
    {"COLUMNS": None, "TERM": None},
    {"TERM": "dumb", "NO_COLOR": "1"},
    {"TERM": "\x1b[31m"},
    {"OMP_NUM_THREADS": "0"},
    {"OMP_NUM_THREADS": "many"},
    {"OPENBLAS_NUM_THREADS": "-1"},
    {"MPLBACKEND": "nonsense", "MPLCONFIGDIR": "/nonexistent"},
    {"PYTHONWARNINGS": "error"},
    {"PYTHONOPTIMIZE": "2"},
    {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "77"},
    {"PYTHONDEVMODE": "1"},
)


def draw(random: random.Random) -> Case:
    """Return a line of sh."""
    command, before = random.choice(_COMMANDS), random.choice(_BEFORE)
    stream, statuses = random.choice((("", (0, 2)), *_STREAMS))
    variables = random.choice(_VARIABLES)
    return Case(
        command=(f"{before} $CARLEMANC {command} {stream}",),
        files={"closed": None},
        prepare=lambda place: (place / "closed").chmod(0),
        environment=variables,
        shell=True,
        statuses=frozenset(statuses),
        note=f"{before} {stream} {variables}"[:200],
    )
