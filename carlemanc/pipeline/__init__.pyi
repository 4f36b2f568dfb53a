from carlemanc.pipeline.analysis import analyze as analyze
from carlemanc.pipeline.compilation import compile as compile
from carlemanc.pipeline.derivation import derive as derive
from carlemanc.pipeline.estimation import estimate as estimate
from carlemanc.pipeline.example_list import examples as examples
from carlemanc.pipeline.execution import run as run
from carlemanc.pipeline.stages import Stages as Stages
from carlemanc.pipeline.system_files import system as system
