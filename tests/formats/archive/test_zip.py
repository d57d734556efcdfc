"""The zip reader against archives by real writers and against archives that lie."""

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
from sentinel.errors import LimitExceeded, ParseError, UnsupportedError
from sentinel.formats.archive.zip import (
    ZipArchive,
    looks_like_zip,
    open_entry,
    parse,
    read_archive,
)
from sentinel.limits import MIB, Budget
from sentinel.readers import MemoryReader, ReadStats, open_file
from sentinel.readers.stream import TornReader
from tests.formats.archive.kit import HARMLESS, PICKLE, Entry, artifact, budget, build


def read(data: bytes) -> ZipArchive:
    return read_archive(artifact(data), Budget())


def kinds(data: bytes) -> set[str]:
    return {found.kind for found in read(data).anomalies}


def contents(data: bytes, limits: Budget | None = None) -> dict[str, bytes]:
    """Return what the members hold, by name; of members with one name, the last."""
    thing = artifact(data)
    found = {}
    for member in parse(thing, limits or Budget()).members:
        reader = member.open()
        found[member.name] = reader.pread(0, reader.size)
    return found


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


# Offsets and directories


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


def test_a_torch_file_that_was_cut_gives_the_members_it_has() -> None:
    data = by_torch()
    found = contents(data[: len(data) // 2])
    assert found["archive/data.pkl"].startswith(b"\x80\x02")


def test_an_end_record_far_from_the_end_is_found() -> None:
    data = build(Entry("a", PICKLE), suffix=b"x" * 300_000)
    assert [e.name for e in read(data).entries] == ["a"]
    assert kinds(data) == {"suffix-text"}


def test_nothing_that_could_be_an_archive_is_an_error() -> None:
    with pytest.raises(ParseError):
        read(b"PK\x03\x04 and then nothing of the sort")


# Headers that disagree


@pytest.mark.parametrize(
    ("local", "kind"),
    [
        ({"name": b"other"}, "local-name"),
        ({"method": 8}, "local-method"),
        ({"flags": 1}, "local-flags"),
        ({"size": 4}, "local-size"),
        ({"compressed": 3}, "local-size"),
        ({"crc": 1}, "local-crc"),
    ],
)
def test_disagreement(local: dict[str, object], kind: str) -> None:
    data = build(Entry("model", PICKLE, local=local))
    found = [one for one in read(data).anomalies if one.kind == kind]
    assert [(one.entry, one.offset) for one in found] == [("model", 0)]


def test_the_local_headers_reading_is_a_candidate_too() -> None:
    honest = build(Entry("m", PICKLE, method=8))
    data = build(Entry("m", PICKLE, method=8, central={"method": 0, "size": 30, "compressed": 30}))
    assert len(read(honest).entries) == 1
    central, local = read(data).entries
    assert (central.method, local.method, local.origin) == (0, 8, "local")
    thing = artifact(data)
    assert open_entry(thing, local, Budget()).pread(0, 99) == PICKLE


def test_another_reading_of_a_header_has_a_key_of_its_own() -> None:
    data = build(Entry("m", PICKLE, local={"method": 8}))
    keys = [member.key for member in parse(artifact(data), Budget()).members]
    assert keys[0] == 0
    assert keys[1] < 0


def test_a_longer_local_name_is_read_whole() -> None:
    long = b"x" * 5000 + b"/data.pkl"
    (entry,) = read(build(Entry("m", local={"name": long}))).entries
    assert entry.local_name == long.decode()


def test_sizes_left_to_the_directory_by_a_streaming_writer_are_no_disagreement() -> None:
    empty_sizes = {"crc": 0, "compressed": 0, "size": 0}
    assert kinds(build(Entry("m", PICKLE, flags=8, local=empty_sizes))) == set()
    assert kinds(build(Entry("m", PICKLE, local=empty_sizes))) == {"local-size"}


def test_a_directory_entry_without_a_member() -> None:
    data = build(Entry("real"), Entry("ghost", present=False, central={"offset": 5}))
    assert "local-missing" in kinds(data)


def test_a_stored_member_whose_sizes_differ_is_read_at_its_longer() -> None:
    # PyTorch takes as many bytes as the member claims to hold, zipfile as it takes up.
    lie = {"compressed": 5}
    data = build(Entry("m", PICKLE, central=lie, local=lie))
    assert "stored-size" in kinds(data)
    assert contents(data)["m"] == PICKLE


# Names


def test_duplicates_are_all_members() -> None:
    data = build(Entry("data.pkl", HARMLESS), Entry("data.pkl", PICKLE))
    members = list(parse(artifact(data), Budget()).members)
    assert [m.open().pread(0, 99) for m in members] == [HARMLESS, PICKLE]
    assert kinds(data) == {"duplicate"}


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (Entry("data.pkl"), "duplicate-same"),
        (Entry("DATA.PKL", PICKLE), "case-collision"),
        (Entry("Data.pkl"), "case-same"),
        (Entry("data.pkl\0.txt", PICKLE), "duplicate"),
    ],
)
def test_names_that_clash(second: Entry, kind: str) -> None:
    assert kinds(build(Entry("data.pkl"), second)) == {kind}


def test_a_forged_checksum_does_not_make_two_members_the_same() -> None:
    forged = {"crc": 5}
    one = Entry("m", b"abc", central=forged, local=forged)
    other = Entry("m", b"abd", central=forged, local=forged)
    assert kinds(build(one, other)) == {"duplicate"}


def test_a_second_name_in_an_extra_field() -> None:
    name = b"evil.py"
    extra = struct.pack("<2HBL", 0x7075, 5 + len(name), 1, 0) + name
    assert kinds(build(Entry("good.txt", central={"extra": extra}))) == {"unicode-path"}
    old = Entry("größe.txt".encode("cp437"), central={"extra": extra})
    assert kinds(build(old)) == set()


# Bytes that belong to nothing


def test_a_member_that_no_directory_lists() -> None:
    data = build(Entry("a"), Entry("secret.pkl", PICKLE, listed=False), Entry("b"))
    secret = next(e for e in read(data).entries if e.name == "secret.pkl")
    assert secret.origin == "local"
    assert kinds(data) == {"local-only"}
    assert contents(data)["secret.pkl"] == PICKLE


@pytest.mark.parametrize(
    ("hidden", "kind"),
    [
        (PICKLE, "hidden-pickle"),
        (b"\x7fELF\x02\x01\x01" + bytes(40) + b"x", "hidden-executable"),
        (b"\x01\x02\x03" * 100, "hidden-data"),
        (b"words " * 40, "hidden-text"),
    ],
)
def test_bytes_between_members(hidden: bytes, kind: str) -> None:
    data = build(Entry("a", after=hidden), Entry("b"))
    assert kinds(data) == {kind}
    (member,) = (m for m in parse(artifact(data), Budget()).members if m.name.startswith("bytes@"))
    assert member.open().pread(0, 1000) == hidden.strip(b"\0")
    assert member.guess


def test_padding_with_zeros_is_nothing() -> None:
    assert kinds(build(Entry("a", after=bytes(5000)), Entry("b"))) == set()


def test_bytes_between_members_and_directory_and_behind_the_end() -> None:
    data = build(Entry("a"), before_directory=b"\x01" * 300, suffix=b"\x80\x04K\x01.")
    assert kinds(data) == {"hidden-data", "suffix-pickle"}


def test_a_tensorflow_lite_model_with_metadata_is_a_known_prefix() -> None:
    model = struct.pack("<L", 28) + b"TFL3" + bytes(range(200))
    for base in (0, len(model)):
        data = build(Entry("labels.txt", b"cat\ndog\n"), prefix=model, base=base)
        assert kinds(data) == {"prefix-model"}


def test_a_comment_that_is_no_text() -> None:
    assert kinds(build(Entry("a"), comment=b"\x80\x04K\x01." * 3)) == {"comment-pickle"}


# Overlap and links


def test_members_that_share_bytes() -> None:
    inside = 30 + 1 + 2
    data = build(Entry("a", bytes(200)), Entry("b", central={"offset": inside}))
    assert "overlap" in kinds(data)


def test_a_member_that_runs_into_the_directory() -> None:
    lie = {"compressed": 5000, "size": 5000}
    assert "overlap" in kinds(build(Entry("a", central=lie, local=lie)))


def test_the_target_of_a_symbolic_link_is_a_fact() -> None:
    link = Entry("link", b"../../etc/passwd", method=8, central={"attributes": 0o120777 << 16})
    (found,) = read(build(link)).anomalies
    assert (found.kind, found.detail, found.entry) == ("symlink", "../../etc/passwd", "link")


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
