"""Model: a loss, or a map file, becomes the polynomial gradient-descent map u -> u + sum_l F_l u^(x)l.

In: an expression of the whitelist grammar with parameters and data, or arrays of a `[map]` file. Out: a
`PolynomialMap` about the chosen center, exact where the text is exact. Names are resolved on first use, so
that a spec can check an expression without importing numpy.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
