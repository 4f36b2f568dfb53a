"""Block encodings of the history matrix as Qualtran bloqs.

Comes in: a `HistorySystem`. Goes out: a bloq U with <0|U|0> = L / alpha whose size depends on the number of
nonzero tensor entries and on log2 of n and T, never on n^N or n T; Carleman blocks exact or with truncated
corrections. What a block encoding is and how sparse access makes one: [gslw2019]; sums over samples:
[childs2012].
"""

from carlemanc.block_encoding.encode import encode as encode
from carlemanc.block_encoding.history.history_encoding import HistoryBlockEncoding as HistoryBlockEncoding
from carlemanc.block_encoding.step_forms import StepForms as StepForms
from carlemanc.block_encoding.step_forms import step_forms as step_forms
