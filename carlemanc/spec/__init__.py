"""The model spec: what a user writes, checked.

Comes in: TOML, dictionaries or keywords, and `--set` overrides. Goes out: a frozen `ModelSpec`, or one
`InputError` with every problem in it. Imports pydantic, the standard library and the expression grammar,
nothing numerical. Its tables follow the method of [liu2024]: loss, gradient descent, Carleman order, solver,
readout.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
