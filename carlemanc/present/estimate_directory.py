"""`estimate -o DIR`: the estimate with all that a report of it needs, so that nothing is computed twice.

Comes in: a spec and its estimate. Goes out: the files of a directory by name: spec.toml and the data it names,
estimate.json and .txt, explain.txt, references.bib, analysis.json, solvers.json, and about.json, which has the
command, the version, the SHA-256 of spec.toml, and why a file was left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from carlemanc import __version__
from carlemanc.commands.analyze import analyze
from carlemanc.commands.estimate import estimate
from carlemanc.commands.estimate_result import Estimate
from carlemanc.commands.solvers import solvers
from carlemanc.core.atomic_output import atomic_directory
from carlemanc.core.errors import CarlemancError
from carlemanc.core.json_text import json_text
from carlemanc.core.progress import track
from carlemanc.present.text.estimate import explanation_text
from carlemanc.spec.effective import effective_spec
from carlemanc.spec.schema import ModelSpec

FORMAT = "carlemanc.estimate-directory/1"
COMPARED_T = 2_000_000
"""All solvers are compared, unless asked for, where one run takes at most so many T: that is seconds of counting."""


def estimate_into(
    model: ModelSpec,
    directory: Path,
    *,
    command: Sequence[str],
    compare: bool | None = None,
    options: Mapping[str, Any] | None = None,
) -> Estimate:
    """Estimate a spec and write the directory, whole or not at all.

    Args:
        model: the spec.
        directory: where; other files in it stay.
        command: the words that make the same again, for a reader.
        compare: whether all solvers are compared; by default where a run takes at most COMPARED_T.
        options: keyword arguments of `estimate`.

    Raises InputError, TooLarge; InputError where the directory holds another spec.
    """
    spec = effective_spec(model, directory)
    result = estimate(model, **(options or {}))
    documents, absent = _companions(model, result, compare)
    documents |= {"estimate.json": result.to_json()}
    documents |= {
        "about.json": {
            "format": FORMAT,
            "version": __version__,
            "command": list(command),
            **spec.record(),
            "absent": absent,
        }
    }
    with atomic_directory(directory) as place:
        for name, document in documents.items():
            (place / name).write_text(f"{json_text(document)}\n", encoding="utf-8")
        texts = {"estimate.txt": result.to_text(all=True), "explain.txt": explanation_text(result)}
        for name, text in (texts | {"references.bib": result.bibtex()}).items():
            (place / name).write_text(f"{text}\n", encoding="utf-8")
        spec.write(place)
    return result


def _companions(
    model: ModelSpec, result: Estimate, compare: bool | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The analysis and the comparison of solvers, as far as there are any, and why one is not there."""
    found: dict[str, Any] = {}
    absent: dict[str, str] = {}
    works: dict[str, Callable[[ModelSpec], Any]] = {"analysis.json": analyze}
    if compare or (compare is None and result.t_of_a_run <= COMPARED_T):
        works["solvers.json"] = solvers
    elif compare is None:
        absent["solvers.json"] = (
            f"a run takes more than {COMPARED_T:,} T, and to count every solver's circuit takes long; "
            "estimate --compare-solvers does it"
        )
    else:
        absent["solvers.json"] = "left out by --no-compare-solvers"
    for name, work in track(works.items(), "analysis and other solvers", total=len(works)):
        try:
            found[name] = work(model).to_json()
        except CarlemancError as error:
            absent[name] = " ".join(str(error).split())
    return found, absent
