"""Fault-tolerant cost: ledgers that add up to a printed total, and what they take in qubits and hours.

Comes in: counts of bloqs or of an emitted program, and a split of the error. Goes out: a `Ledger` whose total
is the sum of its rows, fitted exponents, the best classical program, and physical costs in the surface code
([litinski2019game], [fowler2018], [beverland2022]). Every formula and table names its source.
"""

from carlemanc.costs.ledger import Ledger as Ledger
from carlemanc.costs.ledger import LedgerRow as LedgerRow
