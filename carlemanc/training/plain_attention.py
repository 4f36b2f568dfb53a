"""Attention by kernels that can be differentiated twice.

PyTorch's fused attention (flash, memory-efficient, cuDNN) has a first derivative and no second; the math kernel
computes the same from operations that have all. The fast path of nn.MultiheadAttention and
nn.TransformerEncoderLayer, taken where nothing needs a gradient, is off too, so that a loss is the same
function whether it is evaluated or differentiated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from carlemanc.model.network.torch_module import require_torch


@contextmanager
def plain_attention() -> Iterator[None]:
    """Within the block, attention runs on PyTorch's math kernel."""
    torch = require_torch()
    from torch.nn.attention import SDPBackend, sdpa_kernel

    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
