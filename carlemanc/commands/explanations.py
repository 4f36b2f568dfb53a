"""Every number of an estimate with its formula: assembled from the `Formula`s that stand beside the code."""

from __future__ import annotations

from collections.abc import Iterator

from carlemanc.commands.estimate_result import Estimate
from carlemanc.core.formula import Formula
from carlemanc.costs.classical_baseline import MACHINES, WALL_TIME, fitting
from carlemanc.costs.explanation import Explanation
from carlemanc.costs.physical.cost import QUBITS, TIME
from carlemanc.costs.physical.frontier import hardware_named
from carlemanc.evaluation.assumptions import qram_queries_of
from carlemanc.evaluation.design import Design
from carlemanc.evaluation.separation import BREAK_EVEN, FLOOR, GAIN, QUADRATIC, WALK_STEP, Separation
from carlemanc.methods.plan import KAPPA_EFFECTIVE, SUCCESS, SUCCESS_OF_METHOD
from carlemanc.programs.bloq_counts import COUNTS, WIDTH

METHOD = Formula(
    text="gradient descent u(t+1) = u(t) + sum_l F_l u(t)^l as y(t+1) = (I + A) y(t) + c over y_j = u^j, j <= N, "
    "all steps as one linear system L Y = b",
    status="published",
    sources=("liu2024",),
    where="discrete blocks derived here",
)
NO_TABLE = Formula(
    text="no table is read: coefficients are angles of rotations, indices are computed", status="derived here"
)
LOOKUP = Formula(
    text="tables are read inside the circuit by unary iteration", status="published", sources=("babbush2018",)
)
SELECT_SWAP = Formula(
    text="tables are read inside the circuit by unary iteration, or by select-swap where that costs less",
    status="published",
    sources=("babbush2018", "low2024"),
)
QRAM = Formula(
    text="a bucket-brigade query of N cells is priced at 2 Toffoli a router and one a level and bit",
    status="assumed",
    sources=("giovannetti2008",),
)


def explanations(design: Design, estimate: Estimate) -> Iterator[Explanation]:
    """Yield the numbers of an estimate in the order in which they follow from each other."""
    yield from _system(design, estimate)
    yield from _solver(design, estimate)
    yield from _readout(design, estimate)
    yield from _counts(design, estimate)
    yield from _physical(estimate)
    yield from _classical(estimate)


def _classical(estimate: Estimate) -> Iterator[Explanation]:
    program = estimate.baseline.program
    yield Explanation(
        name=f"classical flops, {program.name}",
        value=estimate.baseline.flops,
        formula=program.formula,
        inputs={"n": estimate.n} | ({} if estimate.steps is None else {"T": estimate.steps}),
    )
    for machine in MACHINES.values():
        held = fitting(estimate.baseline.programs, machine)
        if held is not None:
            yield Explanation(
                name=f"seconds on {machine.name}",
                value=float(held.seconds_on(machine)),
                formula=WALL_TIME,
                inputs={"flops": held.flops or 0, "rate": machine.flops_per_second},
            )
    separation = estimate.verdict.separation
    if separation is not None:
        yield from _separation(separation, estimate.steps or 0)


def _separation(found: Separation, steps: int) -> Iterator[Explanation]:
    yield Explanation(
        name="gain over classical walks",
        value=None,
        formula=GAIN,
        inputs={"alpha_B": found.alpha} | ({} if found.norm is None else {"||B||": found.norm}),
    )
    if found.query_seconds is None or found.floor_seconds is None:
        return
    query = {"seconds of a query": float(found.query_seconds)}
    yield Explanation(
        name="floor in seconds",
        value=float(found.floor_seconds),
        formula=FLOOR,
        inputs={"epsilon": found.epsilon, **query},
    )
    yield Explanation(
        name="p below which a square root pays",
        value=found.break_even_p,
        formula=BREAK_EVEN,
        inputs={
            "epsilon": found.epsilon,
            "T": steps,
            **query,
            "seconds of a step of a walk": float(WALK_STEP),
        },
    )
    yield Explanation(name="gains that pay", value=None, formula=QUADRATIC)


def _system(design: Design, estimate: Estimate) -> Iterator[Explanation]:
    if design.lifted is not None:
        yield Explanation(
            name="linear system",
            value=None,
            formula=METHOD,
            inputs={"n": estimate.n, "N": estimate.order, "T": estimate.steps},
        )
    encoding, found = design.access.encodings[0], design.access.conditioning
    if found is None:
        return
    step = getattr(encoding, "alpha_step", None)
    yield Explanation(
        name="alpha",
        value=estimate.alpha,
        formula=encoding.alpha_formula,
        inputs={} if step is None else {"alpha_B": step},
    )
    norms = {"||L||": found.norm, "||L^-1||": found.inverse_norm}
    yield Explanation(name="kappa", value=found.kappa, formula=found.formula, inputs=norms)
    yield Explanation(
        name="effective kappa",
        value=estimate.plan.kappa_effective,
        formula=KAPPA_EFFECTIVE,
        inputs={"alpha": estimate.alpha, "||L^-1||": found.inverse_norm},
    )


def _solver(design: Design, estimate: Estimate) -> Iterator[Explanation]:
    plan = estimate.plan
    first, *others = plan.references
    inputs = {"epsilon": design.one_use_epsilon * design.shares.polynomial, **plan.inputs}
    yield Explanation(name="queries to L", value=plan.queries_L, formula=first, inputs=inputs)
    for formula in others:
        yield Explanation(name=f"{plan.method} circuit", value=None, formula=formula)
    scale = plan.amplitude_scale
    yield Explanation(
        name="success probability",
        value=plan.success_probability,
        formula=SUCCESS_OF_METHOD if scale is None else SUCCESS,
        inputs={"||x||": plan.solution_norm} | ({} if scale is None else {"s": scale}),
    )


def _readout(design: Design, estimate: Estimate) -> Iterator[Explanation]:
    readout, probability = estimate.readout, estimate.readout_probability
    amplified = probability != estimate.plan.one_use.readout_probability
    yield Explanation(
        name="readout probability of one use" if amplified else "readout probability",
        value=estimate.plan.one_use.readout_probability,
        formula=design.system.norms.formula,
        inputs={"||x||": design.system.norms.solution_norm, "||b||": design.system.norms.rhs_norm},
    )
    yield Explanation(
        name=readout.unit,
        value=readout.copies,
        formula=readout.formula,
        inputs=readout.inputs,
    )
    yield Explanation(
        name="runs",
        value=estimate.runs,
        formula=readout.rule,
        inputs={
            readout.unit: readout.copies,
            "success probability": estimate.plan.success_probability,
            "readout probability": probability,
        },
    )


SYNTHESIS_SOURCES = {
    "gridsynth": "ross2016",
    "phase-gradient": "gidney2018",
    "mixed-fallback": "kliuchnikov2023",
}
"""Whose circuits the T gates of rotations are."""


def _counts(design: Design, estimate: Estimate) -> Iterator[Explanation]:
    queries = qram_queries_of(design)
    inputs = {"queries a call": queries} if queries else {}
    memory = QRAM if queries else _lookup(design, estimate)
    yield Explanation(name="memory", value=None, formula=memory, inputs=inputs)
    yield Explanation(name="T outside ANDs", value=estimate.t_count, formula=COUNTS)
    yield Explanation(name="Toffoli", value=estimate.toffoli_count, formula=COUNTS)
    yield Explanation(
        name="T of rotations",
        value=estimate.rotation_t,
        formula=Formula(
            text=estimate.prices.source,
            status="second-hand",
            sources=(SYNTHESIS_SOURCES[estimate.prices.synthesis],),
        ),
        inputs={"precision of each": estimate.rotation_epsilon},
    )
    yield Explanation(name="logical qubits", value=estimate.logical_qubits, formula=WIDTH)


def _lookup(design: Design, estimate: Estimate) -> Formula:
    """How tables are read without QRAM."""
    if not estimate.ledger.names_a("lookup"):
        return NO_TABLE
    return SELECT_SWAP if design.at.reading.ancilla_budget else LOOKUP


def _physical(estimate: Estimate) -> Iterator[Explanation]:
    point, machine = estimate.physical.best, hardware_named(estimate.physical.hardware)
    yield Explanation(
        name="hardware",
        value=machine.name,
        formula=Formula(text=machine.source, status="assumed", sources=machine.sources),
        inputs={
            "p": machine.physical_error,
            "cycle": float(machine.cycle),
            "reaction": float(machine.reaction),
        },
    )
    faults = estimate.faults
    yield Explanation(
        name="failure budget of a run",
        value=faults.failure_probability,
        formula=faults.formula,
        inputs=faults.inputs,
    )
    if point is None:
        return
    yield Explanation(
        name="physical qubits",
        value=point.qubits,
        formula=point.formula(QUBITS),
        inputs={
            "d": point.distance,
            "patches": point.patches,
            "factories": point.factories,
            "factory": point.factory,
            "logical qubits": estimate.logical_qubits,
        },
    )
    yield Explanation(name="seconds of a run", value=point.seconds, formula=point.formula(TIME))
