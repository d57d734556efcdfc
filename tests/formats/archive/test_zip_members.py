"""Zip members: what opening one gives, and where the budget ends it."""

from __future__ import annotations

import struct

import pytest

from sentinel.errors import LimitExceeded, ParseError, UnsupportedError
from sentinel.formats.archive.zip import open_entry, parse, read_archive
from sentinel.limits import MIB, Budget
from sentinel.readers.stream import TornReader
from tests.formats.archive.kit import PICKLE, Entry, artifact, budget, build
from tests.formats.archive.zip_kit import contents, read

# Opening


def test_checksums_are_not_what_decides() -> None:
    lie = {"crc": 0xDEAD}
    assert contents(build(Entry("m", PICKLE, central=lie, local=lie)))["m"] == PICKLE


def test_more_comes_out_than_is_claimed_and_all_of_it_is_given() -> None:
    lie = {"size": 1}
    assert contents(build(Entry("m", PICKLE, method=8, central=lie, local=lie)))["m"] == PICKLE


def test_what_comes_before_a_break_is_given() -> None:
    broken = bytearray(build(Entry("m", PICKLE + bytes(range(256)) * 300, method=8)))
    broken[700] ^= 0xFF
    broken[701] ^= 0xFF
    thing = artifact(bytes(broken))
    (entry,) = read_archive(thing, Budget()).entries
    reader = open_entry(thing, entry, Budget())
    assert isinstance(reader, TornReader)
    assert reader.pread(0, reader.size).startswith(PICKLE)
    with pytest.raises(ParseError):
        reader.pread(reader.size - 1, 1)


def test_a_member_that_ends_with_the_file_is_torn() -> None:
    data = build(Entry("m", PICKLE))
    cut = data[:40]
    thing = artifact(cut)
    (entry,) = read_archive(thing, Budget()).entries
    reader = open_entry(thing, entry._replace(compressed=len(PICKLE), size=len(PICKLE)), Budget())
    assert isinstance(reader, TornReader)
    assert reader.pread(0, 100) == PICKLE[: 40 - 31]


def test_bytes_behind_the_compressed_data_within_a_member() -> None:
    lie = {"compressed": len(Entry("m", PICKLE, method=8).packed) + len(PICKLE)}
    data = build(Entry("m", PICKLE, method=8, central=lie, local=lie, after=PICKLE))
    thing = artifact(data)
    (entry,) = read_archive(thing, Budget()).entries
    reader = open_entry(thing, entry, Budget())
    assert isinstance(reader, TornReader)
    assert "follow the end" in reader.error.message


@pytest.mark.parametrize("method", [1, 9, 97, 12345])
def test_a_method_that_is_not_read(method: int) -> None:
    thing = artifact(build(Entry("m", central={"method": method}, local={"method": method})))
    (entry,) = read_archive(thing, Budget()).entries
    with pytest.raises(UnsupportedError, match=str(method)):
        open_entry(thing, entry, Budget())


def test_zstandard_members_are_read() -> None:
    import zstandard

    packed = zstandard.compress(PICKLE * 10)
    fields = {"method": 93, "size": len(PICKLE) * 10}
    data = build(Entry("m", packed, central=fields, local=fields))
    assert contents(data)["m"] == PICKLE * 10


def test_lzma_without_an_end_mark_is_read_to_its_size() -> None:
    import lzma

    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16}]
    alone = lzma.compress(PICKLE * 50, lzma.FORMAT_ALONE, filters=chain)
    # Cut the header to what a zip wants, and the data's end mark off.
    raw = alone[13:]
    packed = b"\x09\x14\x05\x00" + alone[:5] + raw
    fields = {"method": 14, "size": len(PICKLE) * 50, "flags": 0}
    data = build(Entry("m", packed, central=fields, local=fields))
    thing = artifact(data)
    (entry,) = read_archive(thing, Budget()).entries
    reader = open_entry(thing, entry, Budget())
    assert reader.pread(0, 100_000).startswith(PICKLE * 50)


def test_encrypted_members_are_a_gap() -> None:
    locked = {"flags": 1, "method": 8}
    data = build(Entry("secret", bytes(200), central=locked, local=locked), Entry("open"))
    parsed = parse(artifact(data), Budget())
    assert [gap.reason for gap in parsed.gaps] == ["encrypted"]
    entry = read(data).entries[0]
    with pytest.raises(UnsupportedError, match="encrypted"):
        open_entry(artifact(data), entry, Budget())


def test_bytes_that_only_say_they_are_encrypted_are_looked_at() -> None:
    data = build(Entry("m", PICKLE, flags=1), Entry("n", PICKLE, method=8, flags=1))
    assert contents(data) == {"m": PICKLE, "n": PICKLE}


def test_folders_are_no_members() -> None:
    assert contents(build(Entry("folder/", b""), Entry("folder/a", PICKLE))) == {"folder/a": PICKLE}


# Budgets


def test_members_beyond_the_limit_are_a_gap_and_the_first_ones_are_kept() -> None:
    data = build(*(Entry(f"{n}.pkl", PICKLE) for n in range(50)))
    archive = read_archive(artifact(data), budget(max_members=20))
    assert len(archive.entries) == 20
    assert [gap.reason for gap in archive.gaps] == ["limit"]


def test_a_bomb_meets_the_ratio() -> None:
    data = build(Entry("m", PICKLE + bytes(3 * MIB), method=8))
    thing = artifact(data)
    (entry,) = read_archive(thing, Budget()).entries
    reader = open_entry(thing, entry, budget(max_ratio=100, ratio_floor=MIB))
    assert isinstance(reader, TornReader)
    assert isinstance(reader.error, LimitExceeded)
    assert reader.pread(0, len(PICKLE)) == PICKLE


def test_end_records_without_number_cost_little() -> None:
    # Each points to the same directory, moved by another distance.
    entries = [Entry(f"{n}", b"") for n in range(300)]
    body = build(*entries)
    start = body.find(b"PK\x01\x02")
    size = body.rfind(b"PK\x05\x06") - start
    ends = b"".join(
        struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, size - n, start, 0) for n in range(2000)
    )
    archive = read_archive(artifact(body + ends), Budget())
    assert archive.entries
    assert len(archive.anomalies) < 2000


def test_anomalies_without_number_are_counted() -> None:
    data = build(*(Entry("same", b"%d" % n) for n in range(1000)))
    found = [one for one in read(data).anomalies if one.kind == "duplicate"]
    assert len(found) == 101
    assert found[-1].detail == "and 899 more like it"
