"""What is trained: a PyTorch model, a loss and batches, as a user's function returns them.

`module:function` returns `(model, loss, batches)`: a torch.nn.Module, a function `loss(outputs, targets)` with
a scalar value, the mean over the samples of a batch, and a finite list of (inputs, targets). The whole loss
is the mean over all samples, so batches of different sizes count by their samples, and how the samples are cut
into batches changes nothing but memory and speed. The model is taken in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from carlemanc.core.errors import CarlemancError, InputError, Problem
from carlemanc.model.network.plain_normalization import plain_kernels
from carlemanc.model.network.torch_module import one_line, require_torch
from carlemanc.training.parameter_check import check_parameters

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TorchProblem:
    """A model, its loss and its batches.

    Attributes:
        model: the torch.nn.Module, float32 or float64.
        loss: (outputs, targets) -> scalar tensor, the mean over the samples.
        batches: (inputs, targets) tensors.
        label: model and data in a few words, for results and figures.
    """

    model: nn.Module
    loss: Callable[[Any, Any], Tensor]
    batches: tuple[tuple[Any, Any], ...]
    label: str

    @property
    def samples(self) -> int:
        """The number of samples of all batches."""
        return sum(len(targets) for _, targets in self.batches)

    @property
    def weights(self) -> int:
        """The number of trainable parameters."""
        return sum(item.numel() for item in self.model.parameters() if item.requires_grad)

    def batch_loss(self, inputs: object, targets: object) -> Tensor:
        """Return the mean loss of one batch, a scalar tensor.

        Raises InputError where the model or loss fails, or the value is no finite scalar.
        """
        torch = require_torch()
        try:
            with plain_kernels():
                value = self.loss(self.model(inputs), targets)
        except (CarlemancError, MemoryError):
            raise
        except Exception as error:
            raise refused(
                self.label, f"model or loss raises {one_line(error)}", "a loss of each batch"
            ) from error
        if not isinstance(value, torch.Tensor) or value.numel() != 1 or not value.is_floating_point():
            shape = tuple(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__
            raise refused(
                self.label, f"a loss of shape {shape}", "a real scalar, such as the mean over a batch"
            )
        if not torch.isfinite(value.detach()).all():
            raise refused(
                self.label, f"a loss of {value.item()}", "a finite loss: check weights, data, learning rate"
            )
        return value.reshape(())

    def on(self, device: str) -> TorchProblem:
        """Return the problem with its model and tensors on a device, "cpu" or "cuda"."""
        if device == "cpu":
            return self
        moved = tuple((_moved(inputs, device), _moved(targets, device)) for inputs, targets in self.batches)
        return replace(self, model=self.model.to(device), batches=moved)

    def value(self) -> float:
        """Return the mean loss over all samples."""
        with require_torch().enable_grad():  # a model may differentiate in its forward pass
            parts = [float(self.batch_loss(x, y).detach()) * len(y) for x, y in self.batches]
        return sum(parts) / self.samples

    def accuracy(self) -> float:
        """Return the fraction of samples whose largest output is their class."""
        torch = require_torch()
        with torch.no_grad():
            right = [int((self.model(x).argmax(dim=1) == y).sum()) for x, y in self.batches]
        return sum(right) / self.samples


def checked_problem(found: object, label: str) -> TorchProblem:
    """Return what a user's function returned as a problem, in evaluation mode.

    Raises InputError where it is not (model, loss, batches), has no trainable parameter, or has parameters or
    layers that cannot be used (`check_parameters`).
    """
    torch = require_torch()
    if isinstance(found, TorchProblem):
        check_parameters(found.model, label)
        found.model.train(False)
        return found
    allowed = "(model, loss, batches): a torch.nn.Module, a function, a list of (inputs, targets)"
    if not isinstance(found, tuple) or len(found) != 3:
        raise refused(label, f"a {type(found).__name__}", allowed)
    model, loss, batches = found
    if not isinstance(model, torch.nn.Module) or not callable(loss):
        raise refused(label, f"({type(model).__name__}, {type(loss).__name__}, ...)", allowed)
    pairs = _pairs(batches, label, allowed)
    check_parameters(model, label)
    if not any(item.requires_grad and item.numel() for item in model.parameters()):
        raise refused(
            label, "a model without weights to train", "at least one parameter that requires a gradient"
        )
    return TorchProblem(model=model.train(False), loss=loss, batches=pairs, label=label)


def _moved(value: object, device: str) -> Any:
    return value.to(device) if hasattr(value, "to") else value


def _pairs(batches: Any, label: str, allowed: str) -> tuple[tuple[Any, Any], ...]:
    torch = require_torch()
    try:
        pairs = tuple((inputs, targets) for inputs, targets in batches)
    except (TypeError, ValueError):
        raise refused(label, f"batches of type {type(batches).__name__}", allowed) from None
    except Exception as error:
        raise refused(label, f"batches that raise {one_line(error)}", allowed) from error
    if not pairs or not all(
        isinstance(targets, torch.Tensor) and targets.ndim and len(targets) for _, targets in pairs
    ):
        raise refused(label, "no batch, or one without a tensor of targets, one a sample", allowed)
    return pairs


def refused(where: str, found: str, allowed: str) -> InputError:
    """Return the error of a model that cannot be trained."""
    return InputError("The model cannot be used.", [Problem(where=where, found=found, allowed=allowed)])
