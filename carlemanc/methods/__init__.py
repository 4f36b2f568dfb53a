"""Quantum algorithms that leave theta(T) - center, or x = L^-1 b, in a register: one a file, by name in `registry`.

Comes in: an `Access` (block encodings to query, and facts: norms and alphas) and a precision. Goes out: a `Plan`
(queries, success probability, certificate), made of the facts alone, and the bloq that carries it out. QSVT [gslw2019]
with the polynomial of [sunderhauf2025], LCU [childs2017], HHL [hhl2009], adiabatic [costa2022], kernel reflection
[dalzell2024], time marching [fang2023]. Names load on first use, so planning does not import Qualtran.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
