"""Settings of the whole suite: one thread a process, and property tests that repeat themselves.

`HYPOTHESIS_PROFILE=random pytest` draws new examples instead of the same ones.
"""

import os
import signal

from hypothesis import settings

# Before any test imports numpy: pytest-xdist already uses every core.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ["CARLEMANC_CACHE"] = (
    "off"  # no test reads what another run has left; tests of the cache name their own
)
for _variable in ("QDK_PYTHON_TELEMETRY", "QSHARP_PYTHON_TELEMETRY"):
    os.environ[_variable] = "none"  # qdk reports by default, from its import on

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in the background of a shell: children inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
