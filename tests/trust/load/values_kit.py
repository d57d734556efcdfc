"""Data to fit on, and how a model is refused once its numbers are changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sentinel.errors import TrustError
from sentinel.trust.load.checks import check
from sentinel.trust.load.joblib_file import load_pickle
from tests.trust.load.kit import pickled

X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] * 3).astype(int) % 3


def refused_after(model: Any, change: Callable[[Any], Any]) -> str:
    """Return how a changed model is refused; unchanged, it must pass."""
    check(load_pickle(pickled(model)))
    hostile = copy.deepcopy(model)
    change(hostile)
    with pytest.raises(TrustError) as caught:
        check(load_pickle(pickled(hostile)))
    return caught.value.reason
