"""What the command line gives for a line of words, in this process: the JSON that a verb prints, or a manifest."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import tempfile
from pathlib import Path
from typing import Any


def document(line: str) -> Any:
    """Return what `carlemanc LINE --json` prints, or the manifest of `carlemanc compile ...`.

    A word `key=value` stands for `--set key=value`. Raises RuntimeError, with what stderr says, where the exit status
    is not 0.
    """
    verb, *rest = shlex.split(line)
    words = [verb, *(part for word in rest for part in (("--set", word) if is_setting(word) else (word,)))]
    if verb != "compile":
        return json.loads(_printed([*words, "--json"]))
    with tempfile.TemporaryDirectory() as folder:
        _printed([*words, "-o", folder])
        return json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))


def is_setting(word: str) -> bool:
    """Return whether a word stands for `--set KEY=VALUE`."""
    return "=" in word and not word.startswith("-")


def _printed(words: list[str]) -> str:
    from carlemanc.cli._app import main as carlemanc

    printed, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
        status = carlemanc(words)
    if status:
        raise RuntimeError(f"carlemanc {shlex.join(words)}: exit {status}\n{said.getvalue()}")
    return printed.getvalue()
