"""7z archives by py7zr and rar archives made by hand, whole, locked and lying."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import py7zr
import pytest
import rarfile

from sentinel.errors import LimitExceeded, ParseError, SentinelError, UnsupportedError
from sentinel.formats import Parsed
from sentinel.formats.archive.packed_model import ListedArchive
from sentinel.formats.archive.sevenzip import parse_7z, parse_rar
from sentinel.limits import MIB, Budget
from sentinel.readers.stream import TornReader
from tests.formats.archive.kit import HARMLESS, PICKLE, artifact, budget

FILES = {
    "model/data.pkl": HARMLESS,
    "model/weights.bin": bytes(range(256)) * 500,
    "model/überraschung.txt": b"text " * 99,
    "model/empty": b"",
}


def pack(filters: list[dict[str, Any]] | None = None, **options: Any) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=filters, **options) as archive:
        for name, data in FILES.items():
            archive.writestr(data, name)
    return out.getvalue()


def opened(parsed: Parsed) -> dict[str, bytes]:
    readers = {member.name: member.open() for member in parsed.members}
    return {name: reader.pread(0, reader.size) for name, reader in readers.items()}


def listed(parsed: Parsed) -> ListedArchive:
    assert isinstance(parsed.model, ListedArchive)
    return parsed.model


WITH_BYTES = {name: data for name, data in FILES.items() if data}
CHAINS = {
    "lzma2": [{"id": py7zr.FILTER_LZMA2, "preset": 6}],
    "lzma": [{"id": py7zr.FILTER_LZMA}],
    "delta and lzma2": [{"id": py7zr.FILTER_DELTA}, {"id": py7zr.FILTER_LZMA2, "preset": 1}],
    "x86 and lzma2": [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA2, "preset": 1}],
    "deflate": [{"id": py7zr.FILTER_DEFLATE}],
    "bzip2": [{"id": py7zr.FILTER_BZIP2}],
    "copy": [{"id": py7zr.FILTER_COPY}],
}


@pytest.mark.parametrize("chain", CHAINS)
def test_a_real_archive_gives_its_members(chain: str) -> None:
    parsed = parse_7z(artifact(pack(CHAINS[chain])), Budget())
    assert opened(parsed) == WITH_BYTES
    assert [entry.name for entry in listed(parsed).entries] == list(FILES)
    assert [entry.size for entry in listed(parsed).entries] == [len(d) for d in FILES.values()]
    assert listed(parsed).anomalies == ()
    assert parsed.gaps == ()


def test_a_header_that_is_not_packed() -> None:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr(PICKLE, "data.pkl")
    assert opened(parse_7z(artifact(out.getvalue()), Budget())) == {"data.pkl": PICKLE}


def test_files_from_a_disk_with_folders_and_links(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "data.pkl").write_bytes(HARMLESS)
    (tmp_path / "in" / "link").symlink_to("data.pkl")
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writeall(tmp_path / "in", "in")
    by_name = {e.name: e for e in listed(parse_7z(artifact(out.getvalue()), Budget())).entries}
    assert by_name["in"].kind == "directory"
    assert (by_name["in/link"].kind, by_name["in/link"].link) == ("symlink", "data.pkl")
    assert by_name["in/data.pkl"].kind == "file"


def test_several_folders_appended() -> None:
    out = io.BytesIO(pack())
    with py7zr.SevenZipFile(out, "a") as archive:
        archive.writestr(PICKLE, "later.pkl")
    assert opened(parse_7z(artifact(out.getvalue()), Budget())) == WITH_BYTES | {
        "later.pkl": PICKLE
    }


def test_encrypted_members_are_a_gap() -> None:
    parsed = parse_7z(artifact(pack(password="secret")), Budget())
    assert [gap.reason for gap in parsed.gaps] == ["encrypted"]
    assert [entry.encrypted for entry in listed(parsed).entries] == [True] * 4
    assert list(parsed.members) == []


def test_an_encrypted_list_says_so() -> None:
    with pytest.raises(UnsupportedError, match="encrypted"):
        parse_7z(artifact(pack(password="secret", header_encryption=True)), Budget())


def test_a_method_that_is_not_read_is_named() -> None:
    (first, *_) = parse_7z(artifact(pack([{"id": py7zr.FILTER_PPMD}])), Budget()).members
    with pytest.raises(UnsupportedError, match="PPMd"):
        first.open()


def test_a_break_keeps_what_came_before() -> None:
    out = io.BytesIO()
    noise = np.random.default_rng(1).bytes(3 * MIB)
    with py7zr.SevenZipFile(out, "w", filters=CHAINS["bzip2"]) as archive:
        archive.writestr(PICKLE, "data.pkl")
        archive.writestr(noise, "noise.bin")
    data = bytearray(out.getvalue())
    data[2 * MIB : 2 * MIB + 99] = bytes(99)
    first, second = parse_7z(artifact(bytes(data)), Budget()).members
    assert first.open().pread(0, 100) == PICKLE
    assert isinstance(second.open(), TornReader)


def test_bytes_behind_the_archive() -> None:
    parsed = parse_7z(artifact(pack() + PICKLE), Budget())
    assert [one.kind for one in listed(parsed).anomalies] == ["suffix-pickle"]
    assert PICKLE in opened(parsed).values()


def header(body: bytes) -> bytes:
    """Return an archive whose header is ``body``."""
    start = struct.pack("<QQL", 0, len(body), zlib.crc32(body))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<L", zlib.crc32(start)) + start + body


@pytest.mark.parametrize(
    "body",
    [
        b"\x01\x05\xff" + b"\xff" * 8 + b"\x00\x00",  # 2^64 files
        b"\x01\x04\x06\x00\xff" + b"\xff" * 8,  # 2^64 packed streams
        b"\x01\x04\x07\x0b\xff" + b"\xff" * 8 + b"\x00",  # 2^64 folders
        b"\x01\x04\x07\x0b\x01\x00\xff" + b"\xff" * 8,  # 2^64 coders
        b"\x17" * 50,
        b"\x01",
        b"\x01\x77",
        b"",
    ],
)
def test_headers_that_claim_too_much(body: bytes) -> None:
    try:
        parsed = parse_7z(artifact(header(body)), Budget())
    except (ParseError, LimitExceeded):
        return
    assert listed(parsed).entries == ()


def test_files_beyond_the_limit_are_refused() -> None:
    with pytest.raises(LimitExceeded):
        parse_7z(artifact(pack()), budget(max_members=3))


def test_no_cut_or_flipped_byte_gets_an_error_of_another_kind() -> None:
    data = pack()
    for at in range(0, len(data), 7):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        for broken in (data[:at], bytes(flipped)):
            try:
                for member in parse_7z(artifact(broken), budget(max_expanded=MIB)).members:
                    member.open().pread(0, 10)
            except SentinelError:
                continue


# rar


def vint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def block5(kind: int, body: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
    flags = (1 if extra else 0) | (2 if data else 0)
    head = vint(kind) + vint(flags)
    head += vint(len(extra)) if extra else b""
    head += vint(len(data)) if data else b""
    head += body + extra
    head = vint(len(head)) + head
    return struct.pack("<L", zlib.crc32(head)) + head + data


def file5(name: str, data: bytes, method: int = 0, extra: bytes = b"", flags: int = 0) -> bytes:
    raw = name.encode()
    body = vint(flags | 4) + vint(len(data)) + vint(0o100644)
    body += struct.pack("<L", zlib.crc32(data)) + vint(method << 7) + vint(1)
    body += vint(len(raw)) + raw
    return block5(2, body, data, extra)


def rar5(*blocks: bytes) -> bytes:
    return b"Rar!\x1a\x07\x01\x00" + block5(1, vint(0)) + b"".join(blocks) + block5(5, vint(0))


def block4(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


def file4(name: bytes, data: bytes, method: int = 0x30, flags: int = 0) -> bytes:
    fields = (
        len(data),
        len(data),
        3,
        zlib.crc32(data),
        0x5A21A000,
        29,
        method,
        len(name),
        0o100644,
    )
    return block4(0x74, 0x8000 | flags, struct.pack("<LLBLLBBHL", *fields) + name, data)


def rar4(*blocks: bytes) -> bytes:
    return (
        b"Rar!\x1a\x07\x00"
        + block4(0x73, 0, bytes(6))
        + b"".join(blocks)
        + block4(0x7B, 0x4000, b"")
    )


REDIRECT = vint(1 + 1 + 1 + 1 + 11) + vint(5) + vint(1) + vint(0) + vint(11) + b"/etc/passwd"


@pytest.mark.parametrize(
    "data",
    [
        rar5(file5("model/data.pkl", PICKLE), file5("ünï.bin", b"12345", method=3)),
        rar4(file4(b"model/data.pkl", PICKLE), file4(b"other.bin", b"12345", method=0x33)),
    ],
    ids=["rar5", "rar4"],
)
def test_rar_members_are_those_that_rarfile_lists(data: bytes) -> None:
    parsed = parse_rar(artifact(data), Budget())
    with rarfile.RarFile(io.BytesIO(data)) as theirs:
        infos = theirs.infolist()
    assert [e.name for e in listed(parsed).entries] == [info.filename for info in infos]
    assert [e.size for e in listed(parsed).entries] == [info.file_size for info in infos]
    stored, packed = parsed.members
    assert stored.open().pread(0, 100) == PICKLE
    with pytest.raises(UnsupportedError):
        packed.open()
    assert parsed.gaps == ()
    assert listed(parsed).anomalies == ()


def test_a_name_in_unicode_in_a_rar_4() -> None:
    # "données.bin" as the plain name with a question mark, then the packed difference.
    plain = b"donn?es.bin"
    packed = b"\x00" + b"\x00" + b"donn" + b"\x00" + b"\xe9es." + b"\x00" + b"bin"
    data = rar4(file4(plain + b"\0" + packed, PICKLE, flags=0x200))
    with rarfile.RarFile(io.BytesIO(data)) as theirs:
        (expected,) = theirs.namelist()
    assert expected == "données.bin"
    (entry,) = listed(parse_rar(artifact(data), Budget())).entries
    assert entry.name == expected


def test_links_and_locks_of_a_rar_5() -> None:
    lock = vint(2) + vint(1) + b"\0"
    data = rar5(file5("link", b"", extra=REDIRECT), file5("secret", b"xx", extra=lock))
    parsed = parse_rar(artifact(data), Budget())
    link, secret = listed(parsed).entries
    assert (link.kind, link.link) == ("symlink", "/etc/passwd")
    assert secret.encrypted
    assert [gap.reason for gap in parsed.gaps] == ["encrypted"]


def test_an_encrypted_list_of_a_rar() -> None:
    data = b"Rar!\x1a\x07\x01\x00" + block5(4, bytes(20)) + b"\x99" * 100
    parsed = parse_rar(artifact(data), Budget())
    assert [gap.reason for gap in parsed.gaps] == ["encrypted"]


def test_a_broken_rar_keeps_what_came_before_and_says_so() -> None:
    whole = rar5(file5("a.pkl", PICKLE), file5("b.pkl", PICKLE))
    for cut in range(9, len(whole)):
        parsed = parse_rar(artifact(whole[:cut]), Budget())
        found = [e.name for e in listed(parsed).entries]
        assert found == ["a.pkl", "b.pkl"][: len(found)]
    data = rar5(file5("a.pkl", PICKLE))[:-6] + b"\xff" * 40
    parsed = parse_rar(artifact(data), Budget())
    assert opened(parsed)["a.pkl"] == PICKLE
    assert "malformed" in {gap.reason for gap in parsed.gaps}


def test_rar_members_beyond_the_limit_are_a_gap() -> None:
    data = rar5(*(file5(f"{n}", PICKLE) for n in range(9)))
    parsed = parse_rar(artifact(data), budget(max_members=4))
    assert len(listed(parsed).entries) == 4
    assert [gap.reason for gap in parsed.gaps] == ["limit"]


def test_no_signature_is_an_error() -> None:
    for parse in (parse_7z, parse_rar):
        with pytest.raises(ParseError):
            parse(artifact(b"something else"), Budget())
