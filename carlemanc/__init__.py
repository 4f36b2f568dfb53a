"""Compile the training of a machine-learning model into a fault-tolerant quantum program, and price it.

Every command of the command line is a function of the same name and options: `derive`, `analyze`, `system`, `compile`,
`run`, `estimate`, `solvers`, `optimize`, `sweep`, `verify`, `dissipation`, `train` take a `ModelSpec`, a path or the
name of a packaged example and return frozen results; `report`, `examples`, `init` and `schema` need none. `circuit` is
`compile` without files; `given` makes the spec of a linear system of arrays; `solve` takes a block encoding and a
preparation of Qualtran instead. Names are resolved on first use, as `__init__.pyi` lists them for type checkers:
importing the package imports nothing numerical, and any stage may ask it for `__version__`.
"""

from __future__ import annotations

from carlemanc.core.lazy import public_names

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
__all__.append("__version__")
