"""Physical cost of a logical circuit in the surface code: qubits and seconds, as a frontier of trade-offs.

Comes in: a `LogicalJob` (qubits, T, Toffoli, rotations as T gates, measurements). Goes out: `PhysicalCost`
points for a hardware preset within a failure budget, none of them worse than another in both qubits and time. Counts
are exact integers of any size. Models and tables carry their sources; nothing here is proved. Names load on first use.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
