"""The flat circuit: bloqs emitted as a `Program`, its exact tallies, Clifford+T synthesis, and a simulator.

Names are imported on first use, so that a light command loads neither Qualtran nor numpy.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
