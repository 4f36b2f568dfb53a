"""A memo works a function out once, keeps as many results as it was told to, and nothing that an error went through."""

import gc
import weakref

import pytest

from carlemanc.core.errors import CarlemancError, CheckFailed, InputError, Problem, TooLarge
from carlemanc.core.memo import Memo

PROBLEM = Problem(where="spec.toml: model.n", found="0", allowed="at least 1")
REFUSALS = [
    InputError("it cannot be used", [PROBLEM]),
    TooLarge("the run", size="2^40", limit="2^30", instead="Lower n."),
    CheckFailed("it overflows"),
]


class Heavy:
    """What a memo is to let go."""


def test_a_result_is_worked_out_once_and_the_oldest_is_let_go() -> None:
    asked: list[int] = []

    def square(number: int, *, sign: int = 1) -> int:
        asked.append(number)
        return sign * number**2

    memo = Memo({square: 2})
    assert [memo(square, 2), memo(square, 2), memo(square, 2, sign=-1)] == [4, 4, -4]
    assert asked == [2, 2]
    assert [memo(square, 3), memo(square, 2, sign=-1), memo(square, 2)] == [9, -4, 4]
    assert asked == [2, 2, 3, 2]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda one: type(one).__name__)
def test_a_refusal_is_told_again_and_holds_no_frame(refusal: CarlemancError) -> None:
    asked: list[str] = []

    def refuse() -> None:
        asked.append("")
        raise refusal

    memo, told = Memo(), []

    def ask() -> weakref.ref[Heavy]:
        heavy = Heavy()
        try:
            memo(refuse)
        except type(refusal) as error:
            told.append((str(error), error.exit_status, dict(vars(error))))
        return weakref.ref(heavy)

    held = [ask(), ask()]
    gc.collect()
    assert asked == [""]
    assert told == [(str(refusal), refusal.exit_status, dict(vars(refusal)))] * 2
    assert [one() for one in held] == [None, None]
