"""What happens to weights on the way, and what somebody does who wants a mark gone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from tests.trust.watermark.networks import Arrays

Damage = Callable[[np.ndarray], np.ndarray]


def everywhere(weights: Arrays, damage: Damage) -> Arrays:
    """Return weights with every tensor of two axes or more damaged."""
    return {
        name: damage(value).astype(np.float32) if value.ndim > 1 else value
        for name, value in weights.items()
    }


def fp16(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float16)


def bf16(values: np.ndarray) -> np.ndarray:
    return torch.from_numpy(values).bfloat16().float().numpy()


def int8_per_channel(values: np.ndarray) -> np.ndarray:
    rows = values.reshape(len(values), -1)
    scale = np.abs(rows).max(1, keepdims=True) / 127
    return (np.round(rows / scale) * scale).reshape(values.shape)


def int4_groups(values: np.ndarray, group: int = 128) -> np.ndarray:
    flat = values.reshape(-1).copy()
    whole = len(flat) // group * group
    groups = flat[:whole].reshape(-1, group)
    scale = np.maximum(np.abs(groups).max(1, keepdims=True) / 7, 1e-12)
    flat[:whole] = (np.round(groups / scale) * scale).reshape(-1)
    return flat.reshape(values.shape)


def pruned(share: float) -> Damage:
    """Zero the smallest weights."""

    def prune(values: np.ndarray) -> np.ndarray:
        size = np.abs(values)
        return np.where(size < np.quantile(size, share), 0, values)

    return prune


def noise(share: float) -> Damage:
    """Add Gaussian noise, as a share of the RMS."""
    random = np.random.default_rng(5)

    def add(values: np.ndarray) -> np.ndarray:
        rms = np.sqrt(np.square(values, dtype=np.float64).mean())
        return values + random.normal(size=values.shape) * share * rms

    return add


def mixed(*models: Arrays) -> Arrays:
    """Return the average of several models."""
    return {name: np.mean([one[name] for one in models], axis=0) for name in models[0]}


def permuted_cnn(weights: Arrays, seed: int = 3) -> Arrays:
    """Shuffle the hidden units of the network of ``networks.cnn``; its outputs stay the same."""
    random = np.random.default_rng(seed)
    found = dict(weights)
    first, second = random.permutation(32), random.permutation(64)
    hidden = random.permutation(len(weights["6.bias"]))
    found["0.weight"], found["0.bias"] = weights["0.weight"][first], weights["0.bias"][first]
    found["2.weight"] = weights["2.weight"][second][:, first]
    found["2.bias"] = weights["2.bias"][second]
    inputs = weights["6.weight"].reshape(-1, 64, 16)[:, second].reshape(-1, 1024)
    found["6.weight"], found["6.bias"] = inputs[hidden], weights["6.bias"][hidden]
    found["8.weight"] = weights["8.weight"][:, hidden]
    return found
