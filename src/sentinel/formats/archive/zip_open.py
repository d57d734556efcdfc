"""Gives the bytes of one zip member, whatever its checksum or claimed size says."""

from __future__ import annotations

import zlib

from ...artifacts import Artifact
from ...errors import ParseError, UnsupportedError
from ...limits import KIB, Budget
from ...readers import SubRangeReader
from ...readers.base import Reader
from .zip_model import ZipEntry
from .zip_records import ENCRYPTED, PATCHED, STRONG

STORED = 0
DEFLATED = 8
_TRIAL = 16 * KIB
_LOCKED = ENCRYPTED | STRONG | PATCHED


def is_locked(entry: ZipEntry) -> bool:
    """Return True when an entry says that it is encrypted or a patch."""
    return bool(entry.flags & _LOCKED)


def open_entry(artifact: Artifact, entry: ZipEntry, budget: Budget) -> Reader:
    """Return the bytes of one entry.

    Stored bytes are a window on the archive. Others are decompressed: up to 64 MiB are held in
    memory, more is read forwards. The true end counts, not the claimed size. When the data breaks,
    the bytes before the break are returned as a ``TornReader``.

    Args:
        artifact: The archive.
        entry: One of its entries.
        budget: Pays for what comes out.

    Raises:
        UnsupportedError: The entry is encrypted, or its method is not read here.
        ParseError: The entry lies outside of the archive, or its data is broken from the start.
        LimitExceeded: The budget was spent before anything came out.
    """
    if is_locked(entry):
        raise UnsupportedError("encrypted", "decrypt the archive and scan what is in it")
    return open_unlocked(artifact.reader, entry, budget)


def open_unlocked(reader: Reader, entry: ZipEntry, budget: Budget) -> Reader:
    """Return the bytes of an entry as if its encryption bits were not set."""
    start = entry.data_offset
    if start > reader.size or start < 0:
        raise ParseError(f"its data would start at {start}, outside of the archive")
    if entry.method == STORED:
        return _stored(reader, entry)
    from .zip_packed import unpack  # torch stores what it writes

    return unpack(reader, entry, budget)


def opens_anyway(reader: Reader, entry: ZipEntry) -> bool:
    """Return True when an entry that says it is encrypted can be read all the same.

    A reader that ignores the bit would be shown what lies there.
    """
    if entry.method == STORED:
        return True
    if entry.method != DEFLATED:
        return False
    data = reader.pread(entry.data_offset, min(entry.compressed, _TRIAL))
    try:
        return bool(zlib.decompressobj(-15).decompress(data, _TRIAL))
    except zlib.error:
        return False


def _stored(reader: Reader, entry: ZipEntry) -> Reader:
    # Some readers take as many bytes as the member claims to hold, others as it takes up.
    length = max(entry.compressed, entry.size)
    window = SubRangeReader(reader, entry.data_offset, length)
    if entry.data_offset + entry.compressed <= reader.size:
        return window
    error = ParseError("the archive ends in the middle of this member")
    if not window.size:
        raise error
    from ...readers.stream import TornReader

    return TornReader(window, error)
