"""`solve`: a linear system of which circuits alone are known: a block encoding and a state preparation of Qualtran."""

from __future__ import annotations

from dataclasses import replace

from qualtran import Bloq
from qualtran.bloqs.block_encoding import BlockEncoding

from carlemanc.access.encoded import Encoded
from carlemanc.access.inversion import inversion
from carlemanc.access.own_encoding import own_encoding
from carlemanc.commands.solution import Solution
from carlemanc.core.errors import InputError, Problem, TooLarge
from carlemanc.core.rounding import rounded_down
from carlemanc.methods.amplified import Amplified
from carlemanc.methods.method import AnyMethod
from carlemanc.methods.plan import Plan
from carlemanc.methods.registry import LEADING, METHODS, method_named
from carlemanc.programs.bloq_counts import BloqCounter
from carlemanc.programs.lowering import Uncompute

METHOD_SHARE = 0.9
"""Of epsilon, without what the encoding takes; the rest is for rotations, whose words grow with its logarithm alone."""
AUTO = "auto"
_UNKNOWN_NORM = {"norm": "unknown"}
"""Options of a method that may not use the norm of x, where it has them."""


def solve(
    *,
    encoding: BlockEncoding,
    preparation: Bloq,
    inverse_norm: float,
    method: str | AnyMethod = LEADING,
    epsilon: float = 1e-3,
    rhs_norm: float = 1.0,
    solution_norm: float | None = None,
    amplification: bool = False,
    uncompute: Uncompute | None = None,
) -> Solution:
    """Plan, count and compile the solution of L x = b, of which circuits alone are known.

    Args:
        encoding: a Qualtran `BlockEncoding` of L, of whatever bloqs decompose into gates: on `system` and, as far as
            there are any, `ancilla` and `resource`, signal state |0>. Its `alpha` is believed, and its `epsilon` but
            for what Qualtran leaves out of it: the rounding of alias sampling.
        preparation: a Qualtran bloq that takes |0> to b/||b|| on as many qubits as `system` has, one register or more.
        inverse_norm: a bound of ||L^-1||, which decides how long the circuit is; at least 1/alpha.
        method: "qsvt", "lcu", "kernel", "hhl" or "adiabatic", or a method of `carlemanc.methods` with its options;
            "auto": of those whose error is certified the one of fewest T a success, even if it loses the norm of x.
        epsilon: relative error of x.
        rhs_norm: ||b||: x is then that of b, not of b/||b||.
        solution_norm: ||x||; where it is not known, the success probability is a lower bound, "kernel" runs as for an
            unknown norm, and methods that lose the norm of x give x/||x||.
        amplification: amplify the success, in the rounds that lower the expected uses most; needs `solution_norm`.
        uncompute: how ANDs are undone, "measure" or "unitary"; by default unitarily in OpenQASM 2 alone.

    Raises InputError where an argument cannot be served, with the bloq that has no gates named, TooLarge where the
    circuit is longer than is solved for.

    >>> from qualtran.bloqs.basic_gates import Hadamard, XGate, ZGate
    >>> from qualtran.bloqs.block_encoding import LinearCombination, Unitary
    >>> own = LinearCombination((Unitary(ZGate()), Unitary(XGate())), (0.75, 0.25), lambd_bits=2)
    >>> found = solve(encoding=own, preparation=Hadamard(), inverse_norm=1.3)
    >>> found.queries, found.simulate().x.real.round(2).tolist()
    (7, [1.13, -0.57])
    """
    system = own_encoding(
        encoding, preparation, inverse_norm=inverse_norm, rhs_norm=rhs_norm, solution_norm=solution_norm
    )
    if method != AUTO:
        return _solved(_method(method, system, amplification), system, epsilon, uncompute)
    found, refused = [], []
    for name in METHODS:
        try:
            found.append(_solved(_method(name, system, amplification), system, epsilon, uncompute))
        except (
            InputError,
            TooLarge,
        ) as error:  # of this method; that of the leading one is told where none is left
            refused.append(error)
    certified = [one for one in found if one.plan.is_certified]
    if not certified:
        raise refused[0]
    return min(certified, key=lambda one: one.expected_t)


def _solved(chosen: AnyMethod, system: Encoded, epsilon: float, uncompute: Uncompute | None) -> Solution:
    """Return the solution by one method."""
    access = system.access()
    left, harm = _shared(epsilon, access.rounding.harm or 0.0)
    share = METHOD_SHARE * left / (1 + harm)
    plan = _plan(chosen, system, chosen.inner_epsilon(share))
    error = share if plan.one_use is not plan else plan.error_bound
    bloq = chosen.circuit(plan, access)
    counts = BloqCounter().count(bloq, uncompute or "measure")
    precision = plan.rotation_precision((1 - METHOD_SHARE) * left, counts.rotation_count)
    return Solution(
        method=plan.method,
        alpha=system.alpha,
        kappa=system.alpha * system.inverse_norm,
        epsilon=epsilon,
        error_bound=error * (1 + harm) + harm,
        queries=plan.queries_L,
        preparations=plan.queries_b,
        success_probability=plan.success_probability,
        success_is_bound=plan.success_is_bound,
        keeps_norm=plan.amplitude_scale is not None,
        rotation_epsilon=min(0.5, rounded_down(precision)),
        bloq=bloq,
        uncompute=uncompute,
        counts=counts,
        plan=plan,
        system=system,
    )


def _method(asked: str | AnyMethod, system: Encoded, amplification: bool) -> AnyMethod:
    """Return the method, told where the norm of x is not known, amplified where that is asked for.

    Raises InputError for one that does not invert, or an amplified one that does not know how far it turns.
    """
    if isinstance(asked, str):
        options = METHODS[asked].options if asked in METHODS and system.solution_norm is None else {}
        chosen = method_named(asked, **{key: _UNKNOWN_NORM[key] for key in options if key in _UNKNOWN_NORM})
    else:
        chosen = asked
    problems = []
    if chosen.traits.access is not inversion:
        allowed = "a method that inverts: qsvt, lcu, kernel, hhl, adiabatic"
        problems.append(Problem(where="method", found=chosen.name, allowed=allowed))
    if amplification and not isinstance(chosen, Amplified):
        chosen = Amplified(inner=chosen)
    if isinstance(chosen, Amplified) and system.solution_norm is None:
        allowed = "solution_norm = ||x||: how far the rounds turn follows from it"
        problems.append(
            Problem(where="amplification", found="asked for, and solution_norm is not told", allowed=allowed)
        )
    if problems:
        raise InputError("the method cannot be used here", problems)
    return chosen


def _shared(epsilon: float, harm: float) -> tuple[float, float]:
    """Return what the encoding leaves of epsilon, and what it takes. Raises InputError where it leaves nothing."""
    problems = []
    if not isinstance(epsilon, (int, float)) or not 0 < epsilon < 1:
        problems.append(Problem(where="epsilon", found=repr(epsilon), allowed="a number between 0 and 1"))
    elif harm >= epsilon:
        found = f"{epsilon:g}, where the encoding alone moves x by up to {harm:.3g}"
        problems.append(
            Problem(
                where="epsilon",
                found=found,
                allowed="more, or an encoding of a smaller error: more lambd_bits of a LinearCombination",
            )
        )
    if problems:
        raise InputError("the precision is out of reach", problems)
    return epsilon - harm, harm


def _plan(method: AnyMethod, system: Encoded, epsilon: float) -> Plan:
    """Return the plan; where ||x|| is not known, that of the worst norm of x.

    What a plan says changes with ||x|| monotonically, or is smallest at both ends of what is possible (the success of
    `kernel` at its guess), so the two ends bound all of it.
    """
    plans: list[Plan] = [method.plan(system.facts(norm), epsilon) for norm in system.norms_of_x]
    worst = max(plans, key=lambda plan: (plan.queries_L, plan.error_bound, -plan.success_probability))
    least = min(plan.success_probability for plan in plans)
    return replace(
        worst, success_probability=least, success_is_bound=worst.success_is_bound or len(plans) > 1
    )
