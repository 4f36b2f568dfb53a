"""Directories of `estimate -o` and `sweep -o` that a hand or a disk has changed, before `report` and `sweep`."""

from __future__ import annotations

import copy
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.fixed import fixed, fixed_words
from tests.hostile.harness import Case, Content, Hole
from tests.hostile.material import OTHER_FILES, damaged

WEIGHT = 3

_OVER = "training.steps=1,2,4"
VALUES: tuple[Any, ...] = (
    float("nan"),
    float("-inf"),
    "text",
    "",
    [],
    {},
    -1,
    0,
    1,
    0.5,
    -0.5,
    1e308,
    5e-324,
    10**400,
    10**5000,
    2**70,
    True,
    None,
    [[]],
    [None],
    {"a": {}},
    "$\\frac$",
    "\x00\x1b[31m",
    "<script>alert(1)</script>",
    "\ud800",
    "=cmd()",
    "x" * 20_000,
)
_TEXTS = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"NaN",
    b"[" * 50_000,
    b'{"a":' * 50_000,
    b"\xff\xfe{}",
    b'{"format": 1e999}',
)


@cache
def made() -> Mapping[str, Mapping[str, bytes]]:
    """Return the files of a directory of each kind, as the commands write them."""
    from carlemanc.present.estimate_directory import estimate_into
    from carlemanc.sweeps import sweep

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        estimate_into(fixed("logistic-map-scalar"), place / "estimate", command=["carlemanc"], compare=True)
        sweep(fixed("logistic-map-scalar"), over=[_OVER], output=place / "sweep", processes=1)
        return MappingProxyType(
            {
                kind.name: {file.name: file.read_bytes() for file in sorted(kind.iterdir())}
                for kind in place.iterdir()
            }
        )


def draw(random: random.Random) -> Case:
    """Return a directory in which one file is another, for one of the commands that read it."""
    kind = random.choice(("estimate", "sweep"))
    files: dict[str, Content] = dict(made()[kind])
    name = random.choice([name for name in files if name.endswith((".json", ".jsonl", ".toml"))])
    before = files[name]
    assert isinstance(before, bytes)
    after = _other(random, name, before)
    files[name] = after
    if random.random() < 0.1:
        files.pop(random.choice(list(files)))
    if name == "rows.jsonl" and random.random() < 0.5 and not isinstance(after, Hole):
        named = fixed_words("logistic-map-scalar")
        command = ("sweep", "logistic-map-scalar", "--over", _OVER, "--processes", "1", *named, "-o", "d")
    else:
        command = ("report", "d", *random.choice(((), ("-o", "page.md"), ("--json",))))
    return Case(
        command=command,
        files={f"d/{name}": content for name, content in files.items()},
        statuses=frozenset({0, 2}),
        note=f"{name} of {kind} changed",
    )


def _other(random: random.Random, name: str, content: bytes) -> Content:
    """Return what stands there instead of a file."""
    choice = random.random()
    if choice < 0.1:
        return random.choice([*OTHER_FILES, Hole(300 << 20)])
    if choice < 0.25:
        return damaged(random, content)
    if choice < 0.35 or name.endswith(".toml"):
        return random.choice(_TEXTS)
    lines = content.splitlines() if name.endswith(".jsonl") else [content]
    place = random.randrange(len(lines))
    lines[place] = _edited(random, json.loads(lines[place]))
    return b"\n".join(lines) + b"\n"


def _edited(random: random.Random, document: dict[str, Any]) -> bytes:
    """Return a document as JSON with another value, or none, at one of its places."""
    if random.random() < 0.5:
        document.pop("check", None)
    path = random.choice(list(_places(document)))
    inner = copy.deepcopy(document)
    node: Any = {"": inner}
    for key in ("", *path[:-1]):
        node = node[key]
    if not path:
        inner = random.choice(VALUES)
    elif random.random() < 0.2:
        del node[path[-1]]
    else:
        node[path[-1]] = random.choice(VALUES)
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return json.dumps(inner).encode()
    finally:
        sys.set_int_max_str_digits(limit)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value[:3]):
            yield from _places(item, (*path, number))
