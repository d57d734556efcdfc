"""Files that are one compressed stream, by real compressors, cut, broken and followed by more."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pytest

from sentinel.errors import ParseError, UnsupportedError
from sentinel.formats import BY_NAME, Parsed, load
from sentinel.formats.archive import compress
from sentinel.formats.archive.packed_model import CompressedStream
from sentinel.limits import MIB, Budget
from tests.formats.archive.kit import PICKLE, artifact, budget

PAYLOAD = PICKLE + bytes(range(256)) * 50


def by_zstandard(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def by_lz4(data: bytes) -> bytes:
    import lz4.frame

    return lz4.frame.compress(data, content_checksum=True)


def by_old_joblib(data: bytes) -> bytes:
    return b"ZF" + hex(len(data)).encode().ljust(19) + zlib.compress(data)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
    "zstd": by_zstandard,
    "lz4": by_lz4,
    "zfile": by_old_joblib,
}
JOINED = ("gzip", "bzip2", "xz", "zstd", "lz4")

each = pytest.mark.parametrize("kind", PACKERS)


def parse(data: bytes, kind: str, name: str = "model.pkl", limits: Budget | None = None) -> Parsed:
    parsed = load(BY_NAME[kind].parse)(artifact(data, name), limits or Budget())
    assert isinstance(parsed, Parsed)
    return parsed


def opened(parsed: Parsed) -> list[tuple[str, bytes]]:
    readers = [(member.name, member.open()) for member in parsed.members]
    return [(name, reader.pread(0, reader.size)) for name, reader in readers]


@each
def test_a_whole_stream_gives_one_member_and_nothing_to_remark(kind: str) -> None:
    packed = PACKERS[kind](PAYLOAD)
    parsed = parse(packed, kind)
    assert opened(parsed) == [("model.pkl", PAYLOAD)]
    assert parsed.gaps == ()
    assert parsed.model == CompressedStream(kind, len(packed), len(PAYLOAD), 0, ())


@each
def test_what_follows_a_stream_is_a_member_and_an_anomaly(kind: str) -> None:
    packed = PACKERS[kind](PAYLOAD)
    parsed = parse(packed + b"\x80\x04K\x01.", kind)
    assert [data for _, data in opened(parsed)] == [PAYLOAD, b"\x80\x04K\x01."]
    assert isinstance(parsed.model, CompressedStream)
    assert [one.kind for one in parsed.model.anomalies] == ["trailing-pickle"]
    assert parsed.model.anomalies[0].offset == len(packed)


@each
def test_zeros_behind_a_stream_are_padding(kind: str) -> None:
    parsed = parse(PACKERS[kind](PAYLOAD) + bytes(4096), kind)
    assert len(opened(parsed)) == 1
    assert parsed.gaps == ()


@each
def test_a_cut_stream_gives_what_came_before_and_a_gap(kind: str) -> None:
    noise = np.random.default_rng(1).bytes(2 * MIB)  # more than one block of every compressor
    packed = PACKERS[kind](PICKLE + noise)
    parsed = parse(packed[: -len(packed) // 10], kind)
    ((_, data),) = opened(parsed)
    assert data.startswith(PICKLE)
    assert (PICKLE + noise).startswith(data)
    assert [gap.reason for gap in parsed.gaps] == ["truncated"]


@each
def test_a_broken_stream_gives_what_came_before_and_a_gap(kind: str) -> None:
    noise = np.random.default_rng(1).bytes(2 * MIB)
    packed = bytearray(PACKERS[kind](PICKLE + noise))
    at = len(packed) * 9 // 10
    packed[at : at + 64] = bytes(byte ^ 0xA5 for byte in packed[at : at + 64])
    parsed = parse(bytes(packed), kind)
    assert parsed.gaps
    assert opened(parsed)[0][1].startswith(PICKLE)


def test_a_break_right_behind_a_small_payload_loses_none_of_it() -> None:
    # A loader that reads piece by piece has run the payload before it meets the break.
    packer = zlib.compressobj()
    packed = packer.compress(PICKLE) + packer.flush(zlib.Z_SYNC_FLUSH) + b"\xff" * 8
    parsed = parse(packed, "zlib")
    assert opened(parsed) == [("model.pkl", PICKLE)]
    assert [gap.reason for gap in parsed.gaps] == ["malformed"]


@each
def test_nothing_comes_out_of_a_header_alone(kind: str) -> None:
    with pytest.raises(ParseError):
        parse(PACKERS[kind](PAYLOAD)[:10], kind)


@pytest.mark.parametrize("kind", JOINED)
def test_joined_streams_are_one(kind: str) -> None:
    pack = PACKERS[kind]
    parsed = parse(pack(PICKLE) + pack(b"second ") + pack(b"third"), kind)
    assert opened(parsed) == [("model.pkl", PICKLE + b"second third")]
    assert isinstance(parsed.model, CompressedStream)
    assert parsed.model.anomalies == ()


def test_padding_between_joined_gzip_members_is_what_gzip_allows() -> None:
    data = gzip.compress(PICKLE) + bytes(100) + gzip.compress(b"more")
    assert gzip.decompress(data) == PICKLE + b"more"
    assert opened(parse(data, "gzip")) == [("model.pkl", PICKLE + b"more")]


def test_a_wrong_gzip_checksum_loses_nothing() -> None:
    packed = bytearray(gzip.compress(PAYLOAD))
    packed[-8] ^= 0xFF
    parsed = parse(bytes(packed), "gzip")
    assert opened(parsed)[0][1] == PAYLOAD
    assert [gap.reason for gap in parsed.gaps] == ["malformed"]


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("model.pkl.gz", "model.pkl"),
        ("model.tgz", "model.tar"),
        ("MODEL.TAR.GZ", "MODEL.TAR"),
        ("model.joblib", "model.joblib"),
        (".gz", ".gz"),
    ],
)
def test_the_member_is_named_without_the_suffix(name: str, inner: str) -> None:
    assert opened(parse(gzip.compress(PICKLE), "gzip", name)) == [(inner, PICKLE)]


@pytest.mark.parametrize("compressor", ["zlib", "gzip", "bz2", "xz", "lzma", "lz4"])
def test_what_joblib_compresses_is_recognised_and_read(compressor: str) -> None:
    from sentinel.formats.identify import identify

    out = io.BytesIO()
    value = {"weights": np.arange(2000.0), "name": "model"}
    joblib.dump(value, out, compress=(compressor, 3))
    plain = io.BytesIO()
    joblib.dump(value, plain)
    data = out.getvalue()
    (kind,) = identify(artifact(data, "model.joblib")).formats
    parsed = parse(data, kind)
    assert opened(parsed) == [("model.pkl", plain.getvalue())]
    assert parsed.gaps == ()


# Recognition


def recognised(data: bytes, kind: str) -> Any:
    return load(BY_NAME[kind].recognise)(artifact(data), data[:4096])


@pytest.mark.parametrize("level", range(10))
def test_zlib_of_every_level_is_recognised(level: int) -> None:
    for payload in (PICKLE, PAYLOAD, PAYLOAD * 100, b"x"):
        assert recognised(zlib.compress(payload, level), "zlib")


def test_broken_zlib_is_recognised_when_a_payload_came_out() -> None:
    packer = zlib.compressobj()
    packed = packer.compress(PICKLE) + packer.flush(zlib.Z_SYNC_FLUSH) + b"\xff" * 8
    assert recognised(packed, "zlib")
    assert recognised(zlib.compress(PAYLOAD)[:-9], "zlib")


@pytest.mark.parametrize(
    "data",
    [
        b"hbase: a configuration file that starts like zlib\n",
        b"x\x9c" + bytes(100),
        b"x^2 + y^2 = z^2, as a text may start\n" * 10,
        b"H\x89 some bytes",
        b"x\x9c",
        b"",
    ],
)
def test_what_merely_starts_like_zlib_is_not_recognised(data: bytes) -> None:
    assert not recognised(data, "zlib")


def test_lzma_of_any_settings_is_recognised() -> None:
    for preset in (0, 6, 9 | lzma.PRESET_EXTREME):
        assert recognised(lzma.compress(PAYLOAD, lzma.FORMAT_ALONE, preset=preset), "lzma")
    odd = [{"id": lzma.FILTER_LZMA1, "lc": 0, "lp": 2, "pb": 1, "dict_size": 1 << 13}]
    assert recognised(lzma.compress(PICKLE, lzma.FORMAT_ALONE, filters=odd), "lzma")


def test_broken_lzma_is_recognised_by_what_came_out() -> None:
    packed = lzma.compress(PICKLE + np.random.default_rng(1).bytes(3000), lzma.FORMAT_ALONE)
    assert recognised(packed[:1500] + b"\xff" * 700, "lzma")


def test_numbers_are_not_taken_for_lzma() -> None:
    chance = np.random.default_rng(7)
    for _ in range(300):
        numbers = chance.integers(0, 9, 600, dtype=np.int32)
        numbers[:2] = (93, 1 << chance.integers(0, 6))  # as good a header as numbers make
        assert not recognised(numbers.tobytes(), "lzma")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (by_old_joblib(PICKLE), True),
        (b"ZF0x10L                " + zlib.compress(PICKLE), True),
        (b"ZF is how this text begins", False),
        (b"ZF", False),
        (b"ZF0x12 is not only a number", False),
    ],
)
def test_old_joblib_is_recognised(data: bytes, expected: bool) -> None:
    assert recognised(data, "zfile") is expected


def test_old_joblib_of_python_2_has_one_byte_more() -> None:
    data = b"ZF" + b"0x28L".ljust(20) + zlib.compress(PICKLE)
    assert opened(parse(data, "zfile")) == [("model.pkl", PICKLE)]


# Budgets and extras


@each
def test_a_bomb_is_a_gap_and_its_beginning_is_kept(kind: str) -> None:
    packed = PACKERS[kind](PICKLE + bytes(20 * MIB))
    parsed = parse(packed, kind, limits=budget(max_ratio=50, ratio_floor=MIB))
    assert [gap.reason for gap in parsed.gaps] == ["limit"]
    assert opened(parsed)[0][1].startswith(PICKLE)


def test_the_bound_on_all_output_holds_over_members() -> None:
    limits = budget(max_expanded=3 * MIB)
    data = gzip.compress(bytes(2 * MIB))
    assert parse(data, "gzip", limits=limits).gaps == ()
    assert [gap.reason for gap in parse(data, "gzip", limits=limits).gaps] == ["limit"]


@pytest.mark.parametrize("kind", ["zstd", "lz4"])
def test_without_the_extra_its_name_is_the_way_out(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = PACKERS[kind](PICKLE)
    for module in ("zstandard", "lz4.frame"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(UnsupportedError) as caught:
        parse(packed, kind)
    assert "sentinel-mlsecops[archives]" in caught.value.hint


def test_a_zstandard_block_of_four_bytes_cannot_fill_the_memory() -> None:
    import zstandard

    packed = zstandard.ZstdCompressor(level=1).compress(bytes(300 * MIB))
    parsed = parse(packed, "zstd", limits=budget(max_ratio=100, ratio_floor=MIB))
    assert [gap.reason for gap in parsed.gaps] == ["limit"]


def test_the_table_names_functions_that_exist() -> None:
    for kind in PACKERS:
        reference = BY_NAME[kind].parse
        assert hasattr(compress, reference.partition(":")[2])
