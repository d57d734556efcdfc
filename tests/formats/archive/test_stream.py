"""Readers over what a decompressor gives: whole, in pieces, backwards, broken."""

from __future__ import annotations

import zlib
from functools import partial

import pytest

from sentinel.errors import LimitExceeded, ParseError
from sentinel.formats.archive.codecs import (
    InflateDecoder,
    SizedDecoder,
    gzip_stream,
    zlib_stream,
)
from sentinel.limits import MIB, Budget
from sentinel.readers import MemoryReader
from sentinel.readers.stream import (
    Codec,
    ForwardReader,
    Stream,
    TornReader,
    expand,
    whole_or_torn,
)
from tests.formats.archive.kit import PICKLE, budget

LARGE = 70 * MIB


def stream(data: bytes, start: int = 0) -> Stream:
    return Stream(MemoryReader(data), start, len(data), zlib_stream())


def numbered(size: int) -> bytes:
    """Return bytes of which every eight say where they are."""
    return b"".join(n.to_bytes(8, "big") for n in range(size // 8))


@pytest.fixture(scope="module")
def large() -> bytes:
    packer = zlib.compressobj(1)
    pieces = [packer.compress(numbered(MIB)) for _ in range(LARGE // MIB)]
    return b"".join(pieces) + packer.flush()


def expected(offset: int, length: int) -> bytes:
    piece = numbered(MIB)
    start = offset % MIB
    return (piece * (length // MIB + 2))[start : start + length]


def test_little_is_held_in_memory() -> None:
    found = expand(stream(b"front" + zlib.compress(PICKLE) + b"behind", 5), Budget())
    assert isinstance(found.reader, MemoryReader)
    assert (found.size, found.error, found.reason) == (len(PICKLE), None, "")
    assert found.end == 5 + len(zlib.compress(PICKLE))
    assert found.reader.view() == PICKLE


def test_much_is_read_forwards_and_backwards(large: bytes) -> None:
    found = expand(stream(large), Budget())
    reader = found.reader
    assert isinstance(reader, ForwardReader)
    assert (reader.size, found.error) == (LARGE, None)
    assert reader.view() is None
    for offset, length in (
        (0, 100),
        (30 * MIB + 3, 5 * MIB),
        (LARGE - 10, 100),
        (36 * MIB, 8),
        (2 * MIB, 1000),
        (60 * MIB + 5, 10),
        (LARGE, 5),
        (LARGE - 3 * MIB, 100),
    ):
        assert reader.pread(offset, length) == expected(offset, min(length, LARGE - offset))
    assert reader.stats.requests >= 8


def test_every_pass_is_paid_for(large: bytes) -> None:
    purse = budget(max_expanded=3 * LARGE)
    reader = expand(stream(large), purse).reader
    reader.pread(50 * MIB, 8)
    assert purse.expanded > LARGE + 50 * MIB
    with pytest.raises(LimitExceeded):
        for _ in range(5):
            reader.pread(50 * MIB, 8)
            reader.pread(5 * MIB, 8)


def test_the_head_and_the_tail_cost_nothing(large: bytes) -> None:
    purse = Budget()
    reader = expand(stream(large), purse).reader
    spent = purse.expanded
    for _ in range(50):
        assert reader.pread(0, 4096) == expected(0, 4096)
        assert len(reader.pread(LARGE - 65_557, 65_557)) == 65_557
    assert purse.expanded == spent


@pytest.mark.parametrize("cut", [1, 4, 5, 20])
def test_a_cut_stream_is_truncated(cut: int) -> None:
    found = expand(stream(zlib.compress(PICKLE + bytes(range(200)))[:-cut]), Budget())
    assert found.reason == "truncated"
    assert isinstance(found.error, ParseError)
    assert (PICKLE + bytes(range(200))).startswith(found.reader.pread(0, 999))


def test_nothing_in_front_of_a_break_is_lost() -> None:
    for size in (1, 100, 5_000, 100_000):
        packer = zlib.compressobj(0)
        good = numbered(size + 8)[:size]
        packed = packer.compress(good) + packer.flush(zlib.Z_SYNC_FLUSH) + b"\xff\xff\xff"
        found = expand(stream(packed), Budget())
        assert found.reason == "malformed"
        assert found.reader.pread(0, size + 1) == good


def test_nothing_in_front_of_a_break_is_lost_where_one_byte_gives_many() -> None:
    packer = zlib.compressobj(9)
    good = bytes(50_000) + PICKLE
    packed = packer.compress(good) + packer.flush(zlib.Z_SYNC_FLUSH) + b"\xff\xff\xff"
    assert expand(stream(packed), Budget()).reader.pread(0, 60_000) == good


def test_a_spent_budget_is_a_limit() -> None:
    found = expand(stream(zlib.compress(bytes(5 * MIB))), budget(max_expanded=2 * MIB))
    assert found.reason == "limit"
    assert isinstance(found.error, LimitExceeded)
    assert 0 < found.size <= 3 * MIB


def test_no_time_is_a_limit() -> None:
    found = expand(stream(zlib.compress(PICKLE)), budget(timeout=-1.0))
    assert (found.reason, found.size) == ("limit", 0)
    with pytest.raises(LimitExceeded):
        whole_or_torn(found)


def test_a_million_empty_members_end() -> None:
    import gzip

    one = gzip.compress(b"", mtime=0)
    data = one * 20_000 + gzip.compress(PICKLE)
    found = expand(Stream(MemoryReader(data), 0, len(data), gzip_stream()), Budget())
    assert found.reader.pread(0, 100) == PICKLE
    assert found.end == len(data)


def test_a_torn_reader_does_not_pass_for_a_whole_one() -> None:
    error = ParseError("broken here")
    torn = TornReader(MemoryReader(PICKLE), error)
    assert torn.size == len(PICKLE) + 1
    assert torn.pread(0, torn.size) == PICKLE
    assert torn.view() is None
    with pytest.raises(ParseError, match="broken here"):
        torn.pread(len(PICKLE), 1)
    assert torn.pread(len(PICKLE), 0) == b""


def test_a_sized_decoder_stops_at_its_size() -> None:
    make = partial(SizedDecoder, partial(InflateDecoder, -15), 10)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(PICKLE) + packer.flush()
    codec = Codec(make, (zlib.error,))
    found = expand(Stream(MemoryReader(packed), 0, len(packed), codec), Budget())
    assert (found.reader.pread(0, 99), found.error) == (PICKLE[:10], None)
