"""A toy format: the name of each operation and its wires, one on a line."""

from typing import TextIO

from carlemanc.backends.file_layout import canonical_wires
from carlemanc.programs.program import OPS, Program


def write_toy(program: Program, stream: TextIO, *, uncompute: str) -> None:
    written = canonical_wires(program)
    for code, wires in zip(written.codes.tolist(), written.wires.tolist(), strict=True):
        print(OPS[code], *(wire for wire in wires if wire >= 0), file=stream)
