"""Linear-system solvers: inversion polynomials, phase factors, the QSVT bloqs and the plan that joins them.

Comes in: a block encoding of L with alpha, a bound on ||L^-1||, a precision. Goes out: a `SolverPlan`
(degree, phases, queries, success probability, certificate) and the bloqs that carry it out. Names load on
first use, so planning does not import Qualtran.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
