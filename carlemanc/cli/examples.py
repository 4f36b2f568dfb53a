"""`carlemanc examples`: the packaged specs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from carlemanc.cli._options import DEFAULTS, Common
from carlemanc.cli._output import deliver
from carlemanc.core.errors import InputError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    document: dict[str, Any]
    text: str

    def to_json(self) -> dict[str, Any]:
        return self.document

    def to_text(self) -> str:
        return self.text


def examples(name: str | None = None, /, *, common: Common = DEFAULTS) -> int:
    """List the packaged examples; a name is accepted wherever a SPEC is.

    Parameters
    ----------
    name
        Print this example's TOML, ready to be saved and changed.
    """
    listing = _all() if name is None and not common.overrides else _one(name, common)
    return deliver(listing, common)


def _all() -> _Listing:
    from carlemanc.spec.examples import packaged_examples

    found = packaged_examples()
    width = max((len(example.name) for example in found), default=0)
    rows = [{"name": example.name, "summary": example.summary} for example in found]
    lines = [f"{example.name:<{width}}  {example.summary}" for example in found]
    return _Listing(document={"examples": rows}, text="\n".join(lines))


def _one(name: str | None, common: Common) -> _Listing:
    from carlemanc.spec.examples import packaged_examples
    from carlemanc.spec.loading import load_spec
    from carlemanc.spec.problems import nearest, shown

    found = {example.name: example for example in packaged_examples()}
    if name is None or (common.overrides and not common.json):
        raise InputError(
            "examples --set needs the NAME of an example and --json, which prints the changed spec"
        )
    if name not in found:
        close = nearest(name, found)
        advice = f'did you mean "{close}"?' if close else ""
        problem = Problem(where="NAME", found=shown(name), allowed=", ".join(found), help=advice)
        raise InputError("There is no such example", [problem])
    spec = load_spec(found[name].path, common.overrides)
    return _Listing(document={"name": name, "spec": spec.to_dict()}, text=found[name].text)
