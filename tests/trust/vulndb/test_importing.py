"""Dumps: what is taken, what is left out and counted, and what hostile ones can't do."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import (
    LimitExceeded,
    ParseError,
    ReadError,
    SentinelError,
    SettingsError,
    UsageError,
)
from sentinel.trust.vulndb import dump
from sentinel.trust.vulndb.importing import import_dump
from sentinel.trust.vulndb.osv import read_record
from sentinel.trust.vulndb.store import Database, open_database
from tests.trust.advisory_kit import (
    MODIFIED,
    NOW,
    V3_CRITICAL,
    advisory,
    bare,
    database,
    ghsa,
    imported,
    span,
    zipped,
)


def test_a_dump_is_taken_with_source_date_and_numbers(tmp_path: Path) -> None:
    records = [advisory(f"PYSEC-2026-{n}", f"p{n % 7}") for n in range(100)]
    info = imported(tmp_path, records)
    assert (info.source, info.records, info.packages, info.skipped) == ("all.zip", 100, 7, {})
    assert info.date == datetime(2026, 11, 20, 8, 0, 0, 123456, UTC)
    assert info.imported == NOW
    assert len(info.sha256) == 64
    found = open_database(tmp_path / "advisories.db")
    assert found is not None
    assert found.info == info
    assert len(found.records("p0")) == 15
    assert found.records("none") == ()
    assert not info.is_old(NOW)
    assert info.describe(NOW) == "all.zip, 2026-11-20, 100 records"
    assert info.is_old(NOW + timedelta(days=26))
    assert "older than 30 days" in info.describe(NOW + timedelta(days=26))


def test_a_folder_is_taken_as_well(tmp_path: Path) -> None:
    below = tmp_path / "dump" / "pypi"
    below.mkdir(parents=True)
    (below / "a.json").write_text(json.dumps(advisory()))
    (below / "b.yaml").write_text("id: PYSEC-2026-2\n")
    (below / "c.json").symlink_to(below / "a.json")
    (below / "d.json").write_bytes(b"x" * (dump.LARGEST + 1))
    os.mkfifo(below / "e.json")
    info = import_dump(tmp_path / "dump", tmp_path / "a.db", now=NOW)
    assert (info.source, info.sha256, info.records) == ("dump", "", 1)
    assert info.skipped == {"not JSON": 1, "not a file": 2, "too large": 1}


def test_the_same_dump_makes_the_same_file(tmp_path: Path) -> None:
    imported(tmp_path, [advisory("PYSEC-2026-1"), advisory("PYSEC-2026-2")])
    first = (tmp_path / "advisories.db").read_bytes()
    imported(tmp_path, [advisory("PYSEC-2026-2"), advisory("PYSEC-2026-1")])
    other = Database("x", (tmp_path / "advisories.db").read_bytes())
    assert other.records("torch") == Database("x", first).records("torch")


def test_withdrawn_older_and_foreign_records_are_counted(tmp_path: Path) -> None:
    foreign = advisory("GHSA-2222-3333-4444")
    foreign["affected"][0]["package"]["ecosystem"] = "npm"
    both = advisory("GHSA-5555-6666-7777")
    both["affected"].append(foreign["affected"][0])
    newer = {**advisory("PYSEC-2026-1", "keras"), "modified": "2026-11-22T00:00:00Z"}
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        records = (
            advisory(), {**advisory("PYSEC-2026-9"), "withdrawn": MODIFIED}, foreign, both, newer,
            advisory(),
        )  # fmt: skip
        for number, one in enumerate(records):
            archive.writestr(f"{number}.json", json.dumps(one))
    info = import_dump(tmp_path / "all.zip", tmp_path / "a.db", now=NOW)
    assert info.records == 2
    assert info.skipped == {
        "withdrawn": 1, "not about packages of PyPI": 1, "older than another of its id": 2,
    }  # fmt: skip
    found = open_database(tmp_path / "a.db")
    assert found is not None
    assert [one.id for one in found.records("keras")] == ["PYSEC-2026-1"]
    assert [one.id for one in found.records("torch")] == ["GHSA-5555-6666-7777"]


def test_a_date_to_come_makes_no_database_young(tmp_path: Path) -> None:
    odd = {**advisory("PYSEC-2026-2"), "modified": "9999-01-01T00:00:00Z"}
    info = imported(tmp_path, [{**advisory(), "modified": "2026-08-01T00:00:00Z"}, odd])
    assert info.records == 2
    assert f"{info.date:%Y-%m-%d}" == "2026-08-01"
    assert info.is_old(NOW)
    (tmp_path / "only").mkdir()
    assert imported(tmp_path / "only", [odd]).is_old(NOW)


MALFORMED: list[dict[str, Any]] = [
    bare(advisory(), "id"), {**advisory(), "id": 7}, {**advisory(), "id": "../../x"},
    {**advisory(), "id": "PYSEC-1\x1b[31m"}, {**advisory(), "id": "P-" + "1" * 5000},
    bare(advisory(), "modified"), {**advisory(), "modified": "yesterday"},
    {**advisory(), "modified": "0001-01-01T00:00:00+23:59"}, {**advisory(), "affected": "all"},
    {**advisory(), "affected": [7]}, {**advisory(), "affected": [{}]},
    {**advisory(), "affected": [{"package": {"ecosystem": "PyPI", "name": "../x"}}]},
    {**advisory(), "affected": [{"package": {"ecosystem": "PyPI", "name": "x"}}]},
    {**advisory(), "aliases": "CVE-1"}, {**advisory(), "aliases": ["CVE-2026-1"] * 20_001},
    advisory("PYSEC-2026-1", "x", span(("fixed", "1.0"))),
    advisory("PYSEC-2026-1", "x", span(("introduced", "0"), ("broken", "1.0"))),
    advisory("PYSEC-2026-1", "x", span(("introduced", "0"), kind="OTHER")),
    advisory("PYSEC-2026-1", "x", span(("introduced", ""))),
    advisory("PYSEC-2026-1", "x", versions=["1" * 101]),
]  # fmt: skip


@pytest.mark.parametrize("record", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_records_are_left_out_whole(tmp_path: Path, record: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        read_record(record)
    path = zipped(tmp_path / "all.zip", [advisory("PYSEC-2026-7"), record])
    info = import_dump(path, tmp_path / "a.db", now=NOW)
    assert info.records == 1
    assert info.skipped == {"not a record of OSV's schema": 1}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("PyPI"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.sampled_from(["id", "modified", "affected", "aliases", "severity", "summary", "withdrawn",
                        "database_specific"]), JSON)  # fmt: skip
def test_a_record_with_anything_for_a_field_is_read_or_left_out(key: str, value: object) -> None:
    try:
        found = read_record({**advisory(), key: value})
    except ParseError:
        return
    assert found.withdrawn or set(found.packages) <= {"torch"}


@given(st.sampled_from(["package", "ranges", "versions", "severity", "ecosystem_specific"]), JSON)
def test_an_affected_package_with_anything_for_a_field(key: str, value: object) -> None:
    record = advisory()
    record["affected"][0][key] = value
    try:
        read_record(record)
    except ParseError:
        return


def test_hostile_entries_of_a_zip_are_counted(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", [advisory("PYSEC-2026-5")]).read_bytes()
    others = {
        "deep.json": b"[" * 100_000, "twice.json": b'{"id": "A-1", "id": "A-2"}',
        "nan.json": b'{"id": NaN}', "text.json": b"\xff\xfe", "empty.json": b"",
        "inner.zip": inner, "renamed.json": inner, "../../out.json": b"{}",
        "bomb.json": b" " * (dump.LARGEST + 1), "number.json": b'{"id": ' + b"9" * 9000 + b"}",
    }  # fmt: skip
    info = import_dump(
        zipped(tmp_path / "all.zip", [advisory()], **others), tmp_path / "a.db", now=NOW
    )
    assert info.records == 1
    assert info.skipped == {
        "not JSON": 1, "too large": 1, "not a record of OSV's schema": 8,
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "all.zip", "inner.zip"]


def broken(data: bytes, name: bytes, at: int, value: bytes) -> bytes:
    """Return a zip file with bytes changed in a member's record of the directory."""
    start = data.rindex(name) - 46 + at
    return data[:start] + value + data[start + len(value) :]


@pytest.mark.parametrize(
    ("at", "value", "kept"),
    [
        (8, b"\x01\x00", 0), (10, b"\x63\x00", 1), (16, b"\0\0\0\0", 0),
        (20, b"\xff\xff\xff\x7f", 1), (24, b"\1\0\0\0", 1), (24, b"\xff\xff\xff\x7f", 1),
        (42, b"\xff\xff\xff\x7f", 1),
    ],
    ids=["locked", "method", "crc", "packed", "small", "large", "offset"],
)  # fmt: skip
def test_an_entry_that_lies_about_itself_is_left_out(
    tmp_path: Path, at: int, value: bytes, kept: int
) -> None:
    path = zipped(tmp_path / "all.zip", [advisory(), advisory("PYSEC-2026-2", "keras")])
    path.write_bytes(broken(path.read_bytes(), b"PYSEC-2026-2.json", at, value))
    info = import_dump(path, tmp_path / "a.db", now=NOW)
    found = open_database(tmp_path / "a.db")
    assert found is not None
    assert len(found.records("torch")) == 1
    # What its local header says may still be true; the lie itself is never taken.
    assert len(found.records("keras")) == kept
    assert sum(info.skipped.values()) == 1


def test_a_zip_cut_anywhere_is_an_error_of_ours_or_less(tmp_path: Path) -> None:
    path = zipped(tmp_path / "all.zip", [advisory(), advisory("PYSEC-2026-2", "keras")])
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        try:
            info = import_dump(path, tmp_path / "a.db", now=NOW)
        except SentinelError:
            continue
        assert info.records <= 2


def test_a_dump_with_too_many_entries_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [advisory(f"PYSEC-2026-{n}") for n in range(4)]
    path = zipped(tmp_path / "all.zip", records)
    imported(tmp_path, records[:1])
    before = (tmp_path / "advisories.db").read_bytes()
    monkeypatch.setattr(dump, "MOST_ENTRIES", 3)
    zipped(path, records)
    with pytest.raises(LimitExceeded):
        import_dump(path, tmp_path / "advisories.db", now=NOW)
    monkeypatch.setattr(dump, "MOST_ENTRIES", 4)
    monkeypatch.setattr(dump, "MOST_BYTES", 1000)
    with pytest.raises(LimitExceeded):
        import_dump(path, tmp_path / "advisories.db", now=NOW)
    assert (tmp_path / "advisories.db").read_bytes() == before
    monkeypatch.setattr(dump, "MOST_BYTES", 100_000)
    assert import_dump(path, tmp_path / "advisories.db", now=NOW).records == 4


def test_nothing_to_import_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    imported(tmp_path, [advisory()])
    before = (tmp_path / "advisories.db").read_bytes()
    (tmp_path / "text").write_text("no dump")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "none.zip", tmp_path / "text", tmp_path / "folder",
                 zipped(tmp_path / "x.zip", [])):  # fmt: skip
        with pytest.raises(UsageError):
            import_dump(path, tmp_path / "advisories.db", now=NOW)
    assert (tmp_path / "advisories.db").read_bytes() == before
    with pytest.raises(ReadError):
        import_dump(tmp_path / "all.zip", tmp_path / "text" / "advisories.db", now=NOW)


def test_severities_are_the_word_of_the_database_or_its_vector(tmp_path: Path) -> None:
    vector = [{"type": "CVSS_V3", "score": V3_CRITICAL}]
    found = database(
        tmp_path,
        ghsa(advisory("GHSA-aaaa-1"), "MODERATE"),
        ghsa({**advisory("GHSA-aaaa-2"), "severity": vector}, "HIGH"),
        {**advisory("GHSA-aaaa-3"), "severity": vector},
        {**advisory("GHSA-aaaa-4"), "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}]},
        advisory("GHSA-aaaa-5"),
    )
    given = [(one.severity, one.method, one.score) for one in found.records("torch")]
    assert given == [
        ("medium", "", ""), ("high", "CVSS_V3", V3_CRITICAL), ("critical", "CVSS_V3", V3_CRITICAL),
        ("", "CVSS_V4", "CVSS:4.0/AV:N"), ("", "", ""),
    ]  # fmt: skip


def test_a_database_with_any_byte_changed_is_damaged_or_the_same(tmp_path: Path) -> None:
    found = database(tmp_path, advisory(), advisory("PYSEC-2026-2", "keras"))
    expected = [found.records("torch"), found.records("keras"), found.info]
    data = (tmp_path / "advisories.db").read_bytes()
    told = set()
    for at in range(len(data)):
        changed = data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]
        try:
            other = Database("x.db", changed)
            assert [other.records("torch"), other.records("keras"), other.info] == expected
        except SettingsError as error:
            told.add((error.message, error.hint))
    assert told == {
        ("x.db: no database of advisories, or a damaged one",
         "import it again: sentinel vulndb import FILE")
    }  # fmt: skip
    for length in range(0, len(data), 3):
        try:
            other = Database("x.db", data[:length])
            other.records("torch")
            other.records("keras")
        except SettingsError:
            continue
        raise AssertionError(length)


def test_a_database_that_asks_for_memory_is_damaged(tmp_path: Path) -> None:
    imported(tmp_path, [advisory()])
    data = (tmp_path / "advisories.db").read_bytes()
    mark = data.index(b"\n") + 1
    for packed, size in [(2**63, 10), (10, 2**62), (2**64 - 1, 2**64 - 1), (0, 0)]:
        with pytest.raises(SettingsError):
            Database("x", data[:mark] + struct.pack(">QQ", packed, size) + data[mark + 16 :])
