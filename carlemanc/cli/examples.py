"""`carlemanc examples`: the packaged specs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carlemanc.cli._copies import check_free, write_files
from carlemanc.cli._options import DEFAULTS, Common
from carlemanc.cli._output import deliver, note
from carlemanc.core.atomic_output import check_directory_place
from carlemanc.core.errors import InputError

if TYPE_CHECKING:
    from carlemanc.spec.examples import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    document: dict[str, object]
    text: str

    def to_json(self) -> dict[str, Any]:
        return self.document

    def to_text(self, *, all: bool = False, width: int = 100) -> str:
        return self.text


def examples(name: str | None = None, /, *, common: Common = DEFAULTS) -> int:
    """List the packaged examples; a name is accepted wherever a SPEC is.

    With a NAME and -o DIR, or -o FILE.toml, the example is written with the data files it reads beside it.

    Parameters
    ----------
    name
        Print this example's TOML, ready to be saved and changed.
    """
    if name is None and not common.overrides:
        return deliver(_all(), common)
    if name is None or (common.overrides and not common.json):
        raise InputError(
            "examples --set needs the NAME of an example and --json, which prints the changed spec"
        )
    from carlemanc.spec.examples import example_named
    from carlemanc.spec.loading import load_spec

    example = example_named(name, "NAME")
    listing = _Listing(
        document={"name": name, "spec": load_spec(example.path, common.overrides).to_dict()},
        text=example.text,
    )
    if common.output is None:
        status = deliver(listing, common)
        if example.data_files:
            names = " and ".join(file.name for file in example.data_files)
            note(
                f"the spec reads {names}: carlemanc examples {name} -o DIR writes the spec with what it reads"
            )
        return status
    if common.overrides or Path(common.output).suffix == ".json":
        return deliver(listing, common)
    return _write(example, common.output)


def _all() -> _Listing:
    from carlemanc.spec.examples import packaged_examples

    found = packaged_examples()
    width = max((len(example.name) for example in found), default=0)
    rows = [{"name": example.name, "summary": example.summary} for example in found]
    lines = [f"{example.name:<{width}}  {example.summary}" for example in found]
    return _Listing(document={"examples": rows}, text="\n".join(lines))


def _write(example: Example, output: str) -> int:
    """Write the spec, and what it reads beside it; nothing that differs is replaced."""
    if output.endswith(".toml"):
        place = Path(output)
    else:
        check_directory_place(output)
        place = Path(output) / f"{example.name}.toml"
    contents = {place: example.text.encode()}
    contents |= {place.parent / file.name: file.read_bytes() for file in example.data_files}
    check_free(contents, "examples replaces no file that differs")
    write_files(contents)
    return 0
