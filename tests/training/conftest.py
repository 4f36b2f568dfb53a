"""What the tests of this package share."""

from collections.abc import Callable

import pytest

from carlemanc.core.errors import InputError
from carlemanc.training.source import ModuleSource

collect_ignore = ["user_models.py"]
"""A user's module that imports torch: data of the tests, no test module even for `--doctest-modules`."""


@pytest.fixture
def clean_error() -> Callable[[str], str]:
    """Return the message that loading a module ends with."""

    def message(text: str) -> str:
        with pytest.raises(InputError) as caught:
            ModuleSource(text=text).load()
        return str(caught.value)

    return message
