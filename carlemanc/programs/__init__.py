"""The flat circuit: bloqs emitted as a `Program`, its exact tallies, Clifford+T synthesis, and a simulator.

Comes in: any Qualtran bloq of ours. Goes out: about fifteen primitives in order, counted exactly (emitted or
not), lowered to Clifford+T and run on sparse amplitudes. Words of rotations are those of [ross2016], mixed ones
of [kliuchnikov2023], ANDs of [gidney2018]. Names load on first use, so a light command loads neither Qualtran
nor numpy.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
