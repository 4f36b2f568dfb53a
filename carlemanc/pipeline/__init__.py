"""The drivers: from a spec to a result, through every stage in order.

Comes in: a `ModelSpec`, the path of one, or the name of a packaged example. Goes out: frozen results whose
`to_json()` is what the command of the same name prints with `--json`. The stages are those of [liu2024]. The
only package that knows all of them.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
