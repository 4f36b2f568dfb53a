"""What a browser would see of a page: texts, tables, ids, and everything that it would fetch."""

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from html.parser import HTMLParser

FETCHING = {
    "src",
    "srcset",
    "poster",
    "data",
    "background",
    "action",
    "formaction",
    "manifest",
    "ping",
    "archive",
}
"""Attributes whose value a browser loads or sends to (`href` depends on the element)."""
LOADING = {
    "script",
    "link",
    "img",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "source",
    "base",
    "form",
    "image",
}
VOID = {"meta", "br", "hr", "col", "wbr"}
SVG_LEAVES = {"path", "use", "rect"}


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def counted(value: int) -> str:
    """What a page shows of a count: three digits, from a million on with a power of ten."""
    if value < 1000:
        return str(value)
    digits, _, exponent = f"{Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(value):E}".partition("E+")
    if int(exponent) >= 6:
        return f"{Decimal(digits):.2f} × 10{exponent.translate(RAISED)}"
    return f"{int(Decimal(f'{digits}E{exponent}')):,}"


@dataclass
class Page(HTMLParser):
    """The page, parsed with the parser of the standard library."""

    html: str
    text: str = ""
    ids: list[str] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    references: dict[int, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()
        assert self.open == [], "every element is closed"
        self.text = self.text.replace("\xa0", " ")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        place = dict(attrs).get("id") or ""
        if tag == "li" and place.startswith("ref-"):
            self.references[int(place.removeprefix("ref-"))] = ""
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "id":
            self.ids.append(value)
        if name.startswith("on") or name in FETCHING or tag in LOADING:
            self.requests.append(f"<{tag} {name}={value}>")
        if name.endswith("href"):
            if value.startswith("#"):
                self.anchors.append(value[1:])
            elif tag == "a":
                self.links.append(value)
            else:
                self.requests.append(f"<{tag} {name}={value}>")
        if name == "style":
            self._style(value)

    def _style(self, text: str) -> None:
        assert "@import" not in text
        for address in re.findall(r"url\(\s*['\"]?([^)'\"]*)", text):
            self.anchors.append(address[1:]) if address.startswith("#") else self.requests.append(address)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self._style(data)
            return
        self.text += data
        if "li" in self.open and self.references and "ol" in self.open:
            last = max(self.references)
            self.references[last] = f"{self.references[last]}{data}".strip("\n")
        if self.open and {"td", "th"} & set(self.open) and self.rows:
            self.rows[-1][-1] += data.replace("\xa0", " ")
