"""Small networks that are really trained, on the digits of scikit-learn; the same on every run."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits

Arrays: TypeAlias = dict[str, NDArray[np.float32]]
_TRAINED = 1437


@cache
def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """Images of 8 × 8 in [0, 1], and their labels."""
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    x = torch.tensor(images[order] / 16.0, dtype=torch.float32).reshape(-1, 1, 8, 8)
    return x, torch.tensor(labels[order])


def cnn(hidden: int = 320) -> torch.nn.Sequential:
    """349,600 weights in four layers."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(32, 64, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(1024, hidden),
        torch.nn.ReLU(),
        torch.nn.Linear(hidden, 10),
    )


def mlp() -> torch.nn.Sequential:
    """1.1 million weights in three layers."""
    return torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(64, 1024),
        torch.nn.ReLU(),
        torch.nn.Linear(1024, 1024),
        torch.nn.ReLU(),
        torch.nn.Linear(1024, 10),
    )


def train(network: torch.nn.Module, epochs: int, rate: float = 1e-3, seed: int = 0) -> None:
    """Train on the first 1,437 digits."""
    torch.set_num_threads(1)
    x, y = digits()
    random = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(network.parameters(), rate)
    for _ in range(epochs):
        for batch in torch.randperm(_TRAINED, generator=random).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
            optimizer.step()


def trained(kind: str, epochs: int = 8, seed: int = 0) -> torch.nn.Sequential:
    """Return a trained network: ``cnn`` or ``mlp``."""
    torch.manual_seed(seed)
    network = cnn() if kind == "cnn" else mlp()
    train(network, epochs, seed=seed)
    return network.eval()


def arrays(network: torch.nn.Module) -> Arrays:
    """Return the weights of a network as arrays of its own."""
    return {name: value.numpy().copy() for name, value in network.state_dict().items()}


def with_weights(kind: str, weights: Arrays) -> torch.nn.Sequential:
    """Return a network with other weights."""
    network = cnn() if kind == "cnn" else mlp()
    network.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    return network.eval()


def labels(network: torch.nn.Module) -> NDArray[np.int64]:
    """Return what a network says of the digits that it was not trained on."""
    with torch.no_grad():
        return network(digits()[0][_TRAINED:]).argmax(1).numpy()


def accuracy(said: NDArray[np.int64]) -> float:
    """Return how many of the answers are right, in percent."""
    return 100.0 * float((said == digits()[1][_TRAINED:].numpy()).mean())


def moved(before: Arrays, after: Arrays) -> float:
    """Return the RMS of the change over that of the weights, over tensors of two axes or more."""
    names = [name for name, value in before.items() if value.ndim > 1]
    change = sum(float(np.square(after[name] - before[name]).sum()) for name in names)
    return float(np.sqrt(change / sum(float(np.square(before[name]).sum()) for name in names)))
