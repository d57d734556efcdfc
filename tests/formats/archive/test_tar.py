"""The tar reader against archives by real writers and against archives that lie."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from sentinel.errors import ParseError
from sentinel.formats.archive.tar import looks_like_tar, parse, read_archive
from sentinel.formats.archive.tar_model import TarArchive
from sentinel.limits import Budget
from sentinel.readers.stream import TornReader
from tests.formats.archive.kit import (
    HARMLESS,
    PICKLE,
    artifact,
    budget,
    tar_header,
    tar_member,
)

END = bytes(1024)
FORMATS = {
    "ustar": tarfile.USTAR_FORMAT,
    "gnu": tarfile.GNU_FORMAT,
    "pax": tarfile.PAX_FORMAT,
}


def read(data: bytes) -> TarArchive:
    return read_archive(artifact(data), Budget())


def kinds(data: bytes) -> set[str]:
    return {found.kind for found in read(data).anomalies}


def contents(data: bytes) -> dict[str, bytes]:
    found = {}
    for member in parse(artifact(data), Budget()).members:
        reader = member.open()
        found[member.name] = reader.pread(0, reader.size)
    return found


def by_tarfile(kind: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, data in {
            "model/data.pkl": HARMLESS,
            "model/empty": b"",
            "model/" + "deep/" * 18 + "weights.bin": bytes(range(256)) * 9,
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        folder = tarfile.TarInfo("model/folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    return out.getvalue()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_real_archive_has_no_anomalies_and_gives_what_tarfile_gives(kind: str) -> None:
    data = by_tarfile(FORMATS[kind])
    archive = read(data)
    assert archive.anomalies == ()
    assert archive.gaps == ()
    assert archive.hidden == ()
    with tarfile.open(fileobj=io.BytesIO(data)) as theirs:
        infos = theirs.getmembers()
        expected = {i.name: theirs.extractfile(i).read() for i in infos if i.isreg()}  # type: ignore[union-attr]
        assert [e.name.rstrip("/") for e in archive.entries] == [i.name for i in infos]
        assert [e.data_offset for e in archive.entries] == [i.offset_data for i in infos]
    assert contents(data) == expected


def test_a_long_name_in_each_format() -> None:
    name = "n" * 300 + "/ünïcode.pkl"
    for kind in ("gnu", "pax"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=FORMATS[kind]) as archive:
            archive.addfile(tarfile.TarInfo(name))
        assert [e.name for e in read(out.getvalue()).entries] == [name]


@pytest.mark.skipif(shutil.which("tar") is None, reason="no tar program here")
@pytest.mark.parametrize("kind", ["v7", "ustar", "gnu", "pax"])
def test_an_archive_by_the_tar_program(tmp_path: Path, kind: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "data.pkl").write_bytes(HARMLESS)
    (tmp_path / "in" / "hole").write_bytes(bytes(100_000) + b"end")
    (tmp_path / "in" / "link").symlink_to("data.pkl")
    (tmp_path / "in" / "hard").hardlink_to(tmp_path / "in" / "data.pkl")
    subprocess.run(["tar", f"--format={kind}", "-cf", "out.tar", "in"], cwd=tmp_path, check=True)
    data = (tmp_path / "out.tar").read_bytes()
    assert looks_like_tar(artifact(data), data[:4096])
    archive = read(data)
    assert archive.anomalies == ()
    by_name = {e.name.rstrip("/"): e for e in archive.entries}
    assert by_name["in"].kind == "directory"
    assert (by_name["in/link"].kind, by_name["in/link"].link) == ("symlink", "data.pkl")
    linked = {by_name["in/hard"].kind, by_name["in/data.pkl"].kind}
    assert linked == {"file", "hardlink"}
    assert contents(data)["in/hole"].endswith(b"end")


@pytest.mark.skipif(shutil.which("tar") is None, reason="no tar program here")
def test_a_sparse_file_by_the_tar_program(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        for part in range(12):
            file.seek(part * 1_000_000)
            file.write(b"part %d" % part)
    (tmp_path / "after").write_bytes(PICKLE)
    for kind in ("gnu", "pax"):
        arguments = ["tar", f"--format={kind}", "-Scf", "out.tar", "sparse", "after"]
        subprocess.run(arguments, cwd=tmp_path, check=True)
        data = (tmp_path / "out.tar").read_bytes()
        archive = read(data)
        assert [e.name for e in archive.entries] == ["sparse", "after"]
        assert archive.anomalies == ()
        assert b"part 11" in contents(data)["sparse"]
        assert contents(data)["after"] == PICKLE


# Recognition


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (tar_member(b"a"), True),
        (tar_member(b"a", magic=b""), True),
        (tar_header(b"a", magic=b"", checksum=1), False),
        (bytes(512), False),
        (b"short", False),
        (b"text that is no archive " * 40, False),
    ],
)
def test_recognition(head: bytes, expected: bool) -> None:
    assert looks_like_tar(artifact(head), head) is expected


def test_nothing_that_could_be_an_archive_is_an_error() -> None:
    with pytest.raises(ParseError):
        read(tar_header(b"a", checksum=1))


# Ends


def test_members_behind_the_end_are_seen() -> None:
    data = tar_member(b"a") + END + tar_member(b"evil.pkl", PICKLE) + END
    with tarfile.open(fileobj=io.BytesIO(data)) as theirs:
        assert theirs.getnames() == ["a"]
    archive = read(data)
    assert [(e.name, e.origin) for e in archive.entries] == [
        ("a", "archive"),
        ("evil.pkl", "after-end"),
    ]
    assert archive.end_offset == 1024
    assert kinds(data) == {"after-end"}
    assert contents(data)["evil.pkl"] == PICKLE


def test_members_behind_a_block_that_is_no_header_are_seen() -> None:
    data = tar_member(b"a") + b"junk" * 128 + tar_member(b"evil.pkl", PICKLE) + END
    with tarfile.open(fileobj=io.BytesIO(data)) as theirs:
        assert theirs.getnames() == ["a"]
    assert [e.name for e in read(data).entries] == ["a", "evil.pkl"]
    assert kinds(data) == {"checksum", "hidden-text", "after-end"}


def test_bytes_behind_the_end_are_a_member() -> None:
    data = tar_member(b"a") + END + PICKLE
    assert kinds(data) == {"suffix-pickle"}
    found = contents(data)
    assert [value.rstrip(b"\0") for name, value in found.items() if name != "a"] == [PICKLE]


def test_padding_behind_the_end_is_nothing() -> None:
    assert kinds(tar_member(b"a") + bytes(10240)) == set()


def test_a_missing_end_is_a_fact() -> None:
    assert kinds(tar_member(b"a")) == {"no-end"}


# Sizes


def test_both_readings_of_a_size_are_followed() -> None:
    # By its pax header the first member swallows what the plain header shows as another.
    hidden = tar_member(b"hidden.pkl", PICKLE)
    pax = b"13 size=%d\n" % len(hidden)
    pax = b"%d size=%d\n" % (len(pax), len(hidden))
    data = tar_member(b"pax", pax, flag=b"x") + tar_header(b"outer") + hidden + END
    names = {(e.name, e.origin) for e in read(data).entries}
    assert names == {("outer", "archive"), ("hidden.pkl", "alternate")}
    assert {"pax-size", "after-end"} <= kinds(data)


def test_a_pax_size_that_the_header_cannot_hold_is_normal() -> None:
    huge = 9 * 1024**3
    pax = b"%d size=%d\n" % (len(b"19 size=%d\n" % huge), huge)
    data = tar_member(b"pax", pax, flag=b"x") + tar_header(b"outer")
    assert "pax-size" not in kinds(data)


def test_a_folder_or_link_that_claims_bytes() -> None:
    folder = tar_header(b"folder/", 1024, b"5")
    data = folder + tar_member(b"seen.pkl", PICKLE) + tar_member(b"b") + END
    assert {e.name for e in read(data).entries} == {"folder/", "seen.pkl", "b"}
    assert "link-size" in kinds(data)


def test_a_size_that_is_no_number() -> None:
    data = tar_header(b"a", b"not a number") + tar_member(b"b", PICKLE) + END
    assert kinds(data) == {"bad-size"}
    assert [e.name for e in read(data).entries] == ["a", "b"]


def test_a_size_past_the_end_is_torn_and_a_gap() -> None:
    data = tar_header(b"a", 5000) + PICKLE
    parsed = parse(artifact(data), Budget())
    assert [gap.reason for gap in parsed.gaps] == ["truncated"]
    (member,) = parsed.members
    reader = member.open()
    assert isinstance(reader, TornReader)
    assert reader.pread(0, 100) == PICKLE


def test_a_giant_number_is_held() -> None:
    data = tar_header(b"a", b"\x80" + b"\xff" * 11) + PICKLE
    assert "past-end" in kinds(data)


# Names and kinds


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (tar_member(b"data.pkl", PICKLE), "duplicate"),
        (tar_member(b"./data.pkl", HARMLESS), "duplicate-same"),
        (tar_member(b"DATA.pkl", PICKLE), "case-collision"),
    ],
)
def test_names_that_clash(second: bytes, kind: str) -> None:
    assert kinds(tar_member(b"data.pkl") + second + END) == {kind}


@pytest.mark.parametrize(
    ("flag", "kind"),
    [(b"1", "hardlink"), (b"2", "symlink"), (b"3", "character"), (b"4", "block"), (b"6", "fifo")],
)
def test_kinds(flag: bytes, kind: str) -> None:
    data = tar_header(b"x", 0, flag, link=b"/target") + END
    (entry,) = read(data).entries
    assert entry.kind == kind
    assert entry.link == ("/target" if kind in ("hardlink", "symlink") else "")
    assert list(parse(artifact(data), Budget()).members) == []


def test_an_unknown_kind_is_read_as_a_file() -> None:
    data = tar_member(b"x", PICKLE, flag=b"Z") + END
    assert contents(data) == {"x": PICKLE}


# Budgets


def test_members_beyond_the_limit_are_a_gap_and_the_first_ones_are_kept() -> None:
    data = b"".join(tar_member(b"%d.pkl" % n, PICKLE) for n in range(30)) + END
    archive = read_archive(artifact(data), budget(max_members=10))
    assert len(archive.entries) == 10
    assert [gap.reason for gap in archive.gaps] == ["limit"]


def test_an_extended_header_that_is_too_large_is_a_gap() -> None:
    data = tar_header(b"pax", 1 << 30, b"x") + tar_member(b"b") + END
    archive = read(tar_member(b"a") + data)
    assert "limit" in {gap.reason for gap in archive.gaps}
