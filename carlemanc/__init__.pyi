from carlemanc.core.errors import CarlemancError as CarlemancError
from carlemanc.core.errors import CheckFailed as CheckFailed
from carlemanc.core.errors import InputError as InputError
from carlemanc.core.errors import TooLarge as TooLarge
from carlemanc.pipeline import analyze as analyze
from carlemanc.pipeline import compile as compile
from carlemanc.pipeline import derive as derive
from carlemanc.pipeline import estimate as estimate
from carlemanc.pipeline import examples as examples
from carlemanc.pipeline import run as run
from carlemanc.pipeline import system as system
from carlemanc.pipeline import verify as verify
from carlemanc.present.page.driver import report as report
from carlemanc.spec.loading import load_spec as load_spec
from carlemanc.spec.schema import ModelSpec as ModelSpec
from carlemanc.sweep.driver import sweep as sweep
from carlemanc.training.dissipation import dissipation as dissipation
from carlemanc.training.loop import train as train

__version__: str
