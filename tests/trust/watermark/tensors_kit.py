"""Tensors of model files: those that can bear a mark, and of each kind that cannot."""

from __future__ import annotations

import torch

Tensors = dict[str, torch.Tensor]


def state(kind: torch.dtype = torch.float32) -> Tensors:
    """Tensors that can bear a mark, and of each kind that cannot."""
    random = torch.Generator().manual_seed(0)
    found = {
        f"{n}.weight": (torch.randn(128, 96, generator=random) * 0.1).to(kind) for n in range(3)
    }
    found["conv"] = torch.randn(8, 4, 3, 3, generator=random).to(kind)
    found["1.bias"] = torch.randn(128, generator=random).to(kind)
    found["steps"] = torch.arange(5000).reshape(50, 100)
    found["codes"] = torch.randint(-128, 127, (64, 64), generator=random, dtype=torch.int8)
    return found
