"""What other readers get out of an archive: the reference for what ours must have seen.

A loader may take any of these bytes; each must be among the members that are scanned.
"""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator

_PEER_ERRORS = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    IndexError,
    KeyError,
    MemoryError,
    RecursionError,
    LookupError,
    AttributeError,
    TypeError,
)
_MOST = 1 << 20


def through_zipfile(data: bytes) -> Iterator[bytes]:
    """Yield what Python's zipfile reads of each entry, up to a bad checksum or a break."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _PEER_ERRORS:
        return
    for info in archive.infolist()[:40]:
        if info.filename.endswith("/"):
            continue
        got = bytearray()
        try:
            with archive.open(info) as member:
                while len(got) < _MOST and (piece := member.read(512)):
                    got += piece
        except _PEER_ERRORS:
            pass
        yield bytes(got)


def through_torch(data: bytes) -> Iterator[bytes]:
    """Yield the records that PyTorch reads; it takes a file for a zip only by its first bytes.

    When a record cannot be inflated or is flagged as a folder, PyTorch hands out memory it never
    wrote to; what is neither in the file nor inflates from it is left out.
    """
    import torch

    if not data.startswith(b"PK\x03\x04"):
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            reader = torch._C.PyTorchFileReader(file.name)
            names = reader.get_all_records()
        except _PEER_ERRORS:
            return
        for name in names[:40]:
            try:
                record = reader.get_record(name)
            except _PEER_ERRORS:
                continue
            if record in data or record in _inflated(data):
                yield record


def _inflated(data: bytes) -> list[bytes]:
    """Return what inflates behind each local header."""
    found = []
    at = data.find(b"PK\x03\x04")
    while at >= 0:
        lengths = struct.unpack_from("<2H", data[at + 26 : at + 30].ljust(4, b"\0"))
        decoder = zlib.decompressobj(-15)
        try:
            found.append(decoder.decompress(data[at + 30 + sum(lengths) :], _MOST))
        except zlib.error:
            pass
        at = data.find(b"PK\x03\x04", at + 1)
    return found


def through_tarfile(data: bytes) -> Iterator[bytes]:
    """Yield what Python's tarfile reads of each file."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for info in archive:
                if info.isreg() and not info.issparse():
                    member = archive.extractfile(info)
                    yield b"" if member is None else member.read(_MOST)
    except _PEER_ERRORS:
        return
