"""Block encodings of the history matrix as Qualtran bloqs.

Comes in: a `HistorySystem`. Goes out: a bloq U with <0|U|0> = L / alpha whose size depends on the number of
nonzero tensor entries and on log2 of n and T, never on n^N or n T. Discrete Carleman blocks, exact or with
truncated corrections.
"""

from carlemanc.block_encoding.encode import StepForms as StepForms
from carlemanc.block_encoding.encode import encode as encode
from carlemanc.block_encoding.encode import step_forms as step_forms
from carlemanc.block_encoding.history.history_encoding import HistoryBlockEncoding as HistoryBlockEncoding
