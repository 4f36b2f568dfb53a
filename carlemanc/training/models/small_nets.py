"""Networks of about 1,400 parameters for 8 x 8 gray images: small enough for an exact dense Hessian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carlemanc.model.network.torch_module import require_torch

if TYPE_CHECKING:
    from torch import nn


def small_conv(classes: int = 10) -> nn.Module:
    """Return conv 3x3/2 (8), tanh, conv 3x3/2 (12), tanh, dense: 1,446 parameters for 10 classes.

    From (m, 1, 8, 8) to (m, classes). tanh is smooth: the Hessian exists everywhere.
    """
    nn = require_torch().nn
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, stride=2, padding=1),
        nn.Tanh(),
        nn.Conv2d(8, 12, 3, stride=2, padding=1),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(48, classes),
    )


def small_dense(classes: int = 10, hidden: int = 18) -> nn.Module:
    """Return dense, tanh, dense: 1,360 parameters for 10 classes. From (m, 1, 8, 8) to (m, classes)."""
    nn = require_torch().nn
    return nn.Sequential(nn.Flatten(), nn.Linear(64, hidden), nn.Tanh(), nn.Linear(hidden, classes))
