"""Zip archives of real writers: none is called odd, all give what was written, none is mistaken."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from sentinel.artifacts import Artifact
from sentinel.formats.archive.zip import looks_like_zip, open_entry, read_archive
from sentinel.limits import MIB, Budget
from sentinel.readers import MemoryReader, ReadStats, open_file
from tests.formats.archive.kit import HARMLESS, Entry, artifact, build
from tests.formats.archive.zip_kit import contents, read


def unchecked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        member._expected_crc = None  # type: ignore[attr-defined]
        return member.read()


def zipped(write: Callable[[zipfile.ZipFile], None], **options: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:  # type: ignore[call-overload]
        write(archive)
    return out.getvalue()


def two_members(archive: zipfile.ZipFile) -> None:
    archive.writestr("model/data.pkl", HARMLESS)
    archive.writestr("model/weights.bin", bytes(range(256)) * 40)


# Real writers


def by_torch() -> bytes:
    out = io.BytesIO()
    torch.save({"weight": torch.zeros(300), "bias": torch.ones(2)}, out)
    return out.getvalue()


def by_torch_without_checksums() -> bytes:
    torch.serialization.set_crc32_options(False)
    try:
        return by_torch()
    finally:
        torch.serialization.set_crc32_options(True)


def by_torchscript() -> bytes:
    out = io.BytesIO()
    torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), out)
    return out.getvalue()


def by_numpy() -> bytes:
    out = io.BytesIO()
    np.savez(out, a=np.arange(10), b=np.ones((3, 3)))
    return out.getvalue()


def by_numpy_compressed() -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, a=np.arange(1000), b=np.ones((3, 3)))
    return out.getvalue()


class Pipe(io.RawIOBase):
    """What zipfile cannot seek in, so that it streams."""

    def __init__(self) -> None:
        self.out = io.BytesIO()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self.out.write(data)  # type: ignore[arg-type]


def by_streaming_zipfile() -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        two_members(archive)
    return pipe.out.getvalue()


def by_zipfile_zip64() -> bytes:
    def write(archive: zipfile.ZipFile) -> None:
        with archive.open("large", "w", force_zip64=True) as member:
            member.write(b"x" * 1000)

    return zipped(write)


def by_appending_zipfile() -> bytes:
    out = io.BytesIO(zipped(two_members))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("later.txt", "later " * 50)
    return out.getvalue()


def with_a_nested_zip_last() -> bytes:
    return zipped(lambda archive: archive.writestr("inner.zip", zipped(two_members)))


def empty() -> bytes:
    return zipped(lambda archive: None)


REAL = [
    by_torch,
    by_torch_without_checksums,
    by_torchscript,
    by_numpy,
    by_numpy_compressed,
    by_streaming_zipfile,
    by_zipfile_zip64,
    by_appending_zipfile,
    with_a_nested_zip_last,
    empty,
    *(
        lambda method=method: zipped(two_members, compression=method)
        for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    ),
]


@pytest.mark.parametrize("make", REAL, ids=lambda make: make.__name__)
def test_a_real_archive_has_no_anomalies_and_gives_what_zipfile_gives(
    make: Callable[[], bytes],
) -> None:
    data = make()
    archive = read(data)
    assert archive.anomalies == ()
    assert archive.gaps == ()
    assert archive.hidden == ()
    assert (archive.first_offset, archive.end_offset) == (0, len(data))
    with zipfile.ZipFile(io.BytesIO(data)) as theirs:
        expected = {info.filename: unchecked(theirs, info) for info in theirs.infolist()}
        assert [e.header_offset for e in archive.entries] == [
            info.header_offset for info in theirs.infolist()
        ]
    assert contents(data) == expected


def test_a_wheel_has_no_anomalies(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "thing"\nversion = "1"\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["thing"]\n'
    )
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "__init__.py").write_text("x = 1\n")
    hatch = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(hatch, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    archive = read(wheel.read_bytes())
    assert len(archive.entries) >= 3
    assert archive.anomalies == ()


def test_torch_storages_are_windows_on_the_file_not_copies() -> None:
    stats = ReadStats()
    thing = Artifact("m.pt", MemoryReader(by_torch(), stats))
    archive = read_archive(thing, Budget())
    before = stats.bytes_read
    for entry in archive.entries:
        open_entry(thing, entry, Budget())
    assert stats.bytes_read == before


def test_only_directory_and_headers_are_read_of_a_large_archive(tmp_path: Path) -> None:
    path = tmp_path / "sparse.zip"
    entries = 60
    directory = b""
    with path.open("wb") as file:
        for number in range(entries):
            at, name = file.tell(), b"data/%d" % number
            fields = (20, 0, 0, 0, 33, 0, 2 * MIB, 2 * MIB, len(name), 0)
            file.write(struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + name)
            file.seek(2 * MIB, 1)
            fields = (20, 3, *fields, 0, 0, 0, 0, at)
            directory += struct.pack("<4s2B5H3L5H2L", b"PK\1\2", *fields) + name
        start = file.tell()
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, len(directory), start, 0)
        file.write(directory + end)
    with open_file(path) as reader:
        archive = read_archive(Artifact("sparse.zip", reader), Budget())
        assert len(archive.entries) == entries
        assert archive.anomalies == ()
        assert reader.stats.bytes_read < 100_000


# Recognition


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (build(Entry("a")), True),
        (b"#!/bin/sh\n" + build(Entry("a")), True),
        (b"junk" * 5000 + build(Entry("a")), True),
        (build(Entry("a"), suffix=b"x" * 40_000), True),
        (empty(), True),
        (b"a text about PK\x05\x06 and what follows it in a file" + bytes(30), False),
        (b"PK\x01\x02" + bytes(60), False),
        (b"\x1f\x8b" + build(Entry("a")), False),
        (b"", False),
    ],
)
def test_recognition(data: bytes, expected: bool) -> None:
    assert looks_like_zip(artifact(data), data[:4096]) is expected


def test_a_tar_whose_last_member_is_a_zip_is_not_taken_for_a_zip() -> None:
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("model.npz")
        info.size = len(by_numpy())
        archive.addfile(info, io.BytesIO(by_numpy()))
    data = out.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(data))
    assert not looks_like_zip(artifact(data), data[:4096])


def test_a_torch_file_that_was_cut_gives_the_members_it_has() -> None:
    data = by_torch()
    found = contents(data[: len(data) // 2])
    assert found["archive/data.pkl"].startswith(b"\x80\x02")
