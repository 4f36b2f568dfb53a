"""A memo that is handed around: a function of given arguments is worked out once, and found again.

A stage that came out of a memo is an argument of the next and is found by identity, so a key is right by construction:
what a function depends on is what it is given. How many results are kept is said per function.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from carlemanc.core.errors import CheckFailed, InputError, TooLarge

Args = ParamSpec("Args")
Result = TypeVar("Result")
REFUSALS = (InputError, TooLarge, CheckFailed)
"""Errors that are remembered like results: the same question is refused again."""


class Memo:
    """Results by function and arguments, which must be hashable.

    Args:
        kept: largest number of results of a function, the ones used last; all where it is not named.
    """

    def __init__(self, kept: Mapping[Callable[..., Any], int] | None = None) -> None:
        self._kept = dict(kept or {})
        self._known: dict[Callable[..., Any], OrderedDict[Any, tuple[bool, Any]]] = {}

    def __call__(self, function: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs) -> Result:
        """Return `function(*args, **kwargs)`, worked out once; what it refused is refused again."""
        known = self._known.setdefault(function, OrderedDict())
        key = (args, tuple(sorted(kwargs.items())))
        if key in known:
            known.move_to_end(key)
        else:
            known[key] = _outcome(function, args, kwargs)
            while len(known) > self._kept.get(function, len(known)):
                known.popitem(last=False)
        is_refused, found = known[key]
        if is_refused:
            raise _again(found)
        result: Result = found
        return result


def _outcome(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[bool, Any]:
    try:
        return False, function(*args, **kwargs)
    except REFUSALS as refusal:
        return True, refusal.with_traceback(None)


def _again(refusal: Exception) -> Exception:
    """Return an error that says the same; what is raised holds the frames it went through, and all that they hold."""
    again = type(refusal).__new__(type(refusal), *refusal.args)
    vars(again).update(vars(refusal))
    return again
