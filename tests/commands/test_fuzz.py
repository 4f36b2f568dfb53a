"""Random specs, valid, invalid and hostile: the documented error or a result, in bounded time, and no code run.

Every example is written as TOML, read back, derived and analyzed. Whatever is not a `CarlemancError` fails the
test; so does an example over `PATIENCE` seconds, and any sign that text was executed: a process, a socket, a
file opened for writing, or a call of what the payloads name.
"""

import builtins
import contextlib
import math
import signal
import sys
import tomllib
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import carlemanc
from carlemanc.core.errors import CarlemancError
from carlemanc.present import text as present
from carlemanc.spec.commented import toml_value
from carlemanc.spec.quantities import Table
from carlemanc.spec.schema import ModelSpec

PATIENCE = 30
"""Seconds for an example; thousands of them meet sums near the limits of size, and those get more."""
PAYLOADS = [
    "__import__('os').system('touch executed')",
    "().__class__.__bases__[0].__subclasses__()",
    "theta.__class__",
    "(lambda: open('executed', 'w'))()",
    "exec('import os')",
    "[c for c in ().__class__.__mro__]",
    "Sum.__globals__",
    "open('executed','w').write('x')",
    "f'{theta}'",
    "theta[0] if 1 else 2",
    "theta[0]; import os",
    "(theta := 3)",
    "theta[0]**theta[0]",
    "9**9**9**9",
    "theta[0]**1000000000",
    "2**-1",
    "1/0",
    "theta[0]/theta[1]",
    "1e400*theta[0]",
    "Sum(theta[0], (i, 0, 10**30))",
    "Sum(theta[i]*theta[j]*theta[k], (i, 0, n-1), (j, 0, n-1), (k, 0, n-1))",
    "Sum(Sum(Sum(theta[0], (i, 0, 999999)), (j, 0, 999999)), (k, 0, 999999))",
    "(" * 300 + "theta[0]" + ")" * 300,
    "-" * 5000 + "theta[0]",
    "theta[0]*" * 3000 + "1",
    "(theta[0] + theta[1] + 1)**40",
    "((theta[0] + 1)**30)**30",
    "theta[10**20]",
    "theta[-1]",
    "theta[1.5]",
    "theta[theta[0]]",
    "x[a, 0]*theta[0]",
    "Sum(y[a]*x[a, 0]*theta[0], (a, 0, m-1))",
    "theta[0]\x00",
    "ｔｈｅｔａ[0]",
    "#",
    "",
    " ",
]


class Executed(BaseException):
    """Something ran that no spec may run."""


class Hanging(BaseException):
    """An example took too long."""


FORBIDDEN_EVENTS = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.",
    "socket.",
    "os.remove",
    "os.rename",
)
_watching: list[str] = []
_hooked: list[bool] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event.startswith(FORBIDDEN_EVENTS):
        raise Executed(f"{event} {arguments!r}"[:200])
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise Executed(f"open {arguments!r}"[:200])


@contextlib.contextmanager
def watched(patience: int = PATIENCE) -> Iterator[None]:
    """Forbid processes, sockets, writing and `eval` inside the block, and end it after `patience` seconds."""
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked.append(True)

    def too_long(number: int, frame: Any) -> None:
        raise Hanging(f"over {patience} s")

    def no_eval(*arguments: Any, **options: Any) -> Any:
        raise Executed(f"eval {arguments!r}"[:200])

    previous, evaluate = signal.signal(signal.SIGALRM, too_long), builtins.eval
    signal.alarm(patience)
    _watching.append("on")
    builtins.eval = no_eval
    try:
        yield
    finally:
        builtins.eval = evaluate
        _watching.pop()
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


# --- what is tried ------------------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.sampled_from([0, 1, 2, -1, 0.5, 0.1, 1e-300, 1e300, 2**40, 10**30, math.inf, math.nan]),
    st.integers(-3, 6),
    st.floats(-2, 2, allow_nan=False),
)
NAMES = st.sampled_from(["lam", "J", "n", "m", "i", "x", "theta", "eval", "a b"])


def joined(parts: list[str]) -> str:
    return "".join(parts)


# Sound pieces: every name below has a value in SOUND, and degrees stay small.
SITES = st.sampled_from(
    ["theta[i]", "theta[i+1]", "theta[i]**2", "J[i]*theta[i]", "lam", "(theta[i] - theta[i-1])**2"]
)
SAMPLES = st.sampled_from(
    ["y[a]", "x[a,0]*theta[0]", "(y[a] - x[a,0]*theta[0])**2", "theta[0]/m", "x[a,1]*theta[0]**3"]
)
TERMS = st.one_of(
    st.lists(SITES, min_size=1, max_size=2).map("*".join).map(lambda body: f"Sum({body}, (i, 0, n-1))"),
    st.lists(SAMPLES, min_size=1, max_size=2).map("*".join).map(lambda body: f"Sum({body}, (a, 0, m-1))/m"),
    st.sampled_from(["theta[0]**4/4", "lam*theta[0]", "theta[0]**2/2", "-lam*theta[0]**3"]),
)
SOUND_LOSSES = (
    st.lists(TERMS, min_size=1, max_size=3).map(" + ".join).map(lambda body: f"theta[0]**2/2 + {body}")
)

ATOMS = st.sampled_from(
    [
        "theta[0]",
        "theta[1]",
        "theta[i]",
        "theta[i+1]",
        "lam",
        "J[i]",
        "x[a,0]",
        "y[a]",
        "n",
        "m",
        "2",
        "0.3",
        "1/3",
    ]
)
POLYNOMIALS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", "*"]), inner).map(list).map(joined),
        st.tuples(inner, st.integers(0, 4)).map(lambda pair: f"({pair[0]})**{pair[1]}"),
        inner.map(lambda body: f"Sum({body}, (i, 0, n-1))"),
        inner.map(lambda body: f"Sum({body}, (a, 0, m-1))/m"),
        inner.map(lambda body: f"-({body})"),
    ),
    max_leaves=6,
)
LOSSES = st.one_of(
    POLYNOMIALS,
    POLYNOMIALS.map(lambda body: f"Sum({body}, (i, 0, n-1)) + theta[0]**2/2"),
    st.sampled_from(PAYLOADS),
    st.tuples(st.sampled_from(PAYLOADS), POLYNOMIALS).map(" + ".join),
    st.text(alphabet="theta[]()+-*/,. 0123Sumijn_'\"\\", max_size=40),
    st.text(max_size=20),
)
VALUES = st.recursive(
    st.one_of(NUMBERS, st.booleans(), st.sampled_from(PAYLOADS), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["0", "1", "normal", "q"]), inner, max_size=3),
    ),
    max_leaves=6,
)
KEYS = sorted({key for table in Table.__subclasses__() for key in table.model_fields})
STARTS = st.one_of(
    st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=3),
    st.fixed_dictionaries({"normal": st.floats(0.01, 1)}, optional={"seed": st.integers(0, 3)}),
    st.just({"sparse": {"0": 0.4}}),
)
DATA = st.fixed_dictionaries(
    {
        "source": st.sampled_from(
            ["sklearn:diabetes", "sklearn:iris", "sklearn:wine", "sklearn:nothing", "../x.csv"]
        )
    },
    optional={
        "features": st.one_of(st.integers(0, 4), st.just(["bmi", "bp"])),
        "samples": st.integers(0, 40),
        "standardize": st.booleans(),
    },
)
GOOD = st.fixed_dictionaries(
    {
        "loss": st.fixed_dictionaries(
            {"expression": LOSSES},
            optional={
                "boundary": st.sampled_from(["periodic", "open"]),
                "parameters": st.dictionaries(NAMES, NUMBERS, max_size=2),
            },
        ),
        "model": st.fixed_dictionaries({"n": st.sampled_from([1, 2, 3, 5, 2**27, 10**12])}),
        "training": st.fixed_dictionaries(
            {"learning_rate": st.floats(1e-3, 2), "steps": st.integers(1, 6), "initial": STARTS},
            optional={
                "batch_size": st.integers(1, 30),
                "noise": st.floats(0, 0.5),
                "shuffle": st.booleans(),
                "seed": st.integers(0, 5),
                "center": st.sampled_from(["zero", "initial"]),
            },
        ),
    },
    optional={
        "data": DATA,
        "carleman": st.fixed_dictionaries(
            {"order": st.integers(1, 4)},
            optional={
                "corrections": st.integers(1, 3),
                "padding": st.integers(0, 3),
                "rescaling": st.floats(0.01, 9),
            },
        ),
    },
)
SOUND = st.fixed_dictionaries(
    {
        "loss": st.fixed_dictionaries(
            {"expression": SOUND_LOSSES, "parameters": st.just({"lam": 0.3, "J": "J.npy"})},
            optional={"boundary": st.sampled_from(["periodic", "open"])},
        ),
        "model": st.fixed_dictionaries({"n": st.just(2)}),
        "data": st.fixed_dictionaries(
            {"source": st.just("sklearn:diabetes"), "features": st.just(2), "samples": st.integers(1, 40)},
            optional={"standardize": st.booleans()},
        ),
        "training": st.fixed_dictionaries(
            {
                "learning_rate": st.floats(1e-3, 0.5),
                "steps": st.integers(1, 5),
                "initial": st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=2),
            },
            optional={
                "batch_size": st.integers(1, 30),
                "noise": st.floats(0, 0.5),
                "shuffle": st.booleans(),
                "center": st.sampled_from(["zero", "initial"]),
            },
        ),
        "carleman": st.fixed_dictionaries(
            {"order": st.integers(1, 3)},
            optional={"corrections": st.integers(1, 3), "padding": st.integers(0, 3)},
        ),
    }
)
PLACES = st.tuples(
    st.sampled_from([*ModelSpec.model_fields, "lost", "__class__"]), st.sampled_from([*KEYS, "__init__"])
)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """A sound spec, or one that may be, with up to three values written over, tables among them."""
    tables: dict[str, Any] = draw(st.one_of(SOUND, GOOD))
    for table, key in draw(st.lists(PLACES, max_size=draw(st.sampled_from([0, 0, 1, 3])))):
        value = draw(VALUES)
        if draw(st.booleans()) and isinstance(tables.get(table, {}), dict):
            tables.setdefault(table, {})[key] = value
        else:
            tables[table] = value
    return tables


def as_toml(tables: dict[str, Any]) -> str:
    lines = [f"{toml_value(key)} = {toml_value(value)}" for key, value in tables.items()]
    return "\n".join(lines).replace("Infinity", "inf").replace("NaN", "nan")


def try_spec(tables: dict[str, Any], path: Path, patience: int = PATIENCE) -> None:
    text = as_toml(tables)
    path.write_text(text, encoding="utf-8")
    with watched(patience), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed: Any = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            parsed = None
        try:
            carlemanc.derive(path).to_text()
            carlemanc.analyze(path).to_json()
        except CarlemancError as error:
            outcome = (error.exit_status, bool(str(error).strip()))
        else:
            outcome = (0, parsed is not None)
    assert outcome in {(0, True), (1, True), (2, True), (3, True)}
    assert not Path("executed").exists()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    carlemanc.analyze("ridge-diabetes", overrides=["data.samples=9"])  # heavy imports, outside the watch
    for module in iter_modules(present.__path__):  # registering by an annotation evaluates it
        import_module(f"{present.__name__}.{module.name}")
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "J.npy", np.array([0.5, -0.25]))
    return tmp_path / "spec.toml"


COMMON = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@settings(max_examples=40, **COMMON)
@given(tables=SOUND)
def test_sound_specs(tables: dict[str, Any], place: Path) -> None:
    """Most of these are derived and analyzed to the end."""
    try_spec(tables, place)


@settings(max_examples=150, **COMMON)
@given(tables=specs())
def test_specs(tables: dict[str, Any], place: Path) -> None:
    try_spec(tables, place)


@pytest.mark.slow
@settings(max_examples=2000, **COMMON)
@given(tables=specs())
def test_many_specs(tables: dict[str, Any], place: Path) -> None:
    try_spec(tables, place)


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda text: text[:24])
@pytest.mark.parametrize("n", [2, 2**27])
def test_payloads(payload: str, n: int, place: Path) -> None:
    """Each hostile expression by itself, in every key that takes text."""
    tables: dict[str, Any] = {
        "loss": {"expression": payload},
        "model": {"n": n},
        "training": {"learning_rate": 0.1, "steps": 2, "initial": {"sparse": {"0": 0.4}}},
    }
    try_spec(tables, place)
    try_spec({**tables, "loss": {"expression": "theta[0]**2", "parameters": {"lam": payload}}}, place)
    try_spec({**tables, "map": {"file": payload}}, place)
    try_spec({**tables, "data": {"source": payload}}, place)


def test_the_watch_sees_what_it_should(place: Path) -> None:
    import subprocess

    for act in (
        lambda: subprocess.run(["true"], check=False),
        lambda: place.write_text("x"),
        lambda: builtins.eval("1"),
    ):
        with pytest.raises(Executed), watched():
            act()
