"""`carlemanc report`: one self-contained page about the results in a directory."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common
from carlemanc.cli._output import expect_file, note, show
from carlemanc.cli._working import working
from carlemanc.core.errors import InputError, Problem

Directory = Annotated[
    str,
    Parameter(
        name="DIR",
        help="What `carlemanc estimate -o`, `sweep -o`, `optimize -o`, `train -o` or `dissipation -o` wrote.",
    ),
]
Others = Annotated[
    str, Parameter(name="DIR...", help="Further estimates, to compare them side by side; with -o FILE.")
]


def report(directory: Directory, /, *others: Others, common: Common = DEFAULTS) -> int:
    """Write one page that opens anywhere and requests nothing: -o report.html, or -o report.md for Markdown.

    Without -o the page is report.html in the directory, if it is one. What `carlemanc run SPEC -o DIR/run.json`
    read stands on it too.
    """
    if common.overrides:
        problem = Problem(
            where="--set", found=common.overrides[0], allowed="nothing: a report shows results as they are"
        )
        raise InputError("a report computes nothing", [problem])
    expect_file(common)
    with working():
        from carlemanc.present.page.driver import report as write_report

        result = write_report([directory, *others], common.output)
    note(f"wrote {result.path}")
    return show(result, common)
