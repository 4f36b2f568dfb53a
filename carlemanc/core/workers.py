"""Worker processes that end with their parent, and the connection to an existing Dask cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

from carlemanc.core.errors import InputError, Problem


def follow_parent(parent: int) -> None:
    """Leave interrupts to the parent, and end when it is gone, however it went: the initializer of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def dask_client(address: str) -> Any:
    """Return a client of the Dask scheduler at an address.

    Raises InputError where Dask is not installed or the scheduler cannot be reached.
    """
    try:
        from distributed import Client  # type: ignore[attr-defined,import-not-found,unused-ignore]
    except ImportError:
        problem = Problem(
            where="--scheduler",
            found="no package distributed",
            allowed="the extra: pip install 'carlemanc[distributed]'",
        )
        raise InputError("a Dask cluster needs Dask", [problem]) from None
    try:
        return Client(address, timeout=10)  # type: ignore[no-untyped-call,unused-ignore]
    except (OSError, ValueError, TimeoutError) as error:
        problem = Problem(
            where="--scheduler",
            found=f"{address}: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
            allowed="the address of a running Dask scheduler, such as tcp://127.0.0.1:8786",
        )
        raise InputError("the Dask scheduler cannot be reached", [problem]) from None
