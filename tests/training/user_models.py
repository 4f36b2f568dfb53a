"""What a user's module may hold: functions that return (model, loss, batches), right and wrong."""

import numpy as np
import torch
from torch import nn


def _data(samples: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(samples, 4, generator=generator)
    return x, torch.randint(0, 3, (samples,), generator=generator)


def net(hidden: int = 5, size: int = 12):
    """A small network; `size` samples a batch."""
    x, y = _data()
    model = nn.Sequential(nn.Linear(4, hidden), nn.Tanh(), nn.Linear(hidden, 3))
    batches = [(x[k : k + size], y[k : k + size]) for k in range(0, 12, size)]
    return model, nn.functional.cross_entropy, batches


def quadratic():
    """Loss 1/2 theta . D theta, whose Hessian is D."""
    diagonal = torch.tensor([3.0, 1.0, 0.5, -0.6, 0.05])

    class Weights(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.theta = nn.Parameter(torch.ones(5))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.theta

    return (
        Weights(),
        lambda outputs, _: 0.5 * (diagonal * outputs**2).sum(),
        [(torch.ones(5), torch.zeros(1))],
    )


def unseeded():
    """Data that is drawn anew in each call, with a generator of its own."""
    model, loss, _ = net()
    x = torch.tensor(np.random.default_rng().normal(size=(12, 4)), dtype=torch.float32)
    return model, loss, [(x[:6], torch.zeros(6, dtype=torch.long)), (x[6:], torch.ones(6, dtype=torch.long))]


def vector_loss():
    """A loss for each sample."""
    model, _, batches = net()
    return model, lambda outputs, y: nn.functional.cross_entropy(outputs, y, reduction="none"), batches


def nan_loss():
    """A loss that is no number."""
    model, _, batches = net()
    return model, lambda outputs, y: outputs.sum() * float("nan"), batches


def failing_loss():
    """A loss of other shapes."""
    model, _, batches = net()
    return model, lambda outputs, y: outputs @ torch.ones(7), batches


def detached_loss():
    """A loss without a graph."""
    model, _, batches = net()
    return model, lambda outputs, y: outputs.detach().sum(), batches


def linear_loss():
    """A loss without curvature."""
    _, _, batches = net()
    return nn.Linear(4, 1), lambda outputs, y: outputs.mean(), batches


def only_a_model():
    """No loss, no batches."""
    return net()[0]


def no_batches():
    """An empty list."""
    model, loss, _ = net()
    return model, loss, []


def frozen():
    """Nothing to train."""
    model, loss, batches = net()
    return model.requires_grad_(False), loss, batches
