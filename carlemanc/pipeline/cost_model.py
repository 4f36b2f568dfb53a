"""The numbers behind the split of solver.epsilon: one spec's circuit as a `CostModel`.

Comes in: `Circuits`, of which only norms, the draft of the encoding and the preparation of b are made, and a method.
Nothing is emitted: the bloqs are counted once, and the method is outlined at two precisions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from carlemanc.bloqs.loading import DEFAULT_LOADING
from carlemanc.bloqs.rotations.loaded_ry import rounding_error
from carlemanc.circuit.rotation_prices import smooth_price
from carlemanc.estimate.error_split import CostModel, Trend
from carlemanc.pipeline.coefficients import caused_error
from carlemanc.solvers.readout import plan_readout

if TYPE_CHECKING:
    from carlemanc.pipeline.circuits import Circuits

OUTLINED = (1 / 4, 1 / 64)
"""Shares of epsilon that the method is outlined at."""
_OWN_ANDS = 2
"""ANDs of a method's own for each query, beside a reflection of the block's ancillas."""


def cost_model(circuits: Circuits, method: str) -> CostModel:
    """Return the model of a spec's runs by a method. Raises InputError or TooLarge as planning does."""
    encodings = circuits.march.encodings if method == "march" else (circuits.draft_encoding,)
    start = circuits.started_by(method)
    readable = circuits.readout_probability_of(method)
    first, second = (_outline(circuits, method, share, encodings[0].alpha) for share in OUTLINED)
    queries = [circuits.counter.count(encoding) for encoding in encodings]
    begun = circuits.counter.count(start)
    block = max(_ancillas(encoding) for encoding in encodings)
    own_rotations = 0 if method == "march" else 1

    def trend(name: str, kind: Any = "linear") -> Trend:
        return Trend(shares=OUTLINED, values=(getattr(first, name), getattr(second, name)), kind=kind)

    return CostModel(
        epsilon=circuits.spec.solver.epsilon,
        readout_amplitude=math.sqrt(readable),
        queries=trend("queries_L", "power" if method == "hhl" else "linear"),
        starts=trend("queries_b"),
        success=trend("success_probability", "power"),
        query_t=_mean([count.t_in_file for count in queries]) + 4 * (block + _OWN_ANDS),
        query_rotations=_mean([count.rotation_count for count in queries]) + own_rotations,
        start_t=begun.t_in_file,
        start_rotations=begun.rotation_count,
        **_loaded_bits(circuits, method, math.sqrt(readable)),
        price=smooth_price(circuits.spec.compile.synthesis),
        readout_exponent=_readout_exponent(circuits),
        faults_bias=circuits.spec.readout.method != "amplitude-estimation",
    )


def _outline(circuits: Circuits, method: str, share: float, alpha: float) -> Any:
    epsilon = circuits.epsilon_of(method) * share
    return circuits.solver_of(method, counting=True).outline(**circuits.plan_numbers(method, epsilon, alpha))


def _ancillas(encoding: Any) -> int:
    return sum(int(r.total_bits()) for r in encoding.signature.lefts() if r.name == "ancilla")


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)


def _loaded_bits(circuits: Circuits, method: str, readout_amplitude: float) -> dict[str, float]:
    """Rotations of a query for each bit of its loaded angles, and the share at which the draft's bits suffice.

    Each loaded angle has one rotation by its last bit, 2 pi / 2^bits, which tells how many there are.
    """
    encoding = circuits.draft_encoding if method != "march" else None
    rounding = rounding_error(encoding) if encoding is not None else 0.0
    if encoding is None or not rounding:
        return {"bit_rotations": 0, "bits_share": 1.0}
    bits = (circuits.loading or DEFAULT_LOADING).bits
    last = circuits.counter.count(encoding).rotations.get(2 * math.pi * 2.0**-bits, 0)
    relative = caused_error(encoding.alpha * rounding, circuits.inverse_norm.inverse_norm)
    share = relative / readout_amplitude / circuits.spec.solver.epsilon
    return {"bit_rotations": max(last, 1), "bits_share": min(share, 1e6)}


def _readout_exponent(circuits: Circuits) -> float:
    """The power of 1/epsilon that the copies grow by, at solver.epsilon; 0 where the shots are given."""
    table = circuits.spec.readout
    if table.shots:
        return 0.0

    def copies(epsilon: float) -> float:
        plan = plan_readout(
            circuits.n,
            epsilon,
            table.failure_probability,
            norm=table.norm,
            largest=table.largest or None,
            method=table.method,
        )
        return plan.magnitudes + plan.signs

    epsilon = circuits.spec.solver.epsilon
    return math.log2(copies(epsilon / 2) / copies(epsilon))
