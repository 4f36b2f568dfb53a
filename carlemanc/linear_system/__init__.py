"""The linear-system stage: a Carleman system over T steps becomes L x = b in the basis of the quantum registers.

In: a `CarlemanSystem`, T, padding p and u_in. Out: a `HistorySystem` (L, b, the classical solution, the readout
indices) and the condition number of L, as a rigorous bound and computed.
"""

from carlemanc.linear_system.history import HistorySystem as HistorySystem
from carlemanc.linear_system.layout import RegisterLayout as RegisterLayout
