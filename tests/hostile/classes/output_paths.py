"""Places that take no output, or in another way: devices, links, loops, sockets, names that no file system takes."""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path

from tests.fixed import fixed_words
from tests.hostile.harness import Case

WEIGHT = 2

_FILE_COMMANDS = (
    ("examples",),
    ("schema",),
    ("init",),
    ("derive", "logistic-map-scalar"),
    ("analyze", "logistic-map-scalar", "--json"),
    ("derive", "logistic-map-scalar", "--diagram", "d.svg"),
)
_NAMED = fixed_words("logistic-map-scalar")
_DIRECTORY_COMMANDS = (
    ("system", "logistic-map-scalar"),
    ("compile", "logistic-map-scalar", "--stage", "state-preparation", *_NAMED),
    ("estimate", "logistic-map-scalar", "--no-compare-solvers", *_NAMED),
    ("sweep", "logistic-map-scalar", "--over", "training.steps=1,2", "--processes", "1", *_NAMED),
    ("train", "logistic-map-scalar"),
    ("dissipation", "logistic-map-scalar"),
)
_PLACES = (
    "new",
    "a/b/c",
    "file",
    "file/below",
    "file/",
    "full",
    "link",
    "dangling",
    "dangling/below",
    "loop",
    "loop/below",
    "chain",
    "to-folder",
    "fifo/below",
    "socket",
    "null",
    "null/below",
    ".",
    "..",
    "",
    "./new/../other",
    "x" * 255,
    "x" * 256,
    "new/" + "x" * 300,
    "/".join(["y" * 250] * 20),
    "é" * 128,
    "b\udcff",
    "b\udcff/c\udcfe",
    "nul\0byte",
    " ",
    "-",
    "--",
    "tab\tline\nend",
    "\x1b[31m",
    "CON",
    "~",
    "$HOME",
    "*",
)
_FILE_PLACES = ("/dev/null", "/dev/full", "/dev", "/proc/self/mem/x", "/proc/x", "folder", "/dev/fd/99", "/")
_DIRECTORY_PLACES = ("/dev/null", "/dev/full", "/dev/null/x", "/proc/x", "/dev/fd/99", "fifo")


def prepare(place: Path) -> None:
    """Make what the names stand for."""
    (place / "link").symlink_to("file")
    (place / "dangling").symlink_to("nowhere/at/all")
    (place / "loop").symlink_to("pool")
    (place / "pool").symlink_to("loop")
    (place / "chain").symlink_to("link")
    (place / "to-folder").symlink_to("folder")
    (place / "null").symlink_to("/dev/null")
    os.mkfifo(place / "fifo")
    (place / "file").chmod(0o640)
    home = Path.cwd()
    os.chdir(place)  # the address of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
    finally:
        os.chdir(home)


def draw(random: random.Random) -> Case:
    """Return a command and a place for what it writes."""
    is_file = random.random() < 0.6
    command = random.choice(_FILE_COMMANDS if is_file else _DIRECTORY_COMMANDS)
    place = random.choice((*_PLACES, *(_FILE_PLACES if is_file else _DIRECTORY_PLACES)))
    name = place + random.choice(("", "", ".json", "/deep/below")) if random.random() < 0.3 else place
    return Case(
        command=(*command, f"--output={name}") if name.startswith("-") else (*command, "-o", name),
        files={
            "file": "mine\n",
            "full/estimate.json": None,
            "full/circuit.qasm": None,
            "folder/kept": "kept\n",
        },
        prepare=prepare,
        statuses=frozenset({0, 2}),
        note=f"-o {name[:60]!a}",
    )
