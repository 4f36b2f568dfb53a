"""Linear-system solvers: how a state near L^-1 b, or theta(T), comes out of a block encoding, and how it is read.

Comes in: a block encoding with alpha, a bound on ||L^-1||, a precision. Goes out: a `SolverPlan` (queries,
success probability, certificate) and the bloqs that carry it out. QSVT [gslw2019] with the polynomial of
[sunderhauf2025], LCU [childs2017], HHL [hhl2009], adiabatic [costa2022], kernel reflection [dalzell2024], time
marching [fang2023]. Names load on first use, so planning does not import Qualtran.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
