"""Fault-tolerant cost: ledgers that add up to a printed total, and what they take in qubits and hours.

Comes in: counts of bloqs or of an emitted program, and a split of the error. Goes out: a `Ledger` whose total
is the sum of its rows, fitted exponents, the best classical program, and physical costs in the surface code
([litinski2019game], [fowler2018], [beverland2022]). Every formula and table names its source. Names load on first use.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
