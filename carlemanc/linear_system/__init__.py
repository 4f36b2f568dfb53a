"""Linear system: T steps of a Carleman system become L x = b in the basis of the registers.

Comes in: a `CarlemanSystem`, T, padding p and u_in. Goes out: a `HistorySystem` (L, b, the classical solution,
the readout indices) and the condition number of L, as a rigorous bound and computed. The history matrix is that
of [liu2024]; the bounds on its inverse are derived in the docstrings.
"""

from carlemanc.linear_system.conditioning import Conditioning as Conditioning
from carlemanc.linear_system.conditioning import computed_conditioning as computed_conditioning
from carlemanc.linear_system.history import HistorySystem as HistorySystem
from carlemanc.linear_system.layout import RegisterLayout as RegisterLayout
from carlemanc.linear_system.norm_bounds import Bound as Bound
from carlemanc.linear_system.norm_bounds import kappa_bound as kappa_bound
from carlemanc.linear_system.padding import choose_padding as choose_padding
