"""Make the catalog again, or check that it is current: `python -m estimates [NAME ...] [--check]`."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from itertools import islice
from pathlib import Path

from carlemanc.core.errors import CarlemancError
from carlemanc.present.page.driver import report
from estimates import answer, headline
from estimates.catalog import ENTRIES, ROOT, Entry, entry_named
from estimates.results import compute, differences, read, work_directory, write

_SHOWN = 10


def main() -> int:
    """Return 0, or 1 where an entry is not current or has no result."""
    names = [entry.name for entry in ENTRIES]
    parser = argparse.ArgumentParser(prog="python -m estimates", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"entries: {', '.join(names)}; all if none")
    parser.add_argument("--check", action="store_true", help="compute again and compare; nothing is written")
    parser.add_argument("--processes", type=int, default=2, help="processes of a sweep (2)")
    parser.add_argument(
        "--work",
        type=Path,
        default=ROOT.parent / "build" / "estimates",
        help="directory of finished rows, from which an interrupted call goes on (build/estimates)",
    )
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in names]:
        parser.error(f"no entry {', '.join(unknown)}; entries: {', '.join(names)}")
    warnings.simplefilter("ignore")  # each is also a line of the result
    os.environ["PYTHONWARNINGS"] = "ignore"  # of the processes too
    work, failed = work_directory(asked.work), 0
    for entry in map(entry_named, asked.names or names):
        sys.stderr.write(entry.name + "\n")
        try:
            document = compute(entry, work, asked.processes)
        except CarlemancError as error:
            sys.stderr.write(f"error: {error}\n")
            failed = 1
            continue
        failed |= _compared(entry, document) if asked.check else _made(entry, document)
    if not asked.check and not failed and all(entry.result.exists() for entry in ENTRIES):
        headline.update()
        answer.update()
    return failed


def _made(entry: Entry, document: dict[str, object]) -> int:
    write(entry, document)
    report(entry.folder, entry.report)
    return 0


def _compared(entry: Entry, document: dict[str, object]) -> int:
    found = list(islice(differences(document, read(entry)), _SHOWN + 1))
    for line in found[:_SHOWN]:
        sys.stdout.write(f"  {entry.name}{line}\n")
    if len(found) > _SHOWN:
        sys.stdout.write("  ...\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
