"""What the tests of this package share."""

from collections.abc import Callable

import pytest

from carlemanc.core.errors import InputError
from carlemanc.training.source import ModuleSource

collect_ignore = ["user_models.py", "healthy_models.py", "sick_models.py"]
"""Users' modules that import torch: data of the tests, no test modules even for `--doctest-modules`."""


@pytest.fixture
def clean_error() -> Callable[[str], str]:
    """Return the message that loading a module ends with."""

    def message(text: str) -> str:
        with pytest.raises(InputError) as caught:
            ModuleSource(text=text).load()
        return str(caught.value)

    return message
