"""The program's own JSON with canonical wires: what `Program.from_json` reads again."""

from __future__ import annotations

from typing import TextIO

from carlemanc.backends.file_layout import canonical_wires
from carlemanc.programs.lowering import Uncompute
from carlemanc.programs.program import Program


def write_program(program: Program, stream: TextIO, *, uncompute: Uncompute = "measure") -> None:
    """Write a program; `and_dg` stays a primitive in either style."""
    stream.write(canonical_wires(program).to_json())
