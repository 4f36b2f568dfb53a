"""`carlemanc estimate`: what the compiled circuit costs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from carlemanc.cli._options import DEFAULTS, Common, Spec
from carlemanc.cli._output import Result, note, rendered, say, status_of
from carlemanc.cli._resolved import Resolved, expect_resolved, save_resolved
from carlemanc.cli._working import working
from carlemanc.core.atomic_output import atomic_directory, check_directory_place
from carlemanc.core.errors import InputError, Problem
from carlemanc.core.json_text import json_text
from carlemanc.core.places import is_file
from carlemanc.costs.physical.hardware import HARDWARE

if TYPE_CHECKING:
    from carlemanc.spec.schema import ModelSpec

_DEFAULT_OPTIONS = {
    "uncompute": "measure",
    "gate_set": "clifford+rz",
    "hardware": "superconducting",
    "cross_check": False,
    "measure_rates": False,
}
*_MORE, _LAST = HARDWARE
_HARDWARE_HELP = f"Machine of the physical cost: {', '.join(_MORE)} or {_LAST}."


def estimate(
    spec: Spec,
    /,
    *,
    uncompute: Literal["measure", "unitary"] = "measure",
    gate_set: Literal["clifford+rz", "clifford+t"] = "clifford+rz",
    rotation_epsilon: Annotated[float | None, Parameter(metavar="EPSILON")] = None,
    hardware: Annotated[str, Parameter(metavar="PRESET", help=_HARDWARE_HELP)] = "superconducting",
    cross_check: Annotated[bool, Parameter(negative=())] = False,
    measure_rates: Annotated[bool, Parameter(negative=())] = False,
    symbolic: Annotated[bool, Parameter(negative=())] = False,
    explain: Annotated[bool, Parameter(negative=())] = False,
    bibtex: Annotated[bool, Parameter(negative=())] = False,
    compare_solvers: Annotated[bool | None, Parameter(show_default=False)] = None,
    resolved: Resolved = None,
    common: Common = DEFAULTS,
) -> int:
    """Say whether it pays and what it costs; --all adds ledger, error budget, assumptions and reasons.

    -o DIR also writes what `carlemanc report DIR` needs.

    A condition number that takes long is kept in ~/.cache/carlemanc; CARLEMANC_CACHE=DIR moves that, =off turns it off.

    Parameters
    ----------
    uncompute
        How logical ANDs are undone.
    gate_set
        Whether rotations are counted as they are or as synthesized T gates.
    rotation_epsilon
        Precision of each synthesized rotation, at least 1e-30.
    cross_check
        Ask Microsoft's resource estimator (extra qdk) for the physical cost of the same run, too.
    measure_rates
        Time sparse products and random walks on this machine, and show its seconds beside those at assumed rates.
    symbolic
        Closed forms in n and T instead of numbers.
    explain
        Each number with its formula, what was put in, its source and status.
    bibtex
        BibTeX of the sources that this estimate used.
    compare_solvers
        Whether -o also counts every other solver; by default where that takes seconds.
    """
    from carlemanc.spec.loading import load_spec

    _check_options(
        symbolic=symbolic, explain=explain, bibtex=bibtex, as_json=common.json, resolved=resolved is not None
    )
    expect_resolved(resolved)
    if common.output is not None:
        check_directory_place(common.output)
    options: dict[str, Any] = {
        "uncompute": uncompute,
        "gate_set": gate_set,
        "rotation_epsilon": rotation_epsilon,
        "hardware": hardware,
        "cross_check": cross_check,
        "measure_rates": measure_rates,
    }
    with working():
        model = load_spec(spec, common.overrides)
        if symbolic:
            from carlemanc.commands.symbolic import estimate_symbolic

            result: Result = estimate_symbolic(model)
        else:
            result = _counted(spec, model, common, compare_solvers, options)
        words = _sources(result, explain=explain) if explain or bibtex else rendered(result, common)
    save_resolved(resolved, model, result)
    if common.output is not None:
        if symbolic:
            _write_symbolic(result, common.output)
        note(f"wrote {common.output}")
    say(words)
    return status_of(result)


def _counted(
    spec: str, model: ModelSpec, common: Common, compare: bool | None, options: Mapping[str, Any]
) -> Result:
    """Return the estimate, of which -o DIR gets files."""
    if common.output is None:
        import carlemanc

        return carlemanc.estimate(model, **options)
    from carlemanc.present.estimate_directory import estimate_into

    command = _command(spec, common.overrides, options)
    return estimate_into(model, Path(common.output), command=command, compare=compare, options=options)


def _sources(result: Result, *, explain: bool) -> str:
    """Return the formulas of an estimate, or the BibTeX of its sources."""
    from carlemanc.commands.estimate_result import Estimate
    from carlemanc.present.text.estimate import explanation_text

    assert isinstance(result, Estimate)  # --symbolic goes with neither
    return explanation_text(result) if explain else result.bibtex()


def _write_symbolic(result: Result, output: str) -> None:
    with atomic_directory(output) as directory:
        (directory / "symbolic.json").write_text(f"{json_text(result.to_json())}\n", encoding="utf-8")
        (directory / "symbolic.txt").write_text(f"{result.to_text(all=True)}\n", encoding="utf-8")


def _command(spec: str, overrides: tuple[str, ...], options: Mapping[str, object]) -> list[str]:
    """The words that make the same estimate again: of the example, or of the spec.toml that is written."""
    from carlemanc.spec.examples import example_names

    packaged = spec in example_names() and not is_file(spec)
    words = ["carlemanc", "estimate", spec if packaged else "spec.toml"]
    if packaged:
        words += [word for text in overrides for word in ("--set", text)]
    for name, value in options.items():
        if value is not None and value != _DEFAULT_OPTIONS.get(name):
            words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return words


def _check_options(*, symbolic: bool, explain: bool, bibtex: bool, as_json: bool, resolved: bool) -> None:
    """Raise InputError where two of the options ask for different outputs."""
    if symbolic and resolved:
        problem = Problem(
            where="--resolved", found="with --symbolic", allowed="an estimate of one configuration"
        )
        raise InputError("bad option", [problem])
    asked = {"--symbolic": symbolic, "--explain": explain, "--bibtex": bibtex, "--json": as_json}
    given = [name for name, is_given in asked.items() if is_given]
    if len(given) > 1 and given != ["--symbolic", "--json"]:
        problem = Problem(
            where=" ".join(given),
            found="more than one output",
            allowed="one of --symbolic, --explain, --bibtex and --json; --symbolic may be written as JSON",
            help="the JSON of an estimate has its explanations and references",
        )
        raise InputError("bad option", [problem])
