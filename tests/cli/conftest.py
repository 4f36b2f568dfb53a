"""A pipeline result small enough to test the command line by itself."""

from dataclasses import dataclass
from typing import Any

import pytest

import carlemanc


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeResult:
    """What the command line needs of a result."""

    value: float = 1.5
    failure: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "n": 2**70, "bound": float("inf"), "theta": (1.0, 2.0)}

    def to_text(self, *, all: bool = False, width: int = 100) -> str:
        return f"value {self.value}"

    def to_latex(self) -> str:
        return r"\theta"

    def to_svg(self) -> str:
        return "<svg/>"


class FakePipeline:
    """Records what each verb asks for; `outcome` is returned, or raised where it is an exception."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any, dict[str, Any]]] = []
        self.outcome: Any = FakeResult()

    def function(self, verb: str) -> Any:
        def call(spec: Any, **options: Any) -> Any:
            self.calls.append((verb, spec, options))
            if isinstance(self.outcome, BaseException):
                raise self.outcome
            return self.outcome

        return call


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
    stand_in = FakePipeline()
    for verb in ("derive", "analyze", "system", "compile", "run", "estimate", "verify"):
        monkeypatch.setattr(carlemanc, verb, stand_in.function(verb), raising=False)
    return stand_in
