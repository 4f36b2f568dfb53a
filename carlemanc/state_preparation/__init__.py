"""State preparation of the right-hand side b as a Qualtran bloq.

Comes in: a `HistorySystem`, or the nonzero entries of a vector. Goes out: a bloq that maps |0> to b/||b|| on
the system register and leaves no work bit behind. Amplitudes are loaded by the cheapest of several ways, trees
of rotations [grover2002] and lookups with alias sampling [babbush2018] among them.
"""

from carlemanc.state_preparation.right_hand_side import PrepareRightHandSide as PrepareRightHandSide
from carlemanc.state_preparation.right_hand_side import prepare as prepare
from carlemanc.state_preparation.scheduled_right_hand_side import (
    PrepareScheduledRightHandSide as PrepareScheduledRightHandSide,
)
