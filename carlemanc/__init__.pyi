from carlemanc.commands.analyze import analyze as analyze
from carlemanc.commands.circuit import circuit as circuit
from carlemanc.commands.compile import compile as compile
from carlemanc.commands.derive import derive as derive
from carlemanc.commands.estimate import estimate as estimate
from carlemanc.commands.examples import examples as examples
from carlemanc.commands.given import given as given
from carlemanc.commands.init import init as init
from carlemanc.commands.optimize import optimize as optimize
from carlemanc.commands.run import run as run
from carlemanc.commands.schema import schema as schema
from carlemanc.commands.solve import solve as solve
from carlemanc.commands.solvers import solvers as solvers
from carlemanc.commands.system import system as system
from carlemanc.commands.verify import verify as verify
from carlemanc.core.errors import CarlemancError as CarlemancError
from carlemanc.core.errors import CheckFailed as CheckFailed
from carlemanc.core.errors import InputError as InputError
from carlemanc.core.errors import TooLarge as TooLarge
from carlemanc.present.page.driver import report as report
from carlemanc.spec.loading import load_spec as load_spec
from carlemanc.spec.schema import ModelSpec as ModelSpec
from carlemanc.sweeps.driver import sweep as sweep
from carlemanc.training.dissipation import dissipation as dissipation
from carlemanc.training.loop import train as train

__version__: str
