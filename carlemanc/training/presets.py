"""Models with data, ready to use as `carlemanc.training.presets:digits` or `...:images` on the command line.

Each function returns a `TorchProblem` and takes its options by keyword (`--set KEY=VALUE`). The weights
are drawn by PyTorch's generator from `seed`; `train_steps` of stochastic gradient descent follow, and where
`sparsity` is below 1 magnitude pruning and another `sparse_steps` on the survivors. That is the point
in weight space that every result on it is about, and the label says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carlemanc.core.atomic_output import atomic_file
from carlemanc.model.network.torch_module import require_torch
from carlemanc.training.classical import train_classically
from carlemanc.training.data.image_set import ImageSet, cifar_file
from carlemanc.training.data.image_set import digits as digit_images
from carlemanc.training.flat_weights import Scope, flat_weights, magnitude_mask, prune
from carlemanc.training.models.resnet import Normalization, resnet
from carlemanc.training.problem import TorchProblem, refused

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How the point in weight space is reached from random weights.

    Attributes:
        train_steps: steps of stochastic gradient descent with momentum 0.9 on all weights.
        sparsity: the fraction that survives magnitude pruning afterwards; 1 prunes nothing.
        scope: of the pruning, "layer" or "global" (see `magnitude_mask`).
        sparse_steps: steps on the survivors.
        learning_rate: of both.
        batch: samples of a step.
        seed: of the weights and the order of the samples.
    """

    train_steps: int
    sparsity: float = 1.0
    scope: Scope = "layer"
    sparse_steps: int = 0
    learning_rate: float = 0.05
    batch: int = 64
    seed: int = 0

    def __str__(self) -> str:
        pruned = (
            f", pruned to {100 * self.sparsity:g} % ({self.scope}), {self.sparse_steps} steps on the survivors"
            if self.sparsity < 1
            else ""
        )
        return f"{self.train_steps} SGD steps from seed {self.seed}{pruned}"


def digits(
    *, network: str = "conv", samples: int = 1797, micro_batch: int = 600, **route: Any
) -> TorchProblem:
    """Return a network of about 1,400 parameters on the 8 x 8 digits of scikit-learn, cross-entropy loss.

    Args:
        network: "conv" (1,446 parameters) or "dense" (1,360).
        samples: the first so many images; the loss, so the Hessian, is over these.
        micro_batch: images taken together.
        route: fields of `Route`; train_steps = 300 and learning_rate = 0.1 where they are not given.
    """
    from carlemanc.training.models.small_nets import small_conv, small_dense

    data = digit_images().first(samples)
    build = {"conv": small_conv, "dense": small_dense}.get(network)
    if build is None:
        raise refused("network", repr(network), '"conv" or "dense"')
    taken = Route(**{"train_steps": 300, "learning_rate": 0.1, **route})
    return trained(build, data, data, taken, name=f"small {network} net", micro_batch=micro_batch)


def images(
    *,
    depth: int = 18,
    width: int = 51,
    data: str = "synthetic",
    samples: int = 64,
    micro_batch: int = 16,
    train_samples: int = 5000,
    normalization: Normalization = "batch",
    cache: str = "",
    **route: Any,
) -> TorchProblem:
    """Return a residual network on 32 x 32 color images, cross-entropy loss.

    Args:
        depth, width, normalization: see `resnet`; 18 with width 51 has 7.1 million parameters for 100
            classes, with 194 102.7 million.
        data: "synthetic", or an .npz file in the layout of CIFAR.
        samples: the first so many images; the loss, so the Hessian, is over these.
        micro_batch: images taken together.
        train_samples: the first so many images are trained on.
        cache: a directory that keeps the trained weights under a digest of all these options.
        route: fields of `Route`; train_steps = 100 where it is not given.
    """
    found = _images(data, max(samples, train_samples) if data == "synthetic" else 0)
    return trained(
        lambda: resnet(depth=depth, width=width, classes=found.classes, normalization=normalization),
        found.first(min(train_samples, found.samples)),
        found.first(samples),
        Route(**{"train_steps": 100, **route}),
        name=f"ResNet-{depth} shape, width {width}, {normalization} normalization",
        micro_batch=micro_batch,
        cache=cache,
    )


def _images(data: str, samples: int) -> ImageSet:
    if data == "synthetic":
        from carlemanc.training.data.synthetic_images import synthetic_images

        return synthetic_images(samples)
    return cifar_file(data)


def trained(
    build: Callable[[], nn.Module],
    train: ImageSet,
    measured: ImageSet,
    route: Route,
    *,
    name: str,
    micro_batch: int,
    cache: str = "",
) -> TorchProblem:
    """Build a network, bring it to a point and return it with the images its loss is measured on.

    Args:
        build: returns the network.
        train: images that are trained on.
        measured: images of the loss that is returned.
        route: how the weights come about.
        name: of the network.
        micro_batch: measured images taken together.
        cache: a directory for the weights, or "".
    """
    torch = require_torch()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(route.seed)
        model = build()
    problem = TorchProblem(
        model=model,
        loss=torch.nn.functional.cross_entropy,
        batches=tuple(measured.batches(micro_batch)),
        label=f"{name}, {measured.name}, {measured.samples} images, {route}",
    )
    digest = sha256(f"{name}|{train.name}|{train.samples}|{route!r}|{torch.__version__}".encode()).hexdigest()
    file = Path(cache) / f"weights-{digest[:20]}.pt" if cache else None
    if file is not None and file.is_file():
        model.load_state_dict(torch.load(file, weights_only=True))
    else:
        _bring(problem, train, route)
        if file is not None:
            with atomic_file(file) as place:
                torch.save(model.state_dict(), place)
    model.train(False)
    return problem


def _bring(problem: TorchProblem, train: ImageSet, route: Route) -> None:
    """Train, prune and train the survivors, as the route says."""
    batches = train.random_batches(route.batch, seed=route.seed)
    train_classically(problem, batches, steps=route.train_steps, learning_rate=route.learning_rate)
    if route.sparsity < 1:
        weights = flat_weights(problem.model)
        mask = magnitude_mask(weights, route.sparsity, route.scope)
        prune(weights, mask)
        train_classically(
            problem, batches, steps=route.sparse_steps, learning_rate=route.learning_rate, mask=mask
        )
