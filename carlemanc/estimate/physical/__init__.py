"""Physical cost of a logical circuit in the surface code: qubits and seconds, as a frontier of trade-offs.

Comes in: a `LogicalJob` (qubits, T, Toffoli, rotations as T gates, measurements). Goes out: `PhysicalCost`
points for a hardware preset within a failure budget, none of them worse than another in both qubits and time. Counts
are exact integers of any size. Models and tables carry their sources; nothing here is proved.
"""

from carlemanc.estimate.physical.cost import PhysicalCost as PhysicalCost
from carlemanc.estimate.physical.cost import physical_cost as physical_cost
from carlemanc.estimate.physical.factories import Factory as Factory
from carlemanc.estimate.physical.factories import factories_for as factories_for
from carlemanc.estimate.physical.frontier import frontier as frontier
from carlemanc.estimate.physical.frontier import smallest_volume as smallest_volume
from carlemanc.estimate.physical.hardware import HARDWARE as HARDWARE
from carlemanc.estimate.physical.hardware import Hardware as Hardware
from carlemanc.estimate.physical.job import LogicalJob as LogicalJob
from carlemanc.estimate.physical.layout import LAYOUTS as LAYOUTS
from carlemanc.estimate.physical.layout import Layout as Layout
