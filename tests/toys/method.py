"""A toy method: QSVT under another name, with an option."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from carlemanc.methods.method import Method, Traits
from carlemanc.methods.qsvt_inversion import QSVTInversion


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy(Method[Any, Any]):
    """Inverts as qsvt does."""

    name: ClassVar[str] = "toy"
    flavor: str = "plain"

    @property
    def traits(self) -> Traits:
        from carlemanc.access.inversion import inversion

        return Traits(access=inversion, own_gates="toy phases", counted_unsolved=True, walks_queries=False)

    def plan(self, facts: Any, epsilon: float, *, phases: bool = True) -> Any:
        return replace(QSVTInversion().plan(facts, epsilon, phases=phases), method=self.name)

    def circuit(self, plan: Any, access: Any, eps: float = 0.0) -> Any:
        return QSVTInversion().circuit(plan, access, eps)

    def amplitudes(self, plan: Any, access: Any) -> Any:
        return QSVTInversion().amplitudes(plan, access)
