"""What the zip reader hands to the rules: inert facts."""

# Not `from __future__ import annotations`: NamedTuple would compile each of them, at a cost.

from typing import NamedTuple

from ...findings import Gap
from .anomalies import Anomaly


class ZipEntry(NamedTuple):
    """One way to read one member of a zip archive.

    An archive that readers disagree about has several entries for what looks like one member.

    Attributes:
        name: Decoded name, as the directory gives it (UTF-8 or code page 437).
        raw_name: The name's bytes.
        header_offset: Where the local header is, or should be.
        data_offset: Where the member's bytes start.
        compressed: Bytes in the archive.
        size: Bytes after decompression, as claimed.
        method: Compression method (0 stored, 8 deflate).
        flags: General purpose bits.
        crc: CRC-32 as claimed.
        mode: Unix mode from the external attributes, 0 if there is none.
        origin: ``central`` (offsets counted from the file's start, as torch does), ``shifted``
            (counted from where the archive must have begun, as Python's zipfile does), or
            ``local`` (as the local header tells it, where the directory is silent or differs).
        local_name: Name in the local header where it differs, else None.
    """

    name: str
    raw_name: bytes
    header_offset: int
    data_offset: int
    compressed: int
    size: int
    method: int
    flags: int
    crc: int
    mode: int
    origin: str
    local_name: str | None


class ZipArchive(NamedTuple):
    """Everything a zip archive says, in every way that a common reader would take it.

    Attributes:
        entries: All candidates: duplicates, both offset interpretations, members that only a
            local header knows. In directory order, the directory that readers use first.
        anomalies: What an ordinary writer would not have done.
        gaps: What could not be read.
        first_offset: Offset of the first local header of the main directory.
        end_offset: End of the main directory's end record and its comment.
        hidden: ``(offset, length)`` of data that belongs to no member and no record.
        comment: The comment of the archive, where it is text.
    """

    entries: tuple[ZipEntry, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    gaps: tuple[Gap, ...] = ()
    first_offset: int = 0
    end_offset: int = 0
    hidden: tuple[tuple[int, int], ...] = ()
    comment: bytes = b""
