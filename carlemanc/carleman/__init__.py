"""The Carleman stage: a polynomial map becomes a truncated linear step, with certificates.

In: a `PolynomialMap`. Out: a `CarlemanSystem` (B and c in units of gamma, matrix-free and sparse), the rigorous
truncation error for finite T, the dissipation regime, the rescaling gamma, and the symbolic blocks of A by powers
of the learning rate.
"""

from carlemanc.carleman.flattening import balance as balance
from carlemanc.carleman.system import CarlemanSystem as CarlemanSystem
from carlemanc.carleman.system import linearize as linearize
