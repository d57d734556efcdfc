"""Protocol buffers: any bytes give fields or an error of ours, and big fields are stepped over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import LimitExceeded, ParseError, SentinelError
from sentinel.formats.protobuf import BYTES, FIXED32, GROUP, VARINT, Window, signed
from sentinel.limits import Budget, Limits
from sentinel.readers import MemoryReader
from tests.kit.proto import field, message, varint

values = st.one_of(
    st.integers(-(1 << 63), (1 << 64) - 1), st.floats(width=32), st.binary(max_size=300)
)
messages = st.lists(st.tuples(st.integers(1, (1 << 29) - 1), values), max_size=20)


def window(data: bytes) -> Window:
    return Window(MemoryReader(data), Budget())


@given(messages)
def test_what_was_written_is_read(rows: list[tuple[int, Any]]) -> None:
    data = message(*rows)
    source = window(data)
    found = list(source.fields(0, len(data)))
    assert [one.number for one in found] == [number for number, _ in rows]
    for one, (_, value) in zip(found, rows, strict=True):
        if isinstance(value, int):
            assert one.wire == VARINT
            assert one.value == value & ((1 << 64) - 1)
            assert signed(one.value) == (value if value < 1 << 63 else value - (1 << 64))
        elif isinstance(value, float):
            assert one.wire == FIXED32
        else:
            assert (one.wire, source.raw(one, 1000)) == (BYTES, value)


@given(st.binary(max_size=200))
def test_any_bytes_give_fields_or_an_error(data: bytes) -> None:
    try:
        for one in window(data).fields(0, len(data)):
            assert 0 <= one.start <= one.end <= len(data)
    except SentinelError:
        pass


@given(messages.filter(len), st.data())
def test_a_cut_message_gives_an_error_or_fewer_fields(rows: list[Any], draw: st.DataObject) -> None:
    data = message(*rows)
    cut = data[: draw.draw(st.integers(0, len(data) - 1))]
    try:
        assert len(list(window(cut).fields(0, len(cut)))) < len(rows)
    except ParseError:
        pass


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x02\x00", "number 0"),
        (b"\x0e", "type 6"),
        (b"\x0c", "did not start"),
        (b"\x0b\x08\x01", "no end"),
        (b"\x0b\x14", "did not start"),
        (b"\x0b" * 200, "deeper"),
        (b"\x0a\x05abc", "behind its message's end"),
        (b"\x0a" + varint((1 << 64) - 1), "behind its message's end"),
        (b"\x08" + b"\x80" * 11 + b"\x01", "ten bytes"),
        (b"\x08\x80", "ends within a number"),
        (b"\x0d\x01", "behind its message's end"),
    ],
)
def test_what_cannot_be_is_an_error(data: bytes, why: str) -> None:
    with pytest.raises(ParseError, match=why):
        list(window(data).fields(0, len(data)))


def test_groups_are_stepped_over() -> None:
    inner = b"\x0b" + field(2, b"x" * 9) + b"\x13\x14" + b"\x0c"
    data = inner + field(3, 7)
    first, second = window(data).fields(0, len(data))
    assert (first.wire, first.number) == (GROUP, 1)
    assert (second.number, second.value) == (3, 7)


def test_big_fields_are_not_read() -> None:
    data = message(*[(1, bytes(1 << 20)) for _ in range(20)])
    reader = MemoryReader(data)
    assert len(list(Window(reader, Budget()).fields(0, len(data)))) == 20
    assert reader.stats.bytes_read <= 21 * 1024


def test_a_million_fields_are_bounded_by_time() -> None:
    data = b"\x08\x01" * 500_000
    with pytest.raises(LimitExceeded):
        list(Window(MemoryReader(data), Budget(Limits(timeout=-1.0))).fields(0, len(data)))


def test_packed_and_plain_numbers_are_the_same() -> None:
    packed = window(field(1, varint(3) + varint(-1)))
    plain = window(field(1, [3, -1]))
    for source in (packed, plain):
        fields = source.fields(0, source.size)
        assert [number for one in fields for number in source.numbers(one, 10)] == [3, -1]
