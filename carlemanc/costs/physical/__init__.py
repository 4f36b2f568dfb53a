"""Physical cost of a logical circuit in the surface code: qubits and seconds, as a frontier of trade-offs.

Comes in: a `LogicalJob` (qubits, T, Toffoli, rotations as T gates, measurements). Goes out: `PhysicalCost`
points for a hardware preset within a failure budget, none of them worse than another in both qubits and time. Counts
are exact integers of any size. Models and tables carry their sources; nothing here is proved.
"""

from carlemanc.costs.physical.cost import PhysicalCost as PhysicalCost
from carlemanc.costs.physical.cost import physical_cost as physical_cost
from carlemanc.costs.physical.factories import Factory as Factory
from carlemanc.costs.physical.factories import factories_for as factories_for
from carlemanc.costs.physical.frontier import frontier as frontier
from carlemanc.costs.physical.frontier import smallest_volume as smallest_volume
from carlemanc.costs.physical.hardware import HARDWARE as HARDWARE
from carlemanc.costs.physical.hardware import Hardware as Hardware
from carlemanc.costs.physical.job import LogicalJob as LogicalJob
from carlemanc.costs.physical.layout import LAYOUTS as LAYOUTS
from carlemanc.costs.physical.layout import Layout as Layout
