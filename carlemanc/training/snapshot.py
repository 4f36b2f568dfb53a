r"""The Hessian of the survivors at an upload, and the error proxy that follows from it until the next.

a = -h, h an eigenvalue of the Hessian of the loss at the uploaded weights: negative a are dissipative modes, positive
ones divergent. Exact: from F_1 = -eta H of the segment's map, or by central differences of the gradient (relative
error about 1e-8). The proxy of eqs. (7)-(8) is the mean gain |1 + s a|^t of the modes with threshold <= |a| <= 1
(`error_proxy.py`): s = 1 reads the paper literally, s = eta counts gradient steps. t counts from the upload, so a
re-upload resets it to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.model.upload import Upload
from carlemanc.training.error_proxy import error_proxy
from carlemanc.training.evolutions import Evolved
from carlemanc.training.subject import Subject

MAX_DIFFERENCED = 400
"""Most survivors whose Hessian is taken by differences of the gradient: two gradients a survivor."""
_STEP = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """The spectrum at one upload.

    Attributes:
        modes: (survivors,) a, ascending; None where there are too many survivors.
        threshold: of the proxy's window.
        learning_rate: eta.
        source: how it was computed, or why it was not.
    """

    modes: FloatArray | None
    threshold: float
    learning_rate: float
    source: str

    def proxy(self, times: FloatArray, scale: float) -> FloatArray | None:
        """Return E(t) of eqs. (7)-(8) with gain |1 + scale a|^t; None where no mode is in the window."""
        if self.modes is None:
            return None
        found = error_proxy(self.modes, eta_s=scale, window=(self.threshold, 1.0))
        return found.values(times) if found.kept else None

    def to_json(self) -> dict[str, Any]:
        """Return modes and counts."""
        if self.modes is None:
            return {"modes": None, "source": self.source}
        kept = (np.abs(self.modes) >= self.threshold) & (np.abs(self.modes) <= 1)
        return {
            "source": self.source,
            "modes": self.modes.tolist(),
            "dissipative": int((self.modes < 0).sum()),
            "divergent": int((self.modes > 0).sum()),
            "in_window": {
                "dissipative": int((kept & (self.modes < 0)).sum()),
                "divergent": int((kept & (self.modes > 0)).sum()),
            },
            "largest_divergent": float(self.modes[-1]),
            "stable_step": bool(self.learning_rate * -self.modes[0] < 2),
        }


def snapshot(upload: Upload, evolved: Evolved, subject: Subject, threshold: float) -> Snapshot:
    """Return the spectrum at the upload of a upload."""
    eta, linear = subject.learning_rate, evolved.linear
    if linear is not None:
        source = "exact: F_1 = -eta H of the segment's map"
        hessian = linear / -eta
    elif upload.survivors <= MAX_DIFFERENCED:
        source = "central differences of the gradient"
        hessian = differenced_hessian(upload, subject)
    else:
        source = f"not computed: {upload.survivors:,} survivors, at most {MAX_DIFFERENCED} are taken"
        return Snapshot(modes=None, threshold=threshold, learning_rate=eta, source=source)
    modes = np.sort(-np.linalg.eigvalsh((hessian + hessian.T) / 2))
    return Snapshot(modes=modes, threshold=threshold, learning_rate=eta, source=source)


def differenced_hessian(upload: Upload, subject: Subject) -> FloatArray:
    """Return the Hessian of the survivors at the uploaded weights, (survivors, survivors)."""
    places = np.flatnonzero(upload.mask)
    result = np.empty((len(places), len(places)))
    for column, place in enumerate(places):
        ahead, behind = upload.start.copy(), upload.start.copy()
        ahead[place] += _STEP
        behind[place] -= _STEP
        change = subject.gradient(ahead, 0) - subject.gradient(behind, 0)
        result[:, column] = change[places] / (2 * _STEP)
    return result
