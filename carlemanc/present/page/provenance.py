"""What a reader needs to check or repeat a report: closed forms, literature, commands, versions, what is missing."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from carlemanc.core.citations import CITATIONS
from carlemanc.present.number_words import is_number, real
from carlemanc.present.page.document import (
    Bullets,
    Code,
    Fact,
    FactList,
    Paragraph,
    Section,
    listing,
)
from carlemanc.present.page.files import Json, table
from carlemanc.present.page.material import (
    ANALYSIS,
    ESTIMATE,
    ROWS,
    RUN,
    SOLVERS,
    SPEC,
    SYMBOLIC,
    Material,
)
from carlemanc.present.page.reading import observables_of

_LONGEST_SPEC = 20_000
_ALWAYS = ("liu2024", "ross2016", "gidney2018", "babbush2018")
"""The method, rotation synthesis, temporary ANDs, lookups: in every estimate."""


def closed_forms_section(material: Material) -> Section | None:
    """Return the closed forms of `estimate --symbolic`."""
    symbolic = material.symbolic
    if not symbolic:
        return None
    names = {
        "t_count": "T gates of a run",
        "logical_qubits": "logical qubits",
        "degree": "polynomial degree d",
    }
    forms = listing(
        "Evaluated at integers they equal the counts",
        names.items(),
        {
            "count:": lambda item: item[1],
            "closed form:": lambda item: str(table(symbolic[item[0]]).get("text", symbolic[item[0]])),
        },
    )
    symbols = tuple(Fact(str(name), str(meaning)) for name, meaning in table(symbolic.get("symbols")).items())
    blocks = (Paragraph(f"{symbolic.get('asymptotics', '')}."), forms, FactList(symbols))
    return Section("Closed forms in n and T", "closed-forms", blocks)


def sources_of(material: Material) -> Sequence[str]:
    """Return the keys of the sources that a report lists, whether its sentences name them or not."""
    return material.subject.get("references") or _ALWAYS


def repeat_section(material: Material) -> Section:
    """Return how to make the same results again."""
    blocks: list[Any] = []
    if material.command:
        blocks.append(Code("What made these results", "\n".join(material.command)))
    else:
        blocks.append(Paragraph("The files do not say which command made them.", tone="caution"))
    if material.spec_text:
        where = (
            "The spec as it was used, overrides included; with the files beside it, it makes the same again"
        )
        text = material.spec_text
        if len(text) > _LONGEST_SPEC:
            text, where = text[:_LONGEST_SPEC], f"The first {_LONGEST_SPEC:,} characters of {SPEC}"
        blocks.append(Code(where, text, folded=len(text) > 1_500))
    facts = [Fact("carlemanc", material.version or "version not written")]
    if material.spec_digest:
        facts.append(Fact(f"SHA-256 of {SPEC}", material.spec_digest, f"sha256sum {SPEC}"))
    blocks.append(FactList(tuple(facts)))
    return Section("Make it again", "repeat", tuple(blocks))


def absent_section(material: Material) -> Section | None:
    """Return what the directory does not hold, why, and which command adds it."""
    items = tuple(_absent(material))
    if not items:
        return None
    return Section("What is not here", "absent", (Bullets(items),), folded=True)


def _absent(material: Material) -> Iterator[str]:
    place = shlex.quote(material.directory)
    spec = f"{place}/{SPEC}" if material.spec_text else "SPEC"
    pieces = (
        (material.estimate, ESTIMATE, "an estimate of one point", f"estimate {spec} -o {place}"),
        (material.analysis, ANALYSIS, "regime and certificates", f"analyze {spec} -o {place}/{ANALYSIS}"),
        (material.solvers, SOLVERS, "the comparison of solvers", f"solvers {spec} -o {place}/{SOLVERS}"),
        (material.rows, ROWS, "growth with n and T", f"sweep {spec} --over KEY=VALUES -o {place}"),
        (material.symbolic, SYMBOLIC, "closed forms in n and T", f"estimate {spec} --symbolic -o {place}"),
    )
    for found, file, what, command in pieces:
        if found:
            continue
        reason = material.reasons.get(file)
        if reason and file == ANALYSIS:
            yield f"{what[0].upper()}{what[1:]}: there is none, because {reason}"
        else:
            because = f" ({reason})" if reason else ""
            yield f"{what[0].upper()}{what[1:]}, {file}{because}: carlemanc {command}"
    if observables_of(material.subject) and not material.run:
        yield f"What a simulated run reads, {RUN}, where the size allows one: carlemanc run {spec} -o {place}/{RUN}"


_MEANING = (
    "“Proved” and “derived here” formulas are checked by tests, “published” ones stand as in the source, "
    "“second-hand” ones are known from others who cite it, “measured” and “assumed” say so."
)


def formulas_section(material: Material) -> Section | None:
    """Return the explanations of an estimate, None where it has none."""
    entries = material.subject.get("explain")
    if not entries:
        return None
    cells: dict[str, Callable[[Json], str]] = {
        "number:": lambda entry: str(entry.get("name")),
        "value": lambda entry: "" if entry.get("value") is None else _value(entry["value"]),
        "formula:": lambda entry: entry.get("formula") or "",
        "with:": lambda entry: ", ".join(
            f"{name} = {_value(value)}" for name, value in table(entry.get("inputs")).items()
        ),
        "source:": _sources_of,
        "status:": lambda entry: entry.get("status") or "",
    }
    caption = "Numbers in the order in which they follow from each other"
    blocks = (Paragraph(_MEANING), listing(caption, entries, cells))
    return Section("Formulas and their sources", "formulas", blocks, folded=True)


def _sources_of(entry: Json) -> str:
    named = [_source(key) for key in entry.get("references") or ()]
    return "; ".join([*named, *([entry["where"]] if entry.get("where") else [])])


def _value(value: object) -> str:
    return real(value) if is_number(value) else "not known" if value is None else str(value)


def _source(key: str) -> str:
    """A source as the bibliography finds it in a sentence."""
    return CITATIONS[key].short() if key in CITATIONS else key
