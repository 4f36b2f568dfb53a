"""Whether a training looks the same at a smaller n: the same terms on every site, and a start of the same law.

Refused wherever that is not plain from the spec. Of a start that is a function of the site only those are taken whose
every argument spans the same numbers at both sizes, in steps that are small on the smaller lattice: the same profile,
resolved. A fixed period, or signs of high bits, may hold what the smaller lattice does not show.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from carlemanc.classical.question import Question, Value
from carlemanc.linear_system.lifted import Lifted
from carlemanc.model.lattice.tensor import LatticeTensor
from carlemanc.model.polynomial_map import PolynomialMap
from carlemanc.model.starts.function_weights import FunctionWeights
from carlemanc.model.starts.tree import (
    ON_BITS,
    Apply,
    Node,
    affine,
    constant_value,
    is_constant,
    sizes_of,
    whole,
)
from carlemanc.model.weights import Weights
from carlemanc.spec.schema_training import FunctionStart, NormalStart

LARGEST_STEP = 0.1
"""The most that an argument of a start may change from one site of the smaller lattice to the next."""
LARGEST_BITS = 1 << 10
"""Signs and bits with a period of at most so many sites look the same at every size."""
_SAME = 1e-9


def why_not_homogeneous(question: Question) -> str:
    """Return what keeps a training from having the same law on every site, empty where nothing does."""
    source, lifted = question.source, question.lifted
    if not question.values:
        return "every weight is asked for"
    if source is None or source.spec.loss is None or source.upload is not None:
        return "it is not a loss on a lattice, of which there are other sizes"
    spec = source.spec
    is_whole = spec.model.sparsity is None and spec.model.mask is None
    if spec.data is not None or not is_whole or spec.training.center != "zero":
        return "its data, its frozen weights or its center fix n"
    if not lifted.sequence.is_constant or not _is_homogeneous(lifted.sequence.maps[0]):
        return "its steps are not the same on every site and at every time"
    if not isinstance(spec.training.initial, NormalStart | FunctionStart):
        return "its start is a list of weights"
    local = [value.name for value in question.values if not _is_extensive(value)]
    return f"{local[0]} is not a sum over all sites" if local else ""


def _is_extensive(value: Value) -> bool:
    return bool(value.polynomial.map.operators) and _is_homogeneous(value.polynomial.map)


def _is_homogeneous(map: PolynomialMap) -> bool:
    """Return whether a map is stencils alone, each on every site that has the neighbors it names."""
    return all(
        isinstance(operator, LatticeTensor)
        and not operator.entries.nnz
        and all(
            item.profile is None and item.box == operator.lattice.inside(item.offsets)
            for item in operator.stencils
        )
        for operator in map.operators.values()
    )


def ratio_of(large: PolynomialMap, small: PolynomialMap) -> float | None:
    """Return c with F_l of the large lattice = c F_l of the small one on every site, None where there is none."""
    ratios = set()
    if set(large.operators) != set(small.operators):
        return None
    for degree, operator in large.operators.items():
        other = small.operators[degree]
        if not isinstance(operator, LatticeTensor) or not isinstance(other, LatticeTensor):
            return None
        if [item.offsets for item in operator.stencils] != [item.offsets for item in other.stencils]:
            return None
        for one, two in zip(operator.stencils, other.stencils, strict=True):
            ratios.add(float(one.coefficient) / float(two.coefficient))
    first = next(iter(ratios), 1.0)
    return first if all(math.isclose(first, ratio, rel_tol=1e-12) for ratio in ratios) else None


def has_same_law(large: Lifted, small: Lifted, share: float, *, is_random: bool) -> bool:
    """Return whether steps and start of a smaller lattice are those of the larger one.

    Args:
        large, small: the trainings.
        share: relative difference that is allowed to the moments of a start that is a function.
        is_random: whether the spec draws its start, site by site.
    """
    if ratio_of(large.sequence.maps[0], small.sequence.maps[0]) != 1.0:
        return False
    if is_random:
        return True
    one, two = large.displacement, small.displacement
    if isinstance(one, Weights) and isinstance(two, Weights):
        return one.is_constant and two.is_constant and _close(one.fill, two.fill)
    if not isinstance(one, FunctionWeights) or not isinstance(two, FunctionWeights):
        return False
    return _same_arguments(one, two) and all(
        math.isclose(_moment(one, power), _moment(two, power), rel_tol=share) for power in (1, 2)
    )


def _moment(start: FunctionWeights, power: int) -> float:
    """Return the mean of the square, or of the fourth power, over all sites."""
    train = start.train if power == 1 else start.train.times(start.train)
    return train.norm() ** 2 / start.n


def _same_arguments(large: FunctionWeights, small: FunctionWeights) -> bool:
    pairs = list(zip(_parts(large.node, large), _parts(small.node, small), strict=False))
    return len(list(_parts(large.node, large))) == len(list(_parts(small.node, small))) and all(
        _is_same(one, large, two, small) for one, two in pairs
    )


def _parts(node: Node, start: FunctionWeights) -> Iterator[Node]:
    """Yield constants, lines and functions on bits: what a start is made of, the largest of each."""
    is_line = affine(node, sizes_of(start.dims)) is not None
    if is_line or (isinstance(node, Apply) and node.name in ON_BITS):
        yield node
        return
    assert isinstance(node, Apply)
    for part in node.parts:
        yield from _parts(part, start)


def _is_same(one: Node, large: FunctionWeights, two: Node, small: FunctionWeights) -> bool:
    sizes, others = sizes_of(large.dims), sizes_of(small.dims)
    if isinstance(one, Apply) and one.name in ON_BITS:
        return isinstance(two, Apply) and _same_bits(one, large, two, small)
    if is_constant(one):
        return is_constant(two) and _close(constant_value(one, sizes), constant_value(two, others))
    line, other = affine(one, sizes), affine(two, others)
    assert line is not None
    assert other is not None
    for axis, index in enumerate("ijk"[: len(large.dims)]):
        span, spanned = line.get(index, 0.0) * large.dims[axis], other.get(index, 0.0) * small.dims[axis]
        if not _close(span, spanned) or abs(other.get(index, 0.0)) > LARGEST_STEP:
            return False
    return _close(line.get("", 0.0), other.get("", 0.0))


def _same_bits(one: Apply, large: FunctionWeights, two: Apply, small: FunctionWeights) -> bool:
    if one.name != two.name or one.parts[0] != two.parts[0] or one.name == "bent":
        return False
    numbers = [whole(part, sizes_of(large.dims), "an argument") for part in one.parts[1:]]
    others = [whole(part, sizes_of(small.dims), "an argument") for part in two.parts[1:]]
    axis = "ijk".index(getattr(one.parts[0], "name", "i"))
    if one.name == "interval":
        return all(
            abs(a / large.dims[axis] - b / small.dims[axis]) <= 1.0 / small.dims[axis]
            for a, b in zip(numbers, others, strict=True)
        )
    period = 2 * numbers[0] if one.name == "walsh" else 2 << numbers[0]
    return numbers == others and period <= LARGEST_BITS


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_SAME, abs_tol=1e-12)
