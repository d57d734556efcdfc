"""JSON with one meaning only."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import TrustError
from sentinel.trust import strict_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


def reason(data: bytes, **more: int) -> str:
    with pytest.raises(TrustError) as caught:
        strict_json.loads(data, what="x.json", **more)
    assert "x.json" in caught.value.message
    return caught.value.reason


@given(VALUES)
def test_what_is_written_is_what_is_read(value: object) -> None:
    data = strict_json.canonical(value)
    assert strict_json.loads(data, what="it") == value == json.loads(data)
    assert strict_json.canonical(strict_json.loads(data, what="it")) == data


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        value = strict_json.loads(data, what="it")
    except TrustError:
        return
    assert value == json.loads(data)


def test_canonical_is_sorted_and_without_spaces() -> None:
    assert strict_json.canonical({"b": [1, "ü"], "a": None}) == '{"a":null,"b":[1,"ü"]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"x", "\ud800"])
def test_canonical_refuses_what_json_does_not_have(value: object) -> None:
    with pytest.raises(TrustError, match="no JSON"):
        strict_json.canonical(value)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":1}', "json-duplicate-key"),
        (b'{"b":[{"a":1,"\\u0061":2}]}', "json-duplicate-key"),
        (b'{"a":NaN}', "json-number"),
        (b"[-Infinity]", "json-number"),
        (b"[1e999]", "json-number"),
        (b'["\\ud800"]', "json-text"),
        (b'{"\\udfff":1}', "json-text"),
        (b"\xef\xbb\xbf{}", "json-invalid"),
        (b"\xff\xfe{\x00}\x00", "json-invalid"),
        (b"{} {}", "json-invalid"),
        (b"", "json-invalid"),
        (b"{'a':1}", "json-invalid"),
        (b"[" + b"9" * 5000 + b"]", "json-invalid"),
        (b"[" * 66 + b"]" * 66, "json-depth"),
        (b"[" * 100_000 + b"]" * 100_000, "json-depth"),
        (b"[" * 100_000, "json-depth"),
        (b"[" + b"1," * 2_000_001 + b"1]", "too-large"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(data: bytes, code: str) -> None:
    assert reason(data) == code


@pytest.mark.parametrize(
    "data", [b'{"a":1,"A":1}', b"[1e300]", b'["\\ud83d\\ude00"]', b"[" * 60 + b"]" * 60]
)
def test_their_nearest_neighbours_are_read(data: bytes) -> None:
    assert strict_json.loads(data, what="it") == json.loads(data)


def test_the_limit_is_in_bytes() -> None:
    assert strict_json.loads(b"[1234]", what="it", limit=6) == [1234]
    assert reason(b"[12345]", limit=6) == "too-large"
