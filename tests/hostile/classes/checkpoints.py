"""Checkpoints of a training that are damaged, of another kind or of other inputs: it starts anew and says so."""

from __future__ import annotations

import contextlib
import pickle
import random
import tempfile
from functools import cache
from pathlib import Path
from unittest import mock

from tests.hostile.harness import Case, Content
from tests.hostile.material import OTHER_FILES, damaged

WEIGHT = 1

_SPEC = """
[loss]
expression = "Sum((y[a] - theta[0]*x[a, 0] - theta[0]**2)**2/(2*m), (a, 0, m-1))"
[model]
n = 1
[data]
source = "d.csv"
[training]
learning_rate = 0.05
steps = 3
initial = [0.1]
[carleman]
order = 2
[schedule]
evolution = "emulated"
reupload_every = 1
"""
_DATA = "a,b\n0.1,0.2\n0.3,0.1\n"
_OTHER_DATA = "a,b\n0.1,0.2\n0.3,0.2\n"
_ANEW = "the training starts anew"


@cache
def checkpoint() -> bytes:
    """Return what a training leaves that is killed after its first segment."""
    from carlemanc.training.loop import train
    from carlemanc.training.schedule import Schedule

    class Killed(Exception):
        pass

    segment, done = Schedule.advance, iter((True,))

    def once(*arguments: object) -> None:
        if next(done, None) is None:
            raise Killed
        segment(*arguments)  # type: ignore[arg-type]

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "spec.toml").write_text(_SPEC)
        (place / "d.csv").write_text(_DATA)
        with mock.patch.object(Schedule, "advance", once), contextlib.suppress(Killed):
            train(place / "spec.toml", output=place / "out")
        return (place / "out" / "checkpoint.npz").read_bytes()


def draw(random: random.Random) -> Case:
    """Return a training that finds such a checkpoint."""
    data, expect = _DATA, _ANEW
    content: Content = checkpoint()
    choice = random.random()
    if choice < 0.6:
        content = damaged(random, checkpoint())
    elif choice < 0.8:
        content = random.choice([*OTHER_FILES, pickle.dumps({"theta": [1.0]})])
    elif choice < 0.9:
        data = _OTHER_DATA
    if content == checkpoint() and data == _DATA:
        expect = ""
    return Case(
        command=("train", "spec.toml", "-o", "out"),
        files={"spec.toml": _SPEC, "d.csv": data, "out/checkpoint.npz": content},
        statuses=frozenset({0}),
        expect=expect,
        note="the checkpoint is another" if content != checkpoint() else "the data are others",
    )
