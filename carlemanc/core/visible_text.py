"""Text for a terminal: what a stranger's file holds can neither color nor move nor reverse what is printed."""

from __future__ import annotations

import re

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but for tab and line feed
    "\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"  # marks that reorder text, and other ends of a line
    "\ud800-\udfff]"  # halves of a character, which no encoding takes
)


def visible(text: str) -> str:
    r"""Return the text with control characters as \uXXXX, which inside a string of JSON means the same.

    >>> visible("a\x1b[31m red")
    'a\\u001b[31m red'
    """
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
