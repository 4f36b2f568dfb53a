from carlemanc.sweep.driver import Sweep as Sweep
from carlemanc.sweep.driver import sweep as sweep
from carlemanc.sweep.grid import Axis as Axis
from carlemanc.sweep.grid import grid_points as grid_points
from carlemanc.sweep.grid import parse_axis as parse_axis
from carlemanc.sweep.store import RowStore as RowStore
