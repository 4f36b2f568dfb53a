"""What is refused about `network.module` before PyTorch is needed, and what is said where it is missing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from carlemanc.core.errors import InputError
from carlemanc.model.network.torch_module import MODULE_NAME, load_module


def test_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.py").write_text("raise AssertionError('imported')\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=re.escape('pip install "carlemanc[torch]"')) as caught:
        load_module("model:build", base=tmp_path)
    assert [problem.where for problem in caught.value.problems] == ["network.module"]
    assert "PyTorch cannot be imported" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "model",
        "model:",
        ":build",
        "model:build()",
        "model:a.b",
        "model:build\n",
        "../model:build",
        "model.:build",
        "__import__('os'):x",
        "a b:c",
        "1model:build",
        "módel:build",
    ],
)
def test_only_names(text: str, tmp_path: Path) -> None:
    assert re.fullmatch(MODULE_NAME, text) is None
    with pytest.raises(InputError, match=r"package\.module:build"):
        load_module(text, base=tmp_path)


@pytest.mark.parametrize("text", ["os:abort", "os.path:exists", "builtins:exit", "sys:exit"])
def test_the_standard_library_is_no_model(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="standard library"):
        load_module(text, base=tmp_path)


def test_importing_the_derivation_loads_no_torch() -> None:
    code = (
        "import sys, carlemanc.model.network.torch_derivation, carlemanc.model.network.torch_taylor; "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
