"""What differs from the pinned documents, key by key: `python -m tests.pins [WORD ...]`; `--write` pins them anew.

With words, only the command lines that have all of them. Exits 1 where anything differs.
"""

import sys
import warnings

from tests.pins.cases import LINES
from tests.pins.pinned import computed, differences, read, write


def main(words: list[str]) -> int:
    """Print what differs, or write."""
    warnings.simplefilter("ignore")  # each is also a line of the document
    if words == ["--write"]:
        write()
        return 0
    pinned, differing = read(), 0
    for line in (line for line in LINES if all(word in line.split() for word in words)):
        found = list(differences(computed(line), pinned.get(line)))
        differing += bool(found)
        print("\n    ".join([line, *found]) if found else f"{line}: the same")
    print(f"{differing} documents differ")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
