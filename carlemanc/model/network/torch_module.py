"""A PyTorch model as the source of a network: `module = "package.module:build"`.

Beside the spec, or in an installed package:

    # model.py
    from torch import nn

    def build():
        return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1))

    # spec.toml
    [network]
    module = "model:build"
    approximation = { degree = 5, interval = [-2, 2], kind = "chebyshev" }

**A spec with this key runs code**: its module is imported and `build()` is called, with the rights of the user.
CONTRACT's promise that a spec of a stranger never runs code is about expressions and every other key. Nothing
runs where a spec is only checked against the schema: `load_module` is called when a map is derived. The text
names a module and one attribute, nothing else; the standard library is refused. The spec's folder is on the
import path, and Python writes no compiled files there, only while the module is imported and built; modules
found there are forgotten afterwards, so two specs never share one. The weights are those that `build` draws
with PyTorch's generator seeded by the spec, so that every command sees the same ones.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from carlemanc.core.arrays import FloatArray
from carlemanc.core.errors import CarlemancError, InputError, Problem

if TYPE_CHECKING:
    from torch import nn


MODULE_NAME = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*"
"""What `network.module` must match, whole."""

WHERE = "network.module"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModuleNetwork:
    """A PyTorch model in evaluation mode, in float64 on the CPU.

    Attributes:
        text: what names it.
        model: the torch.nn.Module.
    """

    text: str
    model: nn.Module

    @property
    def parameters(self) -> dict[str, nn.Parameter]:
        """The trained parameters by name, each once, in the order of the weights.

        Parameters that do not require a gradient are constants of the model. For dense layers the order is
        that of CONTRACT section 1 (d): layer by layer, W[out, in] row-major, then biases.
        """
        return {name: given for name, given in self.model.named_parameters() if given.requires_grad}

    @property
    def weights(self) -> int:
        """The number of weights before pruning."""
        return sum(given.numel() for given in self.parameters.values())

    @property
    def initial(self) -> FloatArray:
        """The weights that the model was built with, shape (weights,), read-only."""
        parts = [given.detach().numpy().reshape(-1) for given in self.parameters.values()]
        result: FloatArray = np.concatenate(parts)
        result.flags.writeable = False
        return result


def load_module(text: str, *, base: Path, seed: int = 0) -> ModuleNetwork:
    """Import what a text names, call it and return its model. This runs the code of that module.

    Args:
        text: "package.module:build"; `build` takes no argument and returns a torch.nn.Module.
        base: the folder of the spec.
        seed: of PyTorch's generator while `build` runs; its state is restored afterwards.

    Raises:
        InputError: PyTorch is not installed; the text names no module or attribute, or one that cannot be
            called; it raises, or returns anything but a module with real weights of known shapes.
    """
    model = call_module(text, base=base, seed=seed)
    torch = require_torch()
    if not isinstance(model, torch.nn.Module):
        raise refused(f"{text} returns a {type(model).__name__}", "a torch.nn.Module")
    return ModuleNetwork(text=text, model=_prepared(torch, text, model))


def call_module(text: str, *, base: Path, seed: int = 0, arguments: Mapping[str, Any] | None = None) -> Any:
    """Import what a text names, call it and return what it returns. This runs the code of that module.

    Args:
        text: "package.module:build".
        base: the folder that is searched first.
        seed: of PyTorch's generator while `build` runs; its state is restored afterwards.
        arguments: keyword arguments of the call.

    Raises InputError as `load_module` does, but for the type of what is returned.
    """
    if not re.fullmatch(MODULE_NAME, text, flags=re.ASCII):
        raise refused(repr(text), '"package.module:build"')
    name, _, attribute = text.partition(":")
    if name.partition(".")[0] in sys.stdlib_module_names:
        raise refused(f"{name}, of the standard library", "a module that builds a PyTorch model")
    torch = require_torch()
    with _spec_folder(base), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _built(_imported(name, base), name, attribute, arguments or {})


def require_torch() -> ModuleType:
    """Return PyTorch. Raises InputError, naming the extra, where it is not installed."""
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        help_text = 'pip install "carlemanc[torch]"'
        raise refused("PyTorch cannot be imported", "an installed PyTorch", help_text) from error


def refused(found: str, allowed: str, help_text: str = "") -> InputError:
    """Return the error of a module that cannot be used."""
    problem = Problem(where=WHERE, found=found, allowed=allowed, help=help_text)
    return InputError("The PyTorch model cannot be used.", [problem])


def one_line(error: BaseException) -> str:
    """Return the class and the first line of an error."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0].strip()}" if lines else type(error).__name__


def _imported(name: str, base: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise refused(f"importing {name} raises {one_line(error)}", "a module that imports") from error
        allowed = f"a module in {base}, the folder of the spec, or in an installed package"
        raise refused(f"no module named {error.name}", allowed) from error
    except (Exception, SystemExit) as error:
        raise refused(f"importing {name} raises {one_line(error)}", "a module that imports") from error


def _built(module: ModuleType, name: str, attribute: str, arguments: Mapping[str, Any]) -> Any:
    build = getattr(module, attribute, None)
    if build is None:
        origin = getattr(module, "__file__", None) or "a folder"
        raise refused(f"no attribute {attribute} in {name} ({origin})", "a function that returns the model")
    if not callable(build):
        found = f"{name}:{attribute} is a {type(build).__name__}"
        raise refused(found, "a function that returns the model")
    try:
        return build(**arguments)
    except CarlemancError:
        raise
    except (Exception, SystemExit) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        allowed = "a function of these arguments" if arguments else "a function of no arguments"
        found = f"{name}:{attribute}({given}) raises {one_line(error)}"
        raise refused(found, f"{allowed} that returns the model") from error


def _prepared(torch: ModuleType, text: str, model: nn.Module) -> nn.Module:
    """Return the model in evaluation mode, in float64 on the CPU."""
    given = [*model.parameters()]
    if any(torch.nn.parameter.is_lazy(parameter) for parameter in given):
        raise refused(f"a lazy layer in {text}", "layers whose shapes are given")
    if any(not parameter.is_floating_point() for parameter in given):
        raise refused(f"weights in {text} that are complex or integers", "real weights")
    if not any(parameter.requires_grad and parameter.numel() for parameter in given):
        raise refused(f"{text} has no weight to train", "at least one parameter that requires a gradient")
    try:
        return model.to(device="cpu", dtype=torch.float64).train(False)
    except (RuntimeError, NotImplementedError) as error:
        raise refused(f"moving {text} to the CPU raises {one_line(error)}", "a model with values") from error


@contextmanager
def _spec_folder(base: Path) -> Iterator[None]:
    """Put a folder first on the import path; afterwards forget the modules found there.

    What the imported code prints goes to stderr: stdout carries only what a command was asked for.
    """
    folder = base.resolve()
    path, known, writes = list(sys.path), set(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = writes
        # all are found before the first is removed: a package knows its place only while its parent is there
        ours = [name for name in set(sys.modules) - known if _lies_in(sys.modules[name], folder)]
        for name in ours:
            del sys.modules[name]


def _lies_in(module: ModuleType | None, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    places = [file] if file else list(getattr(module, "__path__", ()))
    return any(Path(place).resolve().is_relative_to(folder) for place in places)
