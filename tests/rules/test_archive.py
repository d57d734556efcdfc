"""The rules for archives: each with a case that it catches and the nearest that it must not."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
from typing import Any

import pytest

from sentinel.findings import Finding, Severity
from sentinel.formats.archive.packed_model import ListedArchive, ListedEntry
from sentinel.formats.archive.zip_model import ZipArchive, ZipEntry
from sentinel.rules import RuleContext, rules_for
from sentinel.rules.archive_paths import deception, escape, link_escape
from tests.formats.archive.kit import (
    HARMLESS,
    PICKLE,
    Entry,
    artifact,
    build,
    judge,
    tar_header,
    tar_member,
)

END = bytes(1024)
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH


def zipped(*entries: Entry, **options: Any) -> list[Finding]:
    return judge(build(*entries, **options), "zip")


def marks(findings: list[Finding]) -> set[tuple[str, Severity]]:
    return {(found.rule_id, found.severity) for found in findings}


def judge_model(model: object, format_name: str) -> list[Finding]:
    thing = artifact(b"")
    return [
        finding
        for rule in rules_for(format_name)
        for finding in rule.check(model, RuleContext(thing, rule))
    ]


def real_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = "ein Kommentar, geprüft".encode()
        archive.writestr("model/data.pkl", HARMLESS)
        archive.writestr("model/Data.txt", "notes")
        archive.writestr("model/sub/..hidden", b"a name with dots")
        archive.writestr("model/größe.json", "{}")
    return out.getvalue()


def real_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("./model/data.pkl", "./model/größe..json"):
            info = tarfile.TarInfo(name)
            info.size = len(HARMLESS)
            archive.addfile(info, io.BytesIO(HARMLESS))
    return out.getvalue()


def test_real_archives_give_nothing() -> None:
    assert judge(real_zip(), "zip") == []
    assert judge(real_tar(), "tar") == []
    assert judge(gzip.compress(real_tar()), "gzip") == []


# Structure


@pytest.mark.parametrize(
    ("local", "severity"),
    [
        ({"name": b"other.txt"}, HIGH),
        ({"method": 8}, HIGH),
        ({"size": 3}, HIGH),
        ({"flags": 1}, HIGH),
        ({"crc": 9}, MEDIUM),
    ],
)
def test_snt1201_zip(local: dict[str, Any], severity: Severity) -> None:
    found = [f for f in zipped(Entry("data.pkl", local=local)) if f.rule_id == "SNT1201"]
    assert [f.severity for f in found] == [severity]
    assert "data.pkl" in found[0].message
    assert found[0].location.offset == 0
    assert zipped(Entry("data.pkl", flags=8, local={"crc": 0, "compressed": 0, "size": 0})) == []


def test_snt1201_stored_size() -> None:
    lie = {"size": 500}
    found = zipped(Entry("data.pkl", central=lie, local=lie))
    assert ("SNT1201", HIGH) in marks(found)


def test_snt1201_tar() -> None:
    pax = b"13 size=1024\n"
    data = tar_member(b"p", pax, flag=b"x") + tar_member(b"a", bytes(1024), size=0) + END
    assert ("SNT1201", HIGH) in marks(judge(data, "tar"))
    honest = tar_member(b"p", pax, flag=b"x") + tar_member(b"a", bytes(1024)) + END
    assert judge(honest, "tar") == []


@pytest.mark.parametrize("other", [PICKLE, HARMLESS[:-2] + b"\x02."])
def test_snt1202_duplicates_that_differ(other: bytes) -> None:
    found = zipped(Entry("data.pkl"), Entry("data.pkl", other))
    assert marks(found) == {("SNT1202", HIGH)}
    tar = tar_member(b"data.pkl") + tar_member(b"data.pkl", other) + END
    assert marks(judge(tar, "tar")) == {("SNT1202", HIGH)}


def test_snt1202_duplicates_that_are_the_same_are_low() -> None:
    assert marks(zipped(Entry("data.pkl"), Entry("data.pkl"))) == {("SNT1202", LOW)}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("m/data.pkl", "m/DATA.PKL", HIGH),
        ("m/code/a", "M/code/A", HIGH),
        ("org/Config.class", "org/CONFIG.class", LOW),
    ],
)
def test_snt1203(one: str, other: str, expected: Severity) -> None:
    assert marks(zipped(Entry(one), Entry(other, PICKLE))) == {("SNT1203", expected)}
    assert marks(zipped(Entry(one), Entry(other))) == {("SNT1203", LOW)}
    assert zipped(Entry(one), Entry(f"{other}2", PICKLE)) == []


def test_snt1204_joined_archives() -> None:
    one = build(Entry("data.pkl"))
    assert ("SNT1204", HIGH) in marks(judge(one + build(Entry("data.pkl", PICKLE)), "zip"))
    assert ("SNT1204", HIGH) in marks(judge(one + build(Entry("other", PICKLE)), "zip"))
    inner = Entry("inner.zip", one)
    assert judge(build(inner), "zip") == []


@pytest.mark.parametrize("count", [0, 1, 5])
def test_snt1204_count(count: int) -> None:
    assert marks(zipped(Entry("a"), Entry("b"), count=count)) == {("SNT1204", HIGH)}
    assert zipped(Entry("a"), Entry("b"), count=2) == []


def test_snt1205_members_that_are_not_listed() -> None:
    found = zipped(Entry("a"), Entry("secret.pkl", PICKLE, listed=False), Entry("b"))
    assert marks(found) == {("SNT1205", HIGH)}
    assert "secret.pkl" in found[0].message


@pytest.mark.parametrize(
    ("hidden", "severity"),
    [(PICKLE, HIGH), (b"\x7fELF" + b"\x01" * 80, HIGH), (b"\x01\x02" * 90, MEDIUM)],
)
def test_snt1205_bytes_between_members(hidden: bytes, severity: Severity) -> None:
    assert marks(zipped(Entry("a", after=hidden), Entry("b"))) == {("SNT1205", severity)}
    assert zipped(Entry("a", after=bytes(len(hidden))), Entry("b")) == []


def test_snt1205_behind_the_end_of_a_tar() -> None:
    data = tar_member(b"a") + END + tar_member(b"evil.pkl", PICKLE) + END
    assert marks(judge(data, "tar")) == {("SNT1205", HIGH)}
    assert judge(tar_member(b"a") + bytes(10240), "tar") == []


TFLITE = struct.pack("<L", 28) + b"TFL3" + bytes(range(100))


@pytest.mark.parametrize(
    ("prefix", "severity"),
    [
        (b"#!/usr/bin/env python3\n", LOW),
        (TFLITE, LOW),
        (PICKLE, MEDIUM),
        (b"\x7fELF" + bytes(60), MEDIUM),
        (b"\x01\x02\x03" * 50, MEDIUM),
    ],
)
def test_snt1206_prefix(prefix: bytes, severity: Severity) -> None:
    assert marks(zipped(Entry("a"), prefix=prefix)) == {("SNT1206", severity)}
    shifted = judge(prefix + build(Entry("a")), "zip")
    assert marks(shifted) == {("SNT1206", severity)}


def test_snt1206_an_archive_within_a_pickle_is_low() -> None:
    # As Keras pickles its models: the bytes of a zip are an operand.
    data = pickle.dumps({"model": real_zip(), "name": "x"})
    assert marks(judge(data, "zip")) == {("SNT1206", LOW)}


@pytest.mark.parametrize(
    ("suffix", "severity"),
    [(b"\n", LOW), (PICKLE, MEDIUM), (b"\x7fELF" + b"\x01" * 50, MEDIUM)],
)
def test_snt1206_suffix(suffix: bytes, severity: Severity) -> None:
    assert marks(zipped(Entry("a"), suffix=suffix)) == {("SNT1206", severity)}
    assert marks(judge(tar_member(b"a") + END + suffix, "tar")) == {("SNT1206", severity)}
    assert marks(judge(gzip.compress(HARMLESS) + suffix, "gzip")) == {("SNT1206", severity)}
    assert judge(gzip.compress(HARMLESS) + bytes(512), "gzip") == []


def test_snt1206_comment() -> None:
    assert marks(zipped(Entry("a"), comment=PICKLE)) == {("SNT1206", MEDIUM)}
    assert zipped(Entry("a"), comment=b"made by a tool, 2024") == []


def test_snt1212_members_that_share_bytes() -> None:
    inside = {"offset": 30 + 1 + 2}
    found = zipped(Entry("a", bytes(99)), Entry("b", central=inside, present=False))
    assert ("SNT1212", HIGH) in marks(found)
    assert zipped(Entry("a", bytes(99)), Entry("b")) == []


def entry(name: str = "m", **fields: Any) -> ZipEntry:
    known = ZipEntry(name, name.encode(), 0, 40, 10, 10, 0, 0, 0, 0, "central", None)
    return known._replace(**fields)


@pytest.mark.parametrize(
    ("size", "packed", "expected"),
    [
        (1 << 30, 1 << 20, True),
        (64 << 20, 30_000, True),
        (1 << 40, 1 << 39, False),
        (100 << 20, 100_000, False),  # zeros, deflated as far as it goes
        (50 << 20, 10, False),
    ],
)
def test_snt1213(size: int, packed: int, expected: bool) -> None:
    model = ZipArchive(entries=(entry(size=size, compressed=packed, method=8),))
    found = marks(judge_model(model, "zip"))
    assert (("SNT1213", MEDIUM) in found) is expected


def test_snt1213_a_stream() -> None:
    from sentinel.formats.archive.packed_model import CompressedStream

    assert marks(judge_model(CompressedStream("xz", 1000, 1 << 30), "xz")) == {("SNT1213", MEDIUM)}
    assert judge_model(CompressedStream("xz", 1 << 20, 1 << 27), "xz") == []


def test_snt1214() -> None:
    assert marks(judge(tar_member(b"a"), "tar")) == {("SNT1214", LOW)}
    broken = tar_member(b"a") + b"j" * 512 + tar_member(b"b") + END
    assert ("SNT1214", MEDIUM) in marks(judge(broken, "tar"))
    assert judge(tar_member(b"a") + END, "tar") == []


# Names

OUTSIDE = [
    "../x",
    "a/../../x",
    "a/..",
    "/etc/passwd",
    "\\windows\\x",
    "C:\\x",
    "c:/x",
    "\\\\host\\share\\x",
    "//host/x",
    "..\\x",
]
INSIDE = ["a..b", "..a", "a/b..", "a/...", "C", "c:x", "a:b/c", "", "a/./b", "-x", "~/x"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_snt1207(name: str) -> None:
    assert escape(name)
    assert ("SNT1207", HIGH) in marks(zipped(Entry(name)))
    assert ("SNT1207", HIGH) in marks(zipped(Entry("fine", local={"name": name.encode()})))
    assert ("SNT1207", HIGH) in marks(judge(tar_member(name.encode()) + END, "tar"))


@pytest.mark.parametrize("name", INSIDE)
def test_snt1207_neighbours(name: str) -> None:
    assert escape(name) == ""


def test_snt1207_backslashes_alone_are_low() -> None:
    assert marks(zipped(Entry("folder\\file.txt"))) == {("SNT1207", LOW)}


@pytest.mark.parametrize(
    ("name", "target", "hard", "outside"),
    [
        ("l", "/etc/passwd", False, True),
        ("l", "../x", False, True),
        ("a/l", "../x", False, False),
        ("a/l", "../../x", False, True),
        ("a/l", "../x", True, True),
        ("a/l", "a/x", True, False),
        ("l", "C:\\x", False, True),
        ("l", "a/../b", False, False),
        ("l", "jump/../x", False, True),  # jump is a link, so its parent is somewhere else
        ("models/s/w.bin", "../../blobs/abc", False, False),  # as the Hugging Face cache has it
    ],
)
def test_where_a_link_leads(name: str, target: str, hard: bool, outside: bool) -> None:
    assert bool(link_escape(name, target, hard, frozenset({"jump"}))) is outside


def test_snt1208() -> None:
    link = {"attributes": 0o120777 << 16}
    assert marks(zipped(Entry("l", b"/etc/passwd", central=link))) == {("SNT1208", HIGH)}
    assert marks(zipped(Entry("l", b"other", central=link))) == {("SNT1208", LOW)}
    for flag in (b"1", b"2"):
        out = tar_header(b"l", 0, flag, link=b"../../x") + END
        assert marks(judge(out, "tar")) == {("SNT1208", HIGH)}
        fine = tar_header(b"l", 0, flag, link=b"x") + END
        assert marks(judge(fine, "tar")) == {("SNT1208", LOW)}


def test_snt1208_many_links_within_are_one_finding() -> None:
    data = b"".join(tar_header(b"l%d" % n, 0, b"2", link=b"x") for n in range(50)) + END
    (found,) = judge(data, "tar")
    assert found.message.startswith("50 links")


@pytest.mark.parametrize("mode", [0o020666, 0o060666, 0o010666, 0o140666])
def test_snt1209_zip(mode: int) -> None:
    assert marks(zipped(Entry("d", central={"attributes": mode << 16}))) == {("SNT1209", HIGH)}
    assert zipped(Entry("d", central={"attributes": 0o100666 << 16})) == []


@pytest.mark.parametrize("flag", [b"3", b"4", b"6"])
def test_snt1209_tar(flag: bytes) -> None:
    assert marks(judge(tar_header(b"d", 0, flag) + END, "tar")) == {("SNT1209", HIGH)}
    assert judge(tar_header(b"d", 0, b"5") + END, "tar") == []


def test_snt1210() -> None:
    locked = {"flags": 1, "method": 8}
    found = zipped(Entry("s", bytes(99), central=locked, local=locked))
    assert marks(found) == {("SNT1210", MEDIUM)}
    listed = ListedArchive((ListedEntry("s", 0, 5, 5, "file", "", True),))
    assert marks(judge_model(listed, "7z")) == {("SNT1210", MEDIUM)}
    assert judge_model(ListedArchive((ListedEntry("s", 0, 5, 5, "file", "", False),)), "7z") == []


def test_snt1211() -> None:
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.writestr("a", b"x" * 1000)
            archive.writestr("b", b"y" * 1000)
        found = judge(out.getvalue(), "zip")
        assert marks(found) == {("SNT1211", LOW)}
        assert len(found) == 1


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("data.pkl\0.txt", HIGH),
        ("safe\u202eylp.txt", MEDIUM),
        ("line\nbreak", MEDIUM),
        ("esc\x1b[2K", MEDIUM),
    ],
)
def test_snt1215(name: str, severity: Severity) -> None:
    assert marks(zipped(Entry(name, flags=0x800))) == {("SNT1215", severity)}


@pytest.mark.parametrize("name", ["größe", "模型.bin", "مثال.txt", "a b", "Icon\r", "é"])
def test_snt1215_neighbours(name: str) -> None:
    assert deception(name) == ""
    assert zipped(Entry(name, flags=0x800)) == []


def test_snt1215_a_second_name() -> None:
    extra = struct.pack("<2HBL", 0x7075, 5 + 7, 1, 0) + b"evil.py"
    assert marks(zipped(Entry("a.txt", central={"extra": extra}))) == {("SNT1215", HIGH)}
    same = struct.pack("<2HBL", 0x7075, 5 + 5, 1, 0) + b"a.txt"
    assert zipped(Entry("a.txt", central={"extra": same})) == []


# All of them


def test_findings_of_one_kind_are_bounded() -> None:
    found = zipped(*(Entry(f"../{n}") for n in range(500)))
    assert len(found) == 21
    assert "480 more" in found[-1].message


def test_findings_say_where_and_have_a_fingerprint_of_their_own() -> None:
    found = zipped(Entry("a"), Entry("../b"), Entry("../c"))
    assert len({one.fingerprint for one in found}) == 2
    assert all(one.location.offset for one in found)
