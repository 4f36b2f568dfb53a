"""Linear system: T steps of a Carleman system become L x = b in the basis of the registers.

Comes in: a `CarlemanSystem`, T, padding p and u_in. Goes out: a `HistorySystem` (L, b, the classical solution,
the readout indices) and the condition number of L, as a rigorous bound and computed. The history matrix is that
of [liu2024]; the bounds on its inverse are derived in the docstrings.
"""

from carlemanc.linear_system.history import HistorySystem as HistorySystem
from carlemanc.linear_system.norm_bounds import Bound as Bound
from carlemanc.linear_system.norm_bounds import kappa_bound as kappa_bound
from carlemanc.linear_system.padding import choose_padding as choose_padding
from carlemanc.linear_system.register_layout import RegisterLayout as RegisterLayout
from carlemanc.linear_system.singular_values import ComputedNorms as ComputedNorms
from carlemanc.linear_system.singular_values import computed_norms as computed_norms
