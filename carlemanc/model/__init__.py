"""Model: a loss, a network or a map file becomes the polynomial gradient-descent map u -> u + sum_l F_l u^(x)l.

Comes in: an expression of the whitelist grammar with parameters and data, layers, or arrays of a `[map]` file.
Goes out: a `PolynomialMap` about the chosen center, exact where the text is exact. Names load on first use, so
that a spec can check an expression without numpy. The map is that of [liu2024], its powers of the learning rate
all kept.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
