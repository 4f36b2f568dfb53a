"""Ctrl-C and a reader that leaves, on real processes."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

INTERRUPTED = """
import sys, time
import carlemanc
from carlemanc.cli._app import main
from carlemanc.core.atomic_output import atomic_directory

def compile(spec, *, output, **options):
    with atomic_directory(output) as place:
        (place / "circuit.qasm").write_text("half a circ")
        print("ready", file=sys.__stdout__, flush=True)
        time.sleep(60)

carlemanc.compile = compile
sys.exit(main(["compile", "quartic-pair", "-o", sys.argv[1]]))
"""

SLOW = """
import time
from carlemanc.cli._working import working
from carlemanc.core.progress import track

with working():
    for _ in track(range(8), "inverting"):
        time.sleep(0.3)
"""


def test_interrupt_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "new" / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_reader_that_leaves() -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "carlemanc", "examples"]
    with os.fdopen(write, "w") as stdout:
        done = subprocess.run(
            command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_bar_on_a_terminal_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SLOW], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", SLOW],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        assert process.wait(timeout=30) == 0
    os.close(ours)
    assert b"inverting" in shown
