from carlemanc.sweeps.driver import Sweep as Sweep
from carlemanc.sweeps.driver import sweep as sweep
from carlemanc.sweeps.grid import GridAxis as GridAxis
from carlemanc.sweeps.grid import grid_points as grid_points
from carlemanc.sweeps.grid import parse_axis as parse_axis
from carlemanc.sweeps.store import RowStore as RowStore
