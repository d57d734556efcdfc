"""Fuzzes the other packed formats: ``python -m tests.fuzz.fuzz_packed --format 7z``."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zlib
from functools import cache

from tests.formats.archive.kit import PICKLE
from tests.fuzz.archive_fuzz import loop_each

FORMATS = ("gzip", "bzip2", "xz", "lzma", "zlib", "zstd", "lz4", "zfile", "7z", "rar")
MARKS = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01\x00", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0")
_PAYLOAD = PICKLE + bytes(range(256)) * 8


@cache
def seeds(name: str) -> list[bytes]:
    """Return real files of a format."""
    made = _make(name)
    return [*made, made[0] + made[-1]]


def _make(name: str) -> list[bytes]:
    if name == "gzip":
        return [gzip.compress(_PAYLOAD), gzip.compress(b"", 1)]
    if name == "bzip2":
        return [bz2.compress(_PAYLOAD), bz2.compress(b"")]
    if name == "xz":
        return [lzma.compress(_PAYLOAD), lzma.compress(_PAYLOAD, preset=0)]
    if name == "lzma":
        return [lzma.compress(_PAYLOAD, lzma.FORMAT_ALONE)]
    if name == "zlib":
        return [zlib.compress(_PAYLOAD, level) for level in (0, 1, 9)]
    if name == "zfile":
        return [b"ZF" + hex(len(_PAYLOAD)).encode().ljust(19) + zlib.compress(_PAYLOAD)]
    if name == "zstd":
        import zstandard

        return [zstandard.compress(_PAYLOAD), zstandard.compress(bytes(100_000))]
    if name == "lz4":
        import lz4.frame

        return [lz4.frame.compress(_PAYLOAD), lz4.frame.compress(bytes(100_000))]
    return _seven() if name == "7z" else _rar()


def _seven() -> list[bytes]:
    import py7zr

    made = []
    for chain in (py7zr.FILTER_LZMA2, py7zr.FILTER_DEFLATE, py7zr.FILTER_COPY):
        for encoded in (True, False):
            out = io.BytesIO()
            options = {"preset": 1} if chain == py7zr.FILTER_LZMA2 else {}
            with py7zr.SevenZipFile(out, "w", filters=[{"id": chain, **options}]) as archive:
                archive.set_encoded_header_mode(encoded)
                archive.writestr(_PAYLOAD, "model/data.pkl")
                archive.writestr(b"text", "model/ünï.txt")
                archive.writestr(b"", "model/empty")
            made.append(out.getvalue())
    return made


def _rar() -> list[bytes]:
    from tests.formats.archive.test_sevenzip import REDIRECT, file4, file5, rar4, rar5

    return [
        rar5(file5("a.pkl", PICKLE), file5("l", b"", extra=REDIRECT), file5("b", b"12", method=3)),
        rar4(file4(b"a.pkl", PICKLE), file4(b"d?t\0\0\0da\0\xe9t", b"12", 0x33, 0x200)),
    ]


if __name__ == "__main__":
    sys.exit(loop_each(FORMATS, seeds, lambda name: MARKS))
