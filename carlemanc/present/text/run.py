"""What `run` read: theta(T) beside the truncated iterate and gradient descent, or x beside scipy's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from carlemanc.commands.run_result import Run, SystemRun
from carlemanc.commands.shot_readout import ShotReadout
from carlemanc.commands.system_shots import MagnitudeReadout
from carlemanc.commands.tomography_readout import TomographyReadout
from carlemanc.present.text import text
from carlemanc.present.text.layout import FIRST, View

if TYPE_CHECKING:
    from carlemanc.commands.observed import ObservedValue
    from carlemanc.commands.run_on_device import DeviceReport

_SHOWN = 8
"""Weights, or unknowns of a `[system]`, that are listed."""


@text.register
def run_text(found: Run, view: View = FIRST) -> str:
    """Return theta(T) beside classical gradient descent, and what the run was."""
    size = (
        f"{found.qubits} qubits, {found.gates} gates" if found.qubits else "exact block arithmetic, no gates"
    )
    bound = f"{found.truncation_bound:.3g}" if math.isfinite(found.truncation_bound) else "none"
    lines = [
        f"{found.name}: {size}, {_method_text(found.method, found.degree)}, back end {found.backend}, "
        f"{sum(found.seconds.values()):.1f} s",
        *([f"back end matrix was chosen: {found.backend_reason}"] if found.backend_reason else []),
        "",
        *(_observed(found.observables) if found.observables else _weights(found)),
    ]
    cause, beside = "truncation", ""
    if found.approximation_error:
        cause = "truncation and approximation"
        beside = (
            f"; approximation of the network {found.approximation_error:.3g}, measured, is allowed beside"
        )
    lines += [""]
    if not found.observables:
        lines += [
            f"error against gradient descent   {_figure(found.error)}   ({cause} {found.truncation_error:.3g})",
            f"allowed: truncation bound + eps  {found.allowed:.3g}   (bound {bound}, certified{beside})",
            f"relative solver error            {_figure(found.solver_error)}   ({_solver_note(found)})",
        ]
    lines += [
        f"success probability              {found.success_probability:.4g}",
        f"readout probability              {found.readout_probability:.4g}{_amplified(found)}",
    ]
    lines += _shots(found.readout) if found.readout else []
    lines += _device(found.device, "theta") if found.device else []
    return "\n".join(lines)


def _weights(found: Run) -> list[str]:
    """Return the first weights beside the truncated iterate and gradient descent."""
    lines = ["weight     quantum           Carleman          gradient descent"]
    number = len(found.theta_classical)
    names = found.addresses or range(number)
    for i in range(min(_SHOWN, number)):
        read = f"{'not read':<18}" if found.theta is None else f"{found.theta[i]:<18.10f}"
        values = (found.theta_carleman[i], found.theta_classical[i])
        lines.append(f"theta_{names[i]:<4} {read}" + "".join(f"{value:<18.10f}" for value in values).rstrip())
    if number > _SHOWN:
        lines.append(f"... {number - _SHOWN} more weights (all with --json)")
    return lines


def _observed(found: Sequence[ObservedValue]) -> list[str]:
    """Return the observables beside those of the truncated iterate and of gradient descent."""
    width = max(10, *(len(one.name) for one in found))
    lines = [f"{'observable':<{width}} {'quantum':<18}{'error bar':<13}{'Carleman':<18}gradient descent"]
    for one in found:
        bar = "exact" if one.uses is None else f"{one.error_bar:.3g}"
        values = (
            f"{'-' if value is None else f'{value:.10g}':<18}" for value in (one.carleman, one.classical)
        )
        lines.append(f"{one.name:<{width}} {one.value:<18.10g}{bar:<13}" + "".join(values).rstrip())
    drawn = sum(one.uses for one in found if one.uses is not None)
    if drawn:
        chance = "each error bar holds with probability 1 - readout.failure_probability"
        lines += ["", f"drawn from {drawn} uses of the run; {chance}"]
    return [*lines, "", "truncation changes a value by at most", *map(_certificate, found)]


def _certificate(one: ObservedValue) -> str:
    """Return how far the truncated value can be from gradient descent."""
    if one.certificate is None:
        return f"  {one.name}: nothing finite is proved"
    share = f"   ({100 * one.certificate / one.scale:.2g} % of its magnitude, certified)" if one.scale else ""
    return f"  {one.name}: {one.certificate:.3g}{share}"


def _amplified(found: Run) -> str:
    return "   (amplified with the success)" if found.amplification["flag"] == "readout" else ""


def _solver_note(found: Run) -> str:
    """Return what the relative solver error is to be held against."""
    if found.theta is None:
        return "nothing was read"
    if found.readout or found.device:
        return "of what the shots read: mostly their noise, which is allowed beside"
    return f"its share {found.solver_share:.3g} of epsilon {found.epsilon:g}"


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"


def _method_text(method: str, degree: int | None) -> str:
    return method.upper() if degree is None else f"{method.upper()} degree {degree}"


def _shots(found: ShotReadout | TomographyReadout) -> list[str]:
    """Return how many shots were drawn, and what they guarantee."""
    if isinstance(found, TomographyReadout):
        return [
            f"tomography                       {found.uses} uses of the run in {found.shots} circuits, {found.rounds} "
            f"rounds; seed {found.seed}",
            f"error from the rounds            at most {found.error_bound:.3g} with probability "
            f"{1 - found.failure_probability:g} (simulated constants)",
        ]
    if found.unread:
        return [
            f"shots                            {found.shots}   ({found.copies} for magnitudes and {found.sign_copies} "
            f"for signs at time T on level 1; seed {found.seed})",
            "error from shots                 not known: nothing was read",
        ]
    return [
        f"shots                            {found.shots}   ({found.magnitude_shots} for magnitudes, "
        f"{found.sign_shots} for signs; {found.copies} at time T on level 1; seed {found.seed})",
        f"error from shots                 {found.error_estimate:.3g} expected, at most {found.error_bound:.3g} "
        f"with probability {1 - found.failure_probability:g}",
    ]


def _device(found: DeviceReport, what: str) -> list[str]:
    """Return the device, what ran on it and how, and the noiseless values of `what`."""
    noiseless = ", ".join(f"{value:.6g}" for value in found.noiseless_theta[:4])
    return [
        f"device                           {found.name}, {found.device_qubits} qubits ({found.qubits} used)",
        f"transpiled (level {found.optimization_level}, seed {found.seed})     {found.two_qubit} two-qubit gates, "
        f"depth {found.depth}",
        f"success probability              {found.success_probability:.4g} measured, "
        f"{found.noiseless_success_probability:.4g} without noise",
        *_asked(found),
        f"{what + ' without noise':<32} {noiseless}{', ...' if len(found.noiseless_theta) > 4 else ''}",
        f"the noise of the device is in {what} and in no bound above",
    ]


def _asked(found: DeviceReport) -> list[str]:
    """Return what was asked for that the device does not do by itself."""
    words = [
        *([f"layout {','.join(map(str, found.layout))}"] if found.layout else []),
        *([f"decoupling {found.decoupling}"] if found.decoupling else []),
        *([f"twirling {found.twirling}"] if found.twirling else []),
        *(["readout errors taken out of the counts"] if found.mitigation else []),
    ]
    return [f"{'asked for':<32} {'; '.join(words)}"] if words else []


@text.register
def system_run_text(found: SystemRun, view: View = FIRST) -> str:
    """Return x beside scipy's."""
    size = f"{found.qubits} qubits, {found.gates} gates" if found.qubits else "exact arithmetic, no gates"
    lines = [
        f"{found.name}: {size}, {found.method}, back end {found.backend}, {sum(found.seconds.values()):.1f} s",
        *([f"back end matrix was chosen: {found.backend_reason}"] if found.backend_reason else []),
        "",
        f"unknown    {'|quantum|' if found.readout else 'quantum':<17} scipy spsolve",
    ]
    values, number = found.x if found.readout is None else found.magnitudes, len(found.x_classical)
    for i in range(min(_SHOWN, number)):
        read = f"{'not read':<17}" if values is None else f"{values[i]:<17.10g}"
        lines.append(f"x_{i:<8} {read} {found.x_classical[i]:.10g}")
    if number > _SHOWN:
        lines.append(f"... {number - _SHOWN} more (all with --json)")
    allowed = f"its share {found.solver_share:.3g} of epsilon {found.epsilon:g}"
    if found.readout:
        allowed = f"{allowed}, and shots; {found.allowed:.3g} in all"
    lines += [
        "",
        f"relative error       {_figure(found.solver_error)}   ({allowed})",
        f"success probability  {found.success_probability:.4g}",
    ]
    lines += _magnitudes(found.readout) if found.readout else []
    lines += _device(found.device, "|x|") if found.device else []
    return "\n".join(lines)


def _magnitudes(found: MagnitudeReadout) -> list[str]:
    """Return how many shots were drawn, and that they tell no sign."""
    return [
        f"shots                {found.shots}   ({found.copies} on an unknown with all ancillas |0>; seed {found.seed})",
        f"error from shots     at most {found.error_bound:.3g} with probability {1 - found.failure_probability:g}",
        "shots tell magnitudes and no signs: exact amplitudes (no --shots) tell both",
    ]
