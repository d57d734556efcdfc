"""Arrays, types, random numbers and sparse matrices whose parts do not fit are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from numpy.random import MT19937, Generator, Philox, RandomState

from sentinel.errors import TrustError
from sentinel.trust.load.checks import check
from sentinel.trust.load.joblib_file import load_pickle
from tests.trust.load.kit import Reduced, pickled, refusal

# Arrays, types, numbers


def test_types_whose_flags_or_offsets_lie_are_refused() -> None:
    objects = np.dtype("O")
    function, args, state = objects.__reduce__()
    hostile = Reduced(function, args, (*state[:7], 0))  # no longer says that it holds pointers
    assert refusal(pickled(hostile)).reason == "unsafe-values"
    record = np.dtype([("a", "i8"), ("b", "i8")])
    function, args, state = record.__reduce__()
    far = {"a": (np.dtype("i8"), 0), "b": (np.dtype("i8"), 1_000_000)}
    for wrong in (
        (*state[:4], far, *state[5:]),
        (*state[:5], 4_096, *state[6:]),
        (*state[:7], 63),
        (*state[:4], {"a": (objects, 0), "b": (np.dtype("i8"), 8)}, *state[5:]),
    ):
        assert refusal(pickled(Reduced(function, args, wrong))).reason == "unsafe-values"
    assert load_pickle(pickled(record)) == record


def _array(change: Callable[[list[Any]], None]) -> bytes:
    function, args, state = np.arange(6, dtype="i8").reshape(2, 3).__reduce__()
    parts = list(state)
    change(parts)
    return pickled(Reduced(function, args, tuple(parts)))


@pytest.mark.parametrize(
    ("place", "value"),
    [(1, (1_000_000, 3)), (1, (-1, 3)), (1, (2, 2)), (1, "ab"), (1, (1 << 62, 1 << 62)),
     (2, "i8"), (4, b""), (4, b"x" * 47), (4, [1] * 6), (2, np.dtype("O")), (0, 7)],
)  # fmt: skip
def test_arrays_whose_parts_do_not_fit_are_refused(place: int, value: Any) -> None:
    def change(parts: list[Any]) -> None:
        parts[place] = value

    assert refusal(_array(change)).reason == "unsafe-values"
    assert (load_pickle(_array(lambda parts: None)) == np.arange(6).reshape(2, 3)).all()


def test_an_array_gets_one_state() -> None:
    data = pickled(np.arange(3))
    again = data[:-1] + b"Nb."
    assert refusal(again).reason == "not-allowed"


def test_bytes_are_not_taken_for_an_object() -> None:
    from numpy._core.multiarray import scalar  # type: ignore[import-not-found]

    pair = np.zeros(1, "i8")
    for args in ((np.dtype("O"), pair), (np.dtype("O"), b"12345678"), (np.dtype("i8"), b"1234")):
        assert refusal(pickled(Reduced(scalar, args))).reason == "unsafe-values"
    assert load_pickle(pickled(np.float64(2.5))) == 2.5


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array(5),
        np.array([], "f4"), np.zeros((0, 4)), np.array(["a", "bcd"]), np.array([b"x"]),
        np.array(["a", None, 2], object), np.array([[1, "x"]], object), np.array([True]),
        np.array([1 + 2j]), np.arange(3, dtype=">i4"), np.array(["2020-01-01"], "M8[D]"),
        np.array([5], "m8[ns]"), np.zeros(2, [("a", "i4"), ("b", "f8", (2,))]),
        np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)), np.float32(1.5),
        np.str_("x"), np.bool_(True), np.int8(-1), np.datetime64("2020"),
        np.ma.masked_array([1, 2], [True, False]), np.dtype("f4"), np.dtype([("a", "i4")]),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'dtype', '')}",
)  # fmt: skip
@pytest.mark.parametrize("protocol", range(6))
def test_arrays_come_back(value: Any, protocol: int) -> None:
    found = load_pickle(pickled(value, protocol))
    assert type(found) is type(value)
    if isinstance(value, np.dtype):
        assert found == value
        return
    assert found.dtype == value.dtype
    assert found.shape == value.shape
    assert np.array_equal(found, value)


@pytest.mark.parametrize("make", [MT19937, Philox])
def test_random_numbers_with_a_position_outside_are_refused(make: Any) -> None:
    bits = make(1)
    state = bits.state
    assert load_pickle(pickled(bits)).random_raw() == make(1).random_raw()
    function, args, whole = bits.__reduce__()
    if make is MT19937:
        state["state"]["pos"] = 1_000_000
    else:
        state["buffer_pos"] = -5
    hostile = Reduced(function, args, (state, *whole[1:]))
    assert refusal(pickled(hostile)).reason == "unsafe-values"


def test_random_numbers_come_back() -> None:
    for value in (RandomState(3), Generator(np.random.PCG64(3)), np.random.SeedSequence(9)):
        found = load_pickle(pickled(value))
        assert type(found) is type(value)
    assert load_pickle(pickled(RandomState(3))).randint(1 << 30) == RandomState(3).randint(1 << 30)


# Sparse matrices


@pytest.mark.parametrize(
    ("key", "value"),
    [("indices", 9_999), ("indices", -1), ("indptr", 9_999), ("indptr", -1)],
)
@pytest.mark.parametrize("kind", ["csr", "csc"])
def test_a_sparse_matrix_that_leads_astray_is_refused(kind: str, key: str, value: int) -> None:
    matrix = getattr(scipy.sparse.random(6, 5, 0.5, random_state=0), f"to{kind}")()
    check(matrix)
    getattr(matrix, key)[1] = value
    with pytest.raises(TrustError, match="sparse"):
        check([matrix])


def test_a_sparse_matrix_of_fewer_values_is_refused() -> None:
    matrix = scipy.sparse.eye(4).tocsr()
    check(load_pickle(pickled(matrix)))
    matrix.data = matrix.data[:1]
    with pytest.raises(TrustError, match="length"):
        check(load_pickle(pickled(matrix)))


@pytest.mark.parametrize("key", ["row", "col"])
def test_coordinates_outside_are_refused(key: str) -> None:
    matrix = scipy.sparse.eye(4).tocoo()
    check(matrix)
    getattr(matrix, key)[0] = 4
    with pytest.raises(TrustError, match="outside"):
        check(matrix)
