"""What a TOML text may be before it is parsed: nesting, words and size are counted in one pass over its signs.

`tomllib` takes seconds and gigabytes for a key of 50,000 parts, Python refuses integers of more than 4,300 digits, and
both walk nested values recursively. So the text is refused first, at the first place that is beyond a limit.
"""

from __future__ import annotations

import re

MAX_BYTES = 2_000_000
"""Of a file: longer lists of numbers belong in .npy files."""
MAX_DEPTH = 32
"""Tables and arrays inside one another, whether by dots, headers or brackets."""
MAX_WORD = 400
"""Characters of a number or a bare key."""

# A string or a comment is one sign, closed or not, so that each character is looked at once.
_SIGN = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\n])*"?'
    r"|'[^'\n]*'?"
    r"|\#[^\n]*"
    rf"|[A-Za-z0-9_+-]{{{MAX_WORD + 1},}}"
    r"|[\[\]{}.,\n]",
    re.DOTALL,
)


def excess(text: str) -> tuple[int, str, str] | None:
    """Return line, what was found and what is allowed where a text is beyond a limit, or None.

    >>> excess("a.b = [1, 2]")
    >>> excess("x = 1\\n" + "[" * 99)
    (2, 'arrays or tables nested more than 32 deep', 'at most 32 levels')
    """
    if len(text) > MAX_BYTES:
        return 1, f"{len(text):,} characters", f"at most {MAX_BYTES:,}"
    table = 0  # levels of the table whose lines these are
    outer: list[int] = []  # levels above each open bracket
    levels, heading, begun = (
        0,
        False,
        0,
    )  # of the key or value that is read; whether it is a header; where its line begins
    for found in _SIGN.finditer(text):
        sign = found[0]
        if len(sign) > MAX_WORD and sign[0] not in "\"'#":
            said = f"a number or a bare word of {len(sign):,} characters"
            return _line(text, found.start()), said, f"at most {MAX_WORD} outside quotes"
        if sign in "[{":
            if not outer and not text[begun : found.start()].strip():
                heading, levels, table = True, 0, 0
            outer.append(levels)
            levels += 1
        elif sign in "]}":
            if heading:
                table = max(table, levels)
            levels = outer.pop() if outer else 0
        elif sign == ".":
            levels += 1
        elif outer and not heading:
            levels = outer[-1] + 1
        elif sign == "\n":
            levels, heading, begun, outer = table, False, found.end(), []
        if levels > MAX_DEPTH + 1:
            said = f"arrays or tables nested more than {MAX_DEPTH} deep"
            return _line(text, found.start()), said, f"at most {MAX_DEPTH} levels"
    return None


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
