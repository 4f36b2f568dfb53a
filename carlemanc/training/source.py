"""`module:function` as a source of what is trained, in a form that worker processes can load again.

The module is imported and called with the rights of the user, exactly as `[network] module` is. A function of
keyword arguments takes them from `--set KEY=VALUE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from carlemanc.core.arrays import Mask
from carlemanc.core.errors import InputError, Problem
from carlemanc.model.network.torch_module import WHERE as SPEC_KEY
from carlemanc.model.network.torch_module import call_module
from carlemanc.model.pruning import load_mask
from carlemanc.spec.toml_text import parse_value
from carlemanc.training.flat_weights import Scope, flat_weights, magnitude_mask
from carlemanc.training.problem import TorchProblem, checked_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSource:
    """What is loaded: plain values, so that any process can.

    Attributes:
        text: "package.module:function".
        base: the folder searched first for the module, and for the mask.
        arguments: (key, value) keyword arguments of the function.
        seed: of PyTorch's generator during the call.
        sparsity: the fraction of the parameters that survives magnitude pruning; 1 keeps all.
        scope: of the pruning.
        mask: an .npy file of zeros and ones, one for each parameter, instead; "" for none.
    """

    text: str
    base: str = "."
    arguments: tuple[tuple[str, Any], ...] = ()
    seed: int = 0
    sparsity: float = 1.0
    scope: Scope = "layer"
    mask: str = ""

    def load(self) -> tuple[TorchProblem, Mask]:
        """Return the problem and the mask of its survivors.

        Raises InputError for a module, a return value or a mask that cannot be used.
        """
        try:
            return self._loaded()
        except InputError as error:
            raise _renamed(error, self.text) from error

    def _loaded(self) -> tuple[TorchProblem, Mask]:
        found = call_module(self.text, base=Path(self.base), seed=self.seed, arguments=dict(self.arguments))
        problem = checked_problem(found, self.text)
        weights = flat_weights(problem.model)
        if self.mask:
            return problem, load_mask(self.mask, Path(self.base), weights.n)
        if self.sparsity == 1:
            return problem, np.ones(weights.n, dtype=bool)
        return problem, magnitude_mask(weights, self.sparsity, self.scope)


def _renamed(error: InputError, text: str) -> InputError:
    """Return an error that names what the command line named, where it names a key of a spec."""
    names = {SPEC_KEY: text, "model.mask": "--mask", "model.sparsity": "--sparsity"}
    problems = [replace(problem, where=names.get(problem.where, problem.where)) for problem in error.problems]
    return InputError(error.title, problems)


def parsed_arguments(overrides: Iterable[str]) -> tuple[tuple[str, Any], ...]:
    """Return `KEY=VALUE` texts as keyword arguments, values in TOML notation or, failing that, plain text.

    >>> parsed_arguments(["width=51", "data=cifar.npz"])
    (('width', 51), ('data', 'cifar.npz'))
    """
    return tuple(_argument(text) for text in overrides)


def _argument(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip().isidentifier():
        problem = Problem(where=f"--set {text}", found=text, allowed="KEY=VALUE, such as width=51")
        raise InputError("--set cannot be applied", [problem])
    try:
        return key.strip(), parse_value(value.strip())
    except InputError as error:
        problems = [replace(problem, where=f"--set {text[:60]}") for problem in error.problems]
        raise InputError("--set cannot be applied", problems) from None
