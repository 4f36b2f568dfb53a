"""Reports: one self-contained page, HTML or Markdown, from what `estimate -o` and `sweep -o` wrote.

Comes in: a directory of results; nothing is computed again. Goes out: a file with the answer first, then
pipeline, assumptions, ledger, growth with n and T, solvers, physical cost, classical baseline and the command
that makes it again. A piece that is not in the directory is named with the command that adds it. Sources are
listed as the results name them.
"""

from carlemanc.core.lazy import public_names

__getattr__, __dir__, __all__ = public_names(__name__, __file__)
