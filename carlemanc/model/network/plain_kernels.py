"""Evaluation by kernels that can be differentiated twice.

PyTorch's fused attention (flash, memory-efficient, cuDNN) has a first derivative and no second; the math kernel
computes the same from operations that have all. The fast path of nn.MultiheadAttention and nn.TransformerEncoderLayer,
taken where nothing needs a gradient, is off too, so that a loss is the same function whether it is evaluated or
differentiated. A model under torch.compile, which has no second derivatives either, runs as it was before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from carlemanc.model.network.torch_module import require_torch


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Within the block, attention runs on PyTorch's math kernel, and nothing is compiled."""
    torch = require_torch()
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with ExitStack() as stack:
        stack.callback(torch.backends.mha.set_fastpath_enabled, torch.backends.mha.get_fastpath_enabled())
        torch.backends.mha.set_fastpath_enabled(False)
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        if "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance"):  # of PyTorch 2.6
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield
