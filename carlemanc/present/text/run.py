"""What `run` read: theta(T) beside the truncated iterate and gradient descent, or x beside scipy's."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from carlemanc.commands.run_result import Run, SystemRun
from carlemanc.commands.shot_readout import ShotReadout
from carlemanc.commands.system_shots import MagnitudeReadout
from carlemanc.commands.tomography_readout import TomographyReadout
from carlemanc.present.text import text
from carlemanc.present.text.amounts import amount
from carlemanc.present.text.layout import FIRST, Fact, View, facts, table, wrapped

if TYPE_CHECKING:
    from carlemanc.commands.observed import ObservedValue
    from carlemanc.commands.run_on_device import DeviceReport

_SHOWN = 8
"""Weights, or unknowns of a `[system]`, that are listed."""


@text.register
def run_text(found: Run, view: View = FIRST) -> str:
    """Return theta(T) beside classical gradient descent, and what the run was."""
    width = view.width
    size = (
        f"{found.qubits} qubits, {found.gates} gates" if found.qubits else "exact block arithmetic, no gates"
    )
    size = f"{size}, {_method_text(found.method, found.degree)}, back end {found.backend}"
    lines = [
        *wrapped(_agreement(found), width),
        *wrapped(f"{size}, {sum(found.seconds.values()):.1f} s", width),
        *_chosen_backend(found, width),
        "",
        *(_observed(found.observables, width) if found.observables else _weights(found, view)),
        "",
    ]
    pairs = [] if found.observables else list(_errors(found))
    pairs.append(("success probability", amount(found.success_probability)))
    pairs.append(("readout probability", f"{amount(found.readout_probability)}{_amplified(found)}"))
    pairs += _shots(found.readout) if found.readout else []
    pairs += _device(found.device, "theta") if found.device else []
    return "\n".join([*lines, *facts(pairs, width)])


def _agreement(found: Run) -> str:
    """Return how what was read agrees with gradient descent, in one sentence."""
    if found.observables:
        return f"{found.name}: {len(found.observables)} observables beside those of gradient descent."
    if found.error is None:
        return f"{found.name}: nothing was read of theta(T)."
    if found.device:
        return (
            f"{found.name}: theta(T) is {amount(found.error)} from gradient descent, with the device's noise."
        )
    within = "within" if found.error <= found.allowed else "NOT within"
    return (
        f"{found.name}: theta(T) is {amount(found.error)} from gradient descent, {within} the allowed "
        f"{amount(found.allowed)}."
    )


def _chosen_backend(found: Run | SystemRun, width: int) -> list[str]:
    if not found.backend_reason:
        return []
    return wrapped(f"back end matrix was chosen: {found.backend_reason}", width, after="  ")


def _errors(found: Run) -> Iterator[Fact]:
    """Return the error beside what is allowed, and the share of the solver."""
    bound = amount(found.truncation_bound) if math.isfinite(found.truncation_bound) else "none"
    cause, beside = "truncation", ""
    if found.approximation_error:
        cause = "truncation and approximation"
        beside = (
            f"; approximation of the network {amount(found.approximation_error)}, measured, is allowed beside"
        )
    yield (
        "error against gradient descent",
        f"{_figure(found.error)} ({cause} {amount(found.truncation_error)})",
    )
    yield (
        "allowed: truncation bound + eps",
        f"{amount(found.allowed)} (bound {bound}, certified{beside})",
    )
    yield "relative solver error", f"{_figure(found.solver_error)} ({_solver_note(found)})"


def _weights(found: Run, view: View) -> list[str]:
    """Return the first weights, or all, beside the truncated iterate and gradient descent."""
    number = len(found.theta_classical)
    shown = number if view.whole else min(_SHOWN, number)
    names = found.addresses or range(number)
    rows = [
        (
            f"theta_{names[i]}",
            "not read" if found.theta is None else f"{found.theta[i]:.10f}",
            f"{found.theta_carleman[i]:.10f}",
            f"{found.theta_classical[i]:.10f}",
        )
        for i in range(shown)
    ]
    lines = table(("weight", "quantum", "Carleman", "gradient descent"), rows, view.width)
    return [*lines, *([f"... {number - shown} more weights (all with --all)"] if number > shown else [])]


def _observed(found: Sequence[ObservedValue], width: int) -> list[str]:
    """Return the observables beside those of the truncated iterate and of gradient descent."""
    rows = [
        (
            one.name,
            f"{one.value:.10g}",
            "exact" if one.uses is None else amount(one.error_bar),
            *("-" if value is None else f"{value:.10g}" for value in (one.carleman, one.classical)),
        )
        for one in found
    ]
    lines = table(("observable", "quantum", "error bar", "Carleman", "gradient descent"), rows, width)
    drawn = sum(one.uses for one in found if one.uses is not None)
    if drawn:
        chance = "each error bar holds with probability 1 - readout.failure_probability"
        lines += ["", *wrapped(f"drawn from {drawn} uses of the run; {chance}", width)]
    return [*lines, "", "truncation changes a value by at most", *map(_certificate, found)]


def _certificate(one: ObservedValue) -> str:
    """Return how far the truncated value can be from gradient descent."""
    if one.certificate is None:
        return f"  {one.name}: nothing finite is proved"
    share = (
        f" ({amount(100 * one.certificate / one.scale)} % of its magnitude, certified)" if one.scale else ""
    )
    return f"  {one.name}: {amount(one.certificate)}{share}"


def _amplified(found: Run) -> str:
    return " (amplified with the success)" if found.amplification["flag"] == "readout" else ""


def _solver_note(found: Run) -> str:
    """Return what the relative solver error is to be held against."""
    if found.theta is None:
        return "nothing was read"
    if found.readout or found.device:
        return "of what the shots read: mostly their noise, which is allowed beside"
    return f"its share {found.solver_share:.3g} of epsilon {found.epsilon:g}"


def _figure(value: float | None) -> str:
    return "none" if value is None else amount(value)


def _method_text(method: str, degree: int | None) -> str:
    return method.upper() if degree is None else f"{method.upper()} degree {degree}"


def _shots(found: ShotReadout | TomographyReadout) -> list[Fact]:
    """Return how many shots were drawn, and what they guarantee."""
    chance = f"with probability {1 - found.failure_probability:g}"
    if isinstance(found, TomographyReadout):
        return [
            (
                "tomography",
                f"{found.uses} uses of the run in {found.shots} circuits, {found.rounds} rounds; seed {found.seed}",
            ),
            (
                "error from the rounds",
                f"at most {amount(found.error_bound)} {chance} (simulated constants)",
            ),
        ]
    if found.unread:
        return [
            (
                "shots",
                f"{found.shots} ({found.copies} for magnitudes and {found.sign_copies} for signs at time T on level 1; "
                f"seed {found.seed})",
            ),
            ("error from shots", "not known: nothing was read"),
        ]
    return [
        (
            "shots",
            f"{found.shots} ({found.magnitude_shots} for magnitudes, {found.sign_shots} for signs; {found.copies} at "
            f"time T on level 1; seed {found.seed})",
        ),
        (
            "error from shots",
            f"{amount(found.error_estimate)} expected, at most {amount(found.error_bound)} {chance}",
        ),
    ]


def _device(found: DeviceReport, what: str) -> list[Fact]:
    """Return the device, what ran on it and how, and the noiseless values of `what`."""
    noiseless = ", ".join(f"{value:.6g}" for value in found.noiseless_theta[:4])
    success = amount(found.noiseless_success_probability)
    return [
        ("device", f"{found.name}, {found.device_qubits} qubits ({found.qubits} used)"),
        (
            f"transpiled (level {found.optimization_level}, seed {found.seed})",
            f"{found.two_qubit} two-qubit gates, depth {found.depth}",
        ),
        (
            "success on the device",
            f"{amount(found.success_probability)} measured, {success} without noise",
        ),
        *_asked(found),
        (f"{what} without noise", f"{noiseless}{', ...' if len(found.noiseless_theta) > 4 else ''}"),
        ("noise", f"of the device is in {what} and in no bound above"),
    ]


def _asked(found: DeviceReport) -> list[Fact]:
    """Return what was asked for that the device does not do by itself."""
    words = [
        *([f"layout {','.join(map(str, found.layout))}"] if found.layout else []),
        *([f"decoupling {found.decoupling}"] if found.decoupling else []),
        *([f"twirling {found.twirling}"] if found.twirling else []),
        *(["readout errors taken out of the counts"] if found.mitigation else []),
    ]
    return [("asked for", "; ".join(words))] if words else []


@text.register
def system_run_text(found: SystemRun, view: View = FIRST) -> str:
    """Return x beside scipy's."""
    width = view.width
    size = f"{found.qubits} qubits, {found.gates} gates" if found.qubits else "exact arithmetic, no gates"
    size = f"{size}, {found.method}, back end {found.backend}, {sum(found.seconds.values()):.1f} s"
    values, number = found.x if found.readout is None else found.magnitudes, len(found.x_classical)
    shown = number if view.whole else min(_SHOWN, number)
    rows = [
        (f"x_{i}", "not read" if values is None else f"{values[i]:.10g}", f"{found.x_classical[i]:.10g}")
        for i in range(shown)
    ]
    head = "|quantum|" if found.readout else "quantum"
    pairs: list[Fact] = [("success probability", amount(found.success_probability))]
    pairs += _magnitudes(found.readout) if found.readout else []
    pairs += _device(found.device, "|x|") if found.device else []
    return "\n".join(
        [
            *wrapped(_system_agreement(found), width),
            *wrapped(size, width),
            *_chosen_backend(found, width),
            "",
            *table(("unknown", head, "scipy spsolve"), rows, width),
            *([f"... {number - shown} more (all with --all)"] if number > shown else []),
            "",
            *facts(pairs, width),
        ]
    )


def _system_agreement(found: SystemRun) -> str:
    """Return how what was read agrees with scipy, in one sentence."""
    if found.solver_error is None:
        return f"{found.name}: nothing was read of x."
    allowed = f"its share {amount(found.solver_share)} of epsilon {found.epsilon:g}"
    if found.readout:
        allowed = f"{allowed}, and shots; {amount(found.allowed)} in all"
    what = "|x|" if found.readout else "x"
    return f"{found.name}: {what} is {amount(found.solver_error)} from scipy's, relative to its norm ({allowed})."


def _magnitudes(found: MagnitudeReadout) -> list[Fact]:
    """Return how many shots were drawn, and that they tell no sign."""
    chance = f"with probability {1 - found.failure_probability:g}"
    return [
        ("shots", f"{found.shots} ({found.copies} on an unknown with all ancillas |0>; seed {found.seed})"),
        ("error from shots", f"at most {amount(found.error_bound)} {chance}"),
        ("signs", "shots tell magnitudes and no signs: exact amplitudes (no --shots) tell both"),
    ]
