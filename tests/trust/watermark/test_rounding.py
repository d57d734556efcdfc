"""16-bit weights: rounded at random, right on average, and within the type."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from ml_dtypes import bfloat16

from sentinel.trust import embed_watermark, verify_watermark
from sentinel.trust.watermark.rounding import packed, rounded
from tests.trust.watermark.conftest import key

finite = st.floats(-3e4, 3e4, width=32)


def as_float(found: np.ndarray, dtype: str) -> np.ndarray:
    """Return what is left of values once they are stored in their type: all of it."""
    stored = packed(found, dtype)
    values = (stored.view(bfloat16) if dtype == "BF16" else stored).astype(np.float32)
    assert values.tobytes() == found.tobytes()
    return values


@given(finite, st.integers(0, 65535), st.sampled_from(["F16", "BF16"]))
@settings(deadline=None)
def test_a_number_becomes_one_of_its_two_neighbours(value: float, noise: int, dtype: str) -> None:
    single = np.array([value], np.float32)
    found = as_float(rounded(single, dtype, np.array([noise], np.uint16)), dtype)
    kind = torch.bfloat16 if dtype == "BF16" else torch.float16
    near = torch.tensor(single).to(kind)
    zero = torch.zeros(1, dtype=kind)
    around = [near, torch.nextafter(near, zero + 6e4), torch.nextafter(near, zero - 6e4)]
    assert float(found[0]) in [float(one) for one in around]
    if float(near) == float(single[0]):
        assert found[0] == single[0]


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
@pytest.mark.parametrize("value", [0.1, -0.3337, 1e-6, 3e-5, -7.7e-8])
def test_it_is_right_on_average(dtype: str, value: float) -> None:
    noise = np.arange(65536, dtype=np.uint16)
    values = np.full(65536, value, np.float32)
    mean = as_float(rounded(values, dtype, noise), dtype).mean(dtype=np.float64)
    spacing = max(abs(value) * 2.0**-7, 2.0**-24)
    assert mean == pytest.approx(float(np.float32(value)), abs=spacing * 1e-3)


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
def test_nothing_becomes_infinite(dtype: str) -> None:
    most = 65504.0 if dtype == "F16" else float(torch.finfo(torch.bfloat16).max)
    values = np.array([most, -most, most * 1.001], np.float32)
    found = as_float(rounded(values, dtype, np.full(3, 65535, np.uint16)), dtype)
    assert list(np.abs(found)) == [most] * 3


def test_native_bfloat16_at_long_chips_is_read_without_errors() -> None:
    # 65,536 weights to a chip at a step of 2: the shift of a weight is far below its spacing.
    from sentinel.trust.watermark.plan import Plan
    from sentinel.trust.watermark.record import Part
    from sentinel.trust.watermark.stdm import apply, project, shifts
    from sentinel.trust.watermark.store import ArrayStore
    from sentinel.trust.watermark.streams import KeyStreams

    length, chips = 65_536, 48
    random = np.random.default_rng(0)
    weights = (random.standard_normal((chips, length), np.float32) * 0.02).astype(bfloat16)
    laid = Plan(length, (Part("w", weights.shape, chips),), weights.size)
    assert laid.delta == 2.0
    store = ArrayStore({"w": weights})
    streams, (tensor,) = KeyStreams(key().derive(b"")), store.tensors
    before = project(store, tensor, "w", streams, length, chips)
    dithers, bits = streams.dithers("w", chips), np.arange(chips, dtype=np.uint8) % 2
    moves = shifts(before.values, dithers, bits, 2.0)
    spent = apply(store, tensor, streams, length, before, moves)
    after = project(ArrayStore(store.arrays), tensor, "w", streams, length, chips)
    assert np.abs(shifts(after.values, dithers, bits, 2.0)).max() < 0.05  # an error is 0.5
    assert (spent / before.energy) ** 0.5 < 0.0035  # 0.0023 without rounding


@pytest.mark.parametrize("kind", [np.float16, bfloat16])
def test_a_model_of_16_bits_is_marked_within_the_budget(kind: type) -> None:
    random = np.random.default_rng(1)
    weights = {f"l{n}": random.normal(0, 0.05, (256, 256)).astype(kind) for n in range(4)}
    copy, mark = embed_watermark(weights, key(), identity=3)
    change = [
        (copy[name].astype(np.float64) - value.astype(np.float64))
        for name, value in weights.items()
    ]
    energy = sum(np.square(value.astype(np.float64)).sum() for value in weights.values())
    measured = (sum(np.square(one).sum() for one in change) / energy) ** 0.5
    assert measured <= 0.005
    assert mark.record.distortion == pytest.approx(measured, rel=1e-3)
    assert all(copy[name].dtype == value.dtype for name, value in weights.items())
    assert verify_watermark(copy, key(), record=mark.record).log10_p <= -50
