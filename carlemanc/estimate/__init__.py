"""Fault-tolerant cost: ledgers of logical counts that add up to a printed total.

Comes in: counts of bloqs or of an emitted program. Goes out: a `Ledger` whose total is the sum of its rows.
"""

from carlemanc.estimate.ledger import Ledger as Ledger
from carlemanc.estimate.ledger import Row as Row
