"""Keys, and networks that were trained once and marked once for all tests."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sentinel.trust import embed_watermark
from sentinel.trust.watermark.embed import Marked
from sentinel.trust.watermark.keys import HeldKey
from sentinel.trust.watermark.secret import Secret
from tests.trust.watermark import networks
from tests.trust.watermark.networks import Arrays

IDENTITY = 0x0123456789ABCDEF


class Model(NamedTuple):
    """A trained network, its weights, a marked copy of them, and the mark."""

    kind: str
    network: networks.torch.nn.Sequential
    original: Arrays
    copy: Arrays
    mark: Marked


def key(number: int = 1) -> HeldKey:
    """Return one of any number of keys."""
    return HeldKey(Secret(number.to_bytes(32, "little")))


@pytest.fixture(scope="session")
def owner() -> HeldKey:
    return key()


def _model(kind: str, owner: HeldKey) -> Model:
    network = networks.trained(kind)
    original = networks.arrays(network)
    copy, mark = embed_watermark(original, owner, identity=IDENTITY)
    return Model(kind, network, original, copy, mark)


@pytest.fixture(scope="session")
def cnn(owner: HeldKey) -> Model:
    return _model("cnn", owner)


@pytest.fixture(scope="session")
def mlp(owner: HeldKey) -> Model:
    return _model("mlp", owner)


@pytest.fixture(params=["cnn", "mlp"])
def model(request: pytest.FixtureRequest) -> Model:
    found: Model = request.getfixturevalue(request.param)
    return found
