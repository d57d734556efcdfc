"""Whatever the arrays: what is not marked stays as it is, zeros stay zeros, and nothing crashes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from ml_dtypes import bfloat16
from numpy.typing import NDArray

from sentinel.errors import SentinelError, UsageError
from sentinel.trust import NotMarked, embed_watermark, verify_watermark
from sentinel.trust.watermark.embed import embed_store
from sentinel.trust.watermark.store import ArrayStore
from tests.trust.watermark.conftest import key

_FLOATS = [np.float64, np.float32, np.float16, bfloat16]
_SEEDS = st.integers(0, 2**32 - 1)
_OTHERS = [np.int8, np.uint8, np.int64, np.bool_, np.complex64, np.dtype(">f4")]


def _weights(seed: int, kind: Any, zeros: float) -> NDArray[Any]:
    random = np.random.default_rng(seed)
    values = random.standard_t(4, size=(40, 64)) * 10.0 ** random.integers(-3, 3)
    values = np.where(random.random(values.shape) < zeros, 0.0, values)
    with np.errstate(all="ignore"):
        return (np.clip(values, 0, 100) if kind in (np.uint8, np.int8) else values).astype(kind)


@given(_SEEDS, st.sampled_from(_FLOATS), st.sampled_from([0.0, 0.1, 0.5]))
@settings(deadline=None, max_examples=40)
def test_zeros_stay_and_the_change_is_small(seed: int, kind: Any, zeros: float) -> None:
    weights = {"w": _weights(seed, kind, zeros), "b": np.ones(5000, np.float32)}
    before = {name: value.copy() for name, value in weights.items()}
    copy, mark = embed_watermark(weights, key(), identity=seed)
    for name, value in before.items():
        assert weights[name].tobytes() == value.tobytes()
    assert copy["b"].tobytes() == before["b"].tobytes()
    assert copy["w"].dtype == before["w"].dtype
    assert copy["w"].tobytes() != before["w"].tobytes()
    was, now = (one.astype(np.float64) for one in (before["w"], copy["w"]))
    assert not np.any(now[was == 0])
    assert np.sqrt(np.square(now - was).sum() / np.square(was).sum()) <= 0.0051
    assert mark.record.distortion <= 0.005
    assert verify_watermark(copy, key(), record=mark.record).verdict == "marked"


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.sampled_from([*_FLOATS[:3], *_OTHERS]).flatmap(
            lambda kind: arrays(kind, array_shapes(min_dims=0, max_dims=3, max_side=5))
        )
        | st.builds(_weights, _SEEDS, st.sampled_from([*_FLOATS, *_OTHERS]), st.just(0.1)),
        max_size=4,
    )
)
@settings(deadline=None, max_examples=100)
def test_arrays_of_any_kind(model: dict[str, NDArray[Any]]) -> None:
    before = {name: value.tobytes() for name, value in model.items()}
    reason = ""
    try:
        copy, mark = embed_watermark(model, key(), identity=1)
    except NotMarked as error:
        reason = error.reason
    else:
        marked = {part.name for part in mark.record.parts}
        assert list(copy) == list(model)
        for name, value in copy.items():
            assert value.dtype == model[name].dtype
            assert value.shape == model[name].shape
            assert name in marked or value is model[name]
        assert verify_watermark(copy, key(), record=mark.record).verdict == "marked"
    assert before == {name: value.tobytes() for name, value in model.items()}
    assert reason in ("", "capacity", "dtype", "budget", "self-check")


@given(
    st.lists(st.tuples(st.integers(0, 2559), st.sampled_from([np.nan, np.inf, -np.inf, 3e38]))),
    st.sampled_from([np.float32, np.float64]),
)
@settings(deadline=None, max_examples=40)
def test_numbers_that_are_none_are_left_alone(places: list[tuple[int, float]], kind: Any) -> None:
    weights = _weights(1, kind, 0.0)
    for place, value in places:
        weights.reshape(-1)[place] = value
    try:
        copy, mark = embed_watermark({"w": weights}, key(), identity=1)
    except SentinelError:
        return
    odd = ~np.isfinite(weights)
    assert copy["w"][odd].tobytes() == weights[odd].tobytes()
    assert np.isfinite(copy["w"][~odd]).all()
    found = verify_watermark(copy, key(), record=mark.record)
    assert found.verdict == "marked"


def test_arrays_that_lie_otherwise_in_memory() -> None:
    whole = _weights(3, np.float32, 0.0)
    model = {"t": whole.T, "again": whole, "strided": _weights(4, np.float32, 0.0)[:, ::2]}
    copy, mark = embed_watermark(model, key(), identity=1)
    names = {part.name for part in mark.record.parts}
    assert "strided" in names
    assert len(names & {"t", "again"}) == 1
    assert verify_watermark(copy, key(), record=mark.record).verdict == "marked"
    compact = {name: np.ascontiguousarray(value) for name, value in copy.items()}
    assert verify_watermark(compact, key(), record=mark.record).verdict == "marked"


def test_zeros_of_a_sparse_model_narrow_the_step() -> None:
    dense, sparse = (
        embed_watermark({"w": _weights(2, np.float32, share)}, key(), identity=1)[1]
        for share in (0.0, 0.6)
    )
    assert sparse.record.parameters["delta"] < dense.record.parameters["delta"]
    assert sparse.record.distortion <= 0.005
    copy, _ = embed_watermark({"w": _weights(2, np.float32, 0.6)}, key(), identity=1)
    assert verify_watermark(copy, key(), identities=[1]).verdict == "marked"


def test_the_same_key_and_model_give_the_same_copy() -> None:
    weights = {"w": _weights(2, np.float32, 0.0)}
    one, two = (embed_watermark(weights, key(), identity=1)[0] for _ in range(2))
    other, _ = embed_watermark(weights, key(), identity=1, context="B")
    assert one["w"].tobytes() == two["w"].tobytes() != other["w"].tobytes()


@pytest.mark.parametrize("model", [{"w": [1, 2]}, {1: np.ones(3)}, [np.ones(3)], None])
def test_what_is_no_model(model: Any) -> None:
    with pytest.raises(NotMarked) as caught:
        embed_watermark(model, key())
    assert caught.value.reason == "unsupported-kind"


def test_payloads_are_of_64_bits() -> None:
    weights = {"w": _weights(2, np.float32, 0.0)}
    for identity in (-1, 1 << 64):
        with pytest.raises(UsageError):
            embed_watermark(weights, key(), identity=identity)
        with pytest.raises(UsageError):
            verify_watermark(weights, key(), identities=[identity])
    _, mark = embed_watermark(weights, key(), identity=(1 << 64) - 1)
    assert mark.record.identity == "f" * 16
    drawn = {embed_watermark(weights, key())[1].record.identity for _ in range(3)}
    assert len(drawn) == 3


def test_a_mark_that_did_not_reach_its_copy_is_told() -> None:
    store = ArrayStore({"w": _weights(2, np.float32, 0.0)})
    with pytest.raises(NotMarked) as caught:
        embed_store(store, key(), 1, written=lambda: ArrayStore(store.originals))
    assert caught.value.reason == "self-check"
    embed_store(store, key(), 1, written=lambda: ArrayStore(store.arrays))
