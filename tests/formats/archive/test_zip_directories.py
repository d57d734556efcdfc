"""Zip directories that lie: wrong offsets, counts and sizes, more directories than one, or none."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from sentinel.errors import ParseError
from tests.formats.archive.kit import HARMLESS, PICKLE, Entry, build
from tests.formats.archive.zip_kit import contents, kinds, read


def test_both_members_of_a_joined_archive_are_seen() -> None:
    # Same layout twice: PyTorch's offsets lead to the first, zipfile's to the second.
    first, second = build(Entry("data.pkl", HARMLESS)), build(Entry("data.pkl", b"\x80\x04K\x02."))
    data = first + second
    with zipfile.ZipFile(io.BytesIO(data)) as theirs:
        assert theirs.read("data.pkl") == b"\x80\x04K\x02."
    archive = read(data)
    assert {e.origin for e in archive.entries} == {"central", "shifted"}
    assert {e.header_offset for e in archive.entries} == {0, len(first)}
    assert "ambiguous" in kinds(data)


def test_an_archive_in_front_of_another_is_seen_whatever_its_size() -> None:
    data = build(Entry("hidden.pkl", PICKLE)) + build(Entry("a"), Entry("b"))
    names = {e.name for e in read(data).entries}
    assert names == {"hidden.pkl", "a", "b"}
    assert "second-directory" in kinds(data)


def test_an_archive_in_front_of_a_large_one_is_seen() -> None:
    data = build(Entry("hidden.pkl", PICKLE)) + build(Entry("a", bytes(200_000)))
    assert {e.name for e in read(data).entries} == {"hidden.pkl", "a"}
    assert "second-directory" in kinds(data)


def test_a_last_entry_that_claims_more_than_there_is_hides_nothing() -> None:
    data = bytearray(build(Entry("a"), Entry("b.pkl", PICKLE)))
    last = data.rfind(b"PK\x01\x02")
    data[last + 30 : last + 32] = b"\xff\x00"  # the length of its extra field
    with zipfile.ZipFile(io.BytesIO(data)) as theirs:
        assert theirs.read("b.pkl") == PICKLE
    assert [e.origin for e in read(bytes(data)).entries] == ["central", "central"]
    assert contents(bytes(data))["b.pkl"] == PICKLE


def test_an_archive_in_the_comment_is_seen() -> None:
    inner = build(Entry("inner.pkl", PICKLE))
    data = build(Entry("outer"), comment=inner)
    assert {"outer", "inner.pkl"} <= {e.name for e in read(data).entries}
    assert "second-directory" in kinds(data)


def test_a_plain_comment_is_nothing() -> None:
    assert kinds(build(Entry("a"), comment="Modell, geprüft".encode())) == set()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_wrong_count_hides_nothing(count: int) -> None:
    data = build(Entry("a"), Entry("b", PICKLE), count=count)
    assert {e.name for e in read(data).entries} == {"a", "b"}
    assert kinds(data) == {"count"}


def test_a_directory_that_goes_on_behind_its_size_hides_nothing() -> None:
    plain = build(Entry("a"))
    one_entry = 46 + 1
    data = build(Entry("a"), Entry("b", PICKLE), count=1, directory_size=one_entry)
    assert {e.name for e in read(data).entries} == {"a", "b"}
    assert "count" in kinds(data)
    assert kinds(plain) == set()


def test_more_entries_than_the_count_can_hold_is_no_anomaly() -> None:
    data = build(*(Entry(f"{n}", b"") for n in range(70_000)))
    archive = read(data)
    assert len(archive.entries) == 70_000
    assert "count" not in {found.kind for found in archive.anomalies}


def test_zip64_offsets_are_believed_and_the_plain_ones_too() -> None:
    decoy, real = Entry("decoy"), Entry("real", PICKLE)
    plain = build(decoy, real)
    end = plain.rfind(b"PK\x05\x06")
    first = plain.find(b"PK\x01\x02")
    second = plain.find(b"PK\x01\x02", first + 1)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, second - first, first)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    lying = build(decoy, real, count=1, directory_start=second, directory_size=end - second)
    data = plain[:end] + record + locator + lying[end:]
    assert {e.name for e in read(data).entries} == {"decoy", "real"}
    assert "ambiguous" in kinds(data)


def test_a_shifted_archive_behind_a_script_is_a_prefix_and_nothing_else() -> None:
    data = b"#!/usr/bin/env python3\n" + build(Entry("__main__.py", b"x = 1\n"))
    assert kinds(data) == {"prefix-script"}
    assert contents(data)["__main__.py"] == b"x = 1\n"


def test_a_python_zip_application_is_a_prefix_and_nothing_else(tmp_path: Path) -> None:
    import zipapp

    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text("x = 1\n")
    zipapp.create_archive(tmp_path / "app", tmp_path / "app.pyz", "/usr/bin/env python3")
    assert kinds((tmp_path / "app.pyz").read_bytes()) == {"prefix-script"}


def test_without_an_end_record_the_local_headers_are_followed() -> None:
    whole = build(Entry("a.pkl", PICKLE), Entry("b.pkl", PICKLE * 100, method=8))
    data = whole[: whole.rfind(b"PK\x01\x02") - 20]
    archive = read(data)
    assert [e.name for e in archive.entries] == ["a.pkl", "b.pkl"]
    assert [gap.reason for gap in archive.gaps] == ["truncated"]
    assert archive.anomalies == ()
    assert contents(data)["a.pkl"] == PICKLE


def test_an_end_record_far_from_the_end_is_found() -> None:
    data = build(Entry("a", PICKLE), suffix=b"x" * 300_000)
    assert [e.name for e in read(data).entries] == ["a"]
    assert kinds(data) == {"suffix-text"}


def test_nothing_that_could_be_an_archive_is_an_error() -> None:
    with pytest.raises(ParseError):
        read(b"PK\x03\x04 and then nothing of the sort")
