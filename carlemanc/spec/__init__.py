"""The model spec: TOML or Python in, a frozen `ModelSpec` out, or one `InputError` with every problem.

Pure data: imports pydantic, the standard library and the expression grammar, nothing numerical.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
