"""The model spec: TOML or Python in, a frozen `ModelSpec` out, or one `InputError` with every problem.

Pure data: imports pydantic, the standard library and the expression grammar, nothing numerical.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carlemanc.spec.examples import Example as Example
    from carlemanc.spec.examples import packaged_examples as packaged_examples
    from carlemanc.spec.loading import load_spec as load_spec
    from carlemanc.spec.schema import ModelSpec as ModelSpec

__all__ = ["Example", "ModelSpec", "load_spec", "packaged_examples"]

_HOMES = {
    "Example": "carlemanc.spec.examples",
    "ModelSpec": "carlemanc.spec.schema",
    "load_spec": "carlemanc.spec.loading",
    "packaged_examples": "carlemanc.spec.examples",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
