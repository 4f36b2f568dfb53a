"""What is known about the map of a network: where its weights sit, how to go to theta and back, what it omits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carlemanc.core.arrays import FloatArray, IntArray, Mask
from carlemanc.model.network.remainder import NetworkRemainder
from carlemanc.model.network.trained_network import TrainedNetwork
from carlemanc.model.pruning import Address


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkInfo:
    """Where the weights of a map come from and what the map leaves out.

    Attributes:
        network: with the true activations and loss.
        fitted: with their polynomials; its gradient descent is the map's, up to truncation.
        mask: (weights,) True where a weight survives.
        address: what the map's indices count: "survivors" or "original".
        center: (weights,) the expansion point, zero where frozen.
        start: (weights,) theta(0), zero where frozen.
        learning_rate: eta.
        remainder: what separates the map from gradient descent.
    """

    network: TrainedNetwork
    fitted: TrainedNetwork
    mask: Mask
    address: Address
    center: FloatArray
    start: FloatArray
    learning_rate: float
    remainder: NetworkRemainder

    @property
    def survivors(self) -> IntArray:
        """The original addresses of the surviving weights, ascending, shape (s,)."""
        return np.flatnonzero(self.mask)

    @property
    def u_start(self) -> FloatArray:
        """u(0) = theta(0) - center in the indices of the map, shape (n,)."""
        return self.from_theta(self.start)

    @property
    def theta_start(self) -> FloatArray:
        """theta(0) in the indices of the map, shape (n,)."""
        return self.start[self.mask] if self.address == "survivors" else self.start

    def to_theta(self, u: FloatArray) -> FloatArray:
        """Return all weights, (..., weights), of u in the indices of the map, (..., n)."""
        u = np.asarray(u, dtype=np.float64)
        if self.address == "original":
            return self.center + np.where(self.mask, u, 0.0)
        theta = np.broadcast_to(self.center, (*u.shape[:-1], len(self.center))).copy()
        theta[..., self.mask] += u
        return theta

    def from_theta(self, theta: FloatArray) -> FloatArray:
        """Return u = theta - center in the indices of the map, (..., n), of all weights, (..., weights)."""
        u = np.asarray(theta, dtype=np.float64) - self.center
        return u[..., self.mask] if self.address == "survivors" else np.where(self.mask, u, 0.0)

    def layout(self) -> tuple[str, ...]:
        """Return one line for each layer or parameter: its addresses and how many of them survive."""
        return self.network.layout(self.mask)
