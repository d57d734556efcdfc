"""Archives and compressed files: members are read as what they are, within bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

import py7zr
import pytest

from sentinel.limits import DEFAULT_LIMITS, MIB
from tests.pii.reading import EMAILS, IBANS, batches, gaps, missing, pieces, texts

TABLE = (
    "mail,iban\n" + "".join(f"{mail},{IBANS[n % 100]}\n" for n, mail in enumerate(EMAILS))
).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def seven(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(data.decode(), name)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv.gz", gzip.compress(TABLE)),
        ("a.csv.bz2", bz2.compress(TABLE)),
        ("a.csv.xz", lzma.compress(TABLE)),
        ("a.csv.zlib", zlib.compress(TABLE)),
    ],
)
def test_a_compressed_table_is_a_table(name: str, data: bytes) -> None:
    found = pieces(data, name)
    assert missing(found) == []
    assert gaps(found) == []
    assert batches(found)[0].path == "a.csv"
    assert batches(found)[0].names == ("mail", "iban")


@pytest.mark.parametrize("data", [zipped({"d/a.csv": TABLE}), tarred({"d/a.csv": TABLE}),
                                  seven({"d/a.csv": TABLE})])  # fmt: skip
def test_a_member_keeps_its_name_in_front(data: bytes) -> None:
    found = pieces(data, "a")
    assert missing(found) == []
    assert {batch.path for batch in batches(found)} == {"d/a.csv"}


def test_containers_within_containers() -> None:
    inner = zipped({"x.csv.gz": gzip.compress(TABLE)})
    found = pieces(tarred({"in.zip": inner}, "w:gz"), "all.tgz")
    assert missing(found) == []
    assert batches(found)[0].path == "all.tar!in.zip!x.csv.gz!x.csv"


def test_members_that_are_no_text_are_one_gap() -> None:
    binary = bytes(range(256)) * 8
    found = pieces(zipped({"1.bin": binary, "2.bin": binary, "t.txt": b"hello\n"}), "a.zip")
    assert gaps(found) == ["unrecognised"]
    assert [piece.path for piece in texts(found)] == ["t.txt"]


def test_depth_is_bounded() -> None:
    data = TABLE
    for _ in range(DEFAULT_LIMITS.max_depth + 2):
        data = gzip.compress(data)
    assert gaps(pieces(data, "a.gz")) == ["limit"]


def test_members_are_bounded() -> None:
    data = zipped({f"{number}.txt": b"x\n" for number in range(50)})
    found = pieces(data, "a.zip", DEFAULT_LIMITS._replace(max_members=20))
    assert "limit" in gaps(found)


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.txt": data})])
def test_a_bomb_is_bounded(pack: object) -> None:
    bomb = pack(b"a" * (64 * MIB))  # type: ignore[operator]
    found = pieces(bomb, "bomb", DEFAULT_LIMITS._replace(max_expanded=8 * MIB))
    assert "limit" in gaps(found)
    assert sum(len(text.data) for text in texts(found)) < 10 * MIB


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, tarred, zipped])
def test_a_cut_archive_gives_a_gap_and_what_came_before(pack: object) -> None:
    whole = pack({"a.csv": TABLE}) if pack in (tarred, zipped) else pack(TABLE)  # type: ignore[operator]
    for end in range(4, len(whole), max(1, len(whole) // 25)):
        found = pieces(whole[:end], "a.csv.gz")
        assert gaps(found) or missing(found) == [] or end < 20


def test_a_pointer_within_an_archive_is_told() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
    assert gaps(pieces(pointer, "model.csv")) == ["pointer"]
    assert gaps(pieces(zipped({"model.csv": pointer}), "a.zip")) == ["pointer"]
