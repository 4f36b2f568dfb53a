"""A PyTorch model on a data set as a function of its weights: loss, gradient, gradient descent, all in float64.

The gradient is PyTorch's own (reverse mode): this is the classical reference of a map made from the model.
Derivatives of higher order are taken of `objective`, in which normalizations are written out in plain operations
(`plain_normalization`) and attention runs on a kernel that has derivatives (`plain_kernels`); `torch_taylor.py` checks
the derivatives of whatever else a model uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from carlemanc.core.arrays import FloatArray, Mask
from carlemanc.model.network.plain_normalization import plain_kernels, plain_normalization
from carlemanc.model.network.registry import loss_named
from carlemanc.model.network.torch_module import ModuleNetwork, one_line, refused, require_torch

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TorchNetwork:
    """A PyTorch model, a loss and data.

    Attributes:
        module: the model.
        loss_name: a name in `LOSSES`.
        x: (m, k) inputs.
        targets: (units, m) what the outputs are compared with.
    """

    module: ModuleNetwork
    loss_name: str
    x: FloatArray
    targets: FloatArray

    @property
    def weights(self) -> int:
        """The number of weights."""
        return self.module.weights

    @property
    def samples(self) -> int:
        """The number of samples m."""
        return len(self.x)

    @property
    def degree(self) -> None:
        """None: the loss is not known to be a polynomial."""
        return None

    @property
    def flops_per_gradient(self) -> int:
        """Floating-point operations of one gradient: six for each weight and sample, as if each were used once."""
        return 6 * self.samples * self.weights

    def forward(self, theta: Tensor) -> Tensor:
        """Return the outputs of the model as a tensor (m, units), for weights as a tensor (weights,)."""
        torch = require_torch()
        try:
            with plain_normalization(), plain_kernels():
                found = torch.func.functional_call(
                    self.module.model, self._replaced(theta), (torch.tensor(self.x),), tie_weights=False
                )
        except Exception as error:
            shape = f"inputs of shape {self.x.shape}"
            text = self.module.text
            raise refused(f"{text} raises {one_line(error)} on {shape}", "a model of these inputs") from error
        return self._checked(torch, found)

    def objective(self, theta: Tensor) -> Tensor:
        """Return the loss as a scalar tensor: the sum over outputs, the mean over samples."""
        torch = require_torch()
        outputs, wanted = self.forward(theta), torch.tensor(self.targets.T)
        return loss_named(self.loss_name).torch_value(outputs, wanted).sum() / self.samples

    def outputs(self, theta: FloatArray) -> FloatArray:
        """Return f, shape (units, m)."""
        torch = require_torch()
        with torch.no_grad():
            return np.asarray(self.forward(torch.tensor(theta)).numpy().T)

    def loss(self, theta: FloatArray) -> float:
        """Return the loss."""
        torch = require_torch()
        with torch.no_grad():
            return float(self.objective(torch.tensor(theta)))

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Return its gradient in all weights by reverse-mode differentiation, shape (weights,)."""
        torch = require_torch()
        with torch.enable_grad():
            point = torch.tensor(theta, requires_grad=True)
            (found,) = torch.autograd.grad(self.objective(point), point)
        return np.asarray(found.numpy())

    def layout(self, mask: Mask) -> tuple[str, ...]:
        """Return one line for each parameter: its name, shape, first address and how much of it is trained."""
        lines, start = [], 0
        for name, parameter in self.module.parameters.items():
            trained = int(mask[start : start + parameter.numel()].sum())
            shape = list(parameter.shape)
            lines.append(f"{name}{shape} from {start}, {trained} of {parameter.numel()} trained")
            start += parameter.numel()
        return tuple(lines)

    def _replaced(self, theta: Tensor) -> dict[str, Tensor]:
        """Return the slices of theta by name, under every name that a parameter has and each module once.

        PyTorch's own treatment of tied names leaves a module that occurs twice with other weights (2.13).
        """
        slices, start = {}, 0
        for parameter in self.module.parameters.values():
            slices[id(parameter)] = theta[start : start + parameter.numel()].reshape(parameter.shape)
            start += parameter.numel()
        return {
            f"{prefix}.{name}" if prefix else name: slices[id(parameter)]
            for prefix, module in self.module.model.named_modules()
            for name, parameter in module.named_parameters(recurse=False, remove_duplicate=False)
            if id(parameter) in slices
        }

    def _checked(self, torch: ModuleType, found: object) -> Tensor:
        """Return outputs as (m, units). Raises InputError for another shape or type."""
        units = len(self.targets)
        if isinstance(found, torch.Tensor) and found.shape == (self.samples,) and units == 1:
            found = found[:, None]
        if not isinstance(found, torch.Tensor):
            raise refused(f"{self.module.text} outputs a {type(found).__name__}", "one tensor")
        if found.shape != (self.samples, units) or found.dtype != torch.float64:
            what = f"{self.module.text} outputs {found.dtype} of shape {tuple(found.shape)}"
            raise refused(what, f"torch.float64 of shape ({self.samples}, {units})")
        return found


def output_units(module: ModuleNetwork, x: FloatArray) -> int:
    """Return how many outputs the model has for each of the samples x, (m, k)."""
    torch = require_torch()
    try:
        with torch.no_grad():
            found = module.model(torch.tensor(x))
    except Exception as error:
        what = f"{module.text} raises {one_line(error)} on inputs of shape {x.shape}"
        raise refused(what, "a model of these inputs") from error
    shape = tuple(found.shape) if isinstance(found, torch.Tensor) else None
    if shape is None or not 1 <= len(shape) <= 2 or shape[0] != len(x):
        what = f"{module.text} outputs {type(found).__name__ if shape is None else f'shape {shape}'}"
        raise refused(what, f"one tensor of shape ({len(x)}, units)")
    return shape[1] if len(shape) == 2 else 1
