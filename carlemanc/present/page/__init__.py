"""Reports: one self-contained page, HTML or Markdown, from what the commands wrote with `-o DIR`.

Comes in: a directory of results of `estimate`, `sweep`, `optimize`, `train` or `dissipation`, or several with an
estimate each; nothing is computed again. Goes out: a file with the answer first, its badges, times and levers, then
growth, crossover, cost by cause, readout and physical cost, and folded below what they rest on. A piece that is not
in the directory is named with the command that adds it. Sources are numbered where they are used.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
