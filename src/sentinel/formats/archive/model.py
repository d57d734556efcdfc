"""What the archive readers hand to the rules: inert facts, the same shape for every container."""

from __future__ import annotations

from typing import NamedTuple

from ...findings import Gap


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


class Anomaly(NamedTuple):
    """Something about a container that an ordinary writer does not do.

    Attributes:
        kind: A stable word; the readers' modules list theirs.
        detail: What was seen, in words.
        offset: Where in the container.
        entry: Name of the member concerned, or empty.
    """

    kind: str
    detail: str
    offset: int
    entry: str = ""


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
    """

    entries: tuple[ZipEntry, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    gaps: tuple[Gap, ...] = ()
    first_offset: int = 0
    end_offset: int = 0
    hidden: tuple[tuple[int, int], ...] = ()


class TarEntry(NamedTuple):
    """One member of a tar archive.

    Attributes:
        name: Name after long-name and pax records are applied.
        header_offset: Where its header block is.
        data_offset: Where its bytes start.
        size: Bytes it holds in the archive.
        kind: ``file``, ``directory``, ``symlink``, ``hardlink``, ``character``, ``block``,
            ``fifo``, ``sparse`` or ``other``.
        mode: Unix mode.
        link: Target of a link, else empty.
        origin: ``archive``; ``after-end`` for what follows the end-of-archive blocks or a block
            that is no header; ``alternate`` for what another reading of a size leads to.
    """

    name: str
    header_offset: int
    data_offset: int
    size: int
    kind: str
    mode: int
    link: str
    origin: str


class TarArchive(NamedTuple):
    """What a tar archive says.

    Attributes:
        entries: Members in file order.
        anomalies: What an ordinary writer would not have done.
        gaps: What could not be read.
        end_offset: Where the end-of-archive blocks start, or the file's end without any.
        hidden: ``(offset, length)`` of data that belongs to no member.
    """

    entries: tuple[TarEntry, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    gaps: tuple[Gap, ...] = ()
    end_offset: int = 0
    hidden: tuple[tuple[int, int], ...] = ()


class ListedEntry(NamedTuple):
    """One member of a 7z or rar archive.

    Attributes:
        name: Its name.
        header_offset: Its position in the list, for want of an offset.
        compressed: Bytes in the archive, 0 where it is not known.
        size: Bytes after decompression, as claimed.
        kind: ``file``, ``directory``, ``symlink`` or ``other``.
        link: Target of a link where it is known, else empty.
        encrypted: True when a password is needed.
    """

    name: str
    header_offset: int
    compressed: int
    size: int
    kind: str
    link: str
    encrypted: bool


class ListedArchive(NamedTuple):
    """What a 7z or rar archive says."""

    entries: tuple[ListedEntry, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()


class CompressedStream(NamedTuple):
    """What a stream compressed as a whole says.

    Attributes:
        format: ``gzip``, ``bzip2``, …
        consumed: Bytes of the file that the stream takes up.
        size: Bytes that came out.
        trailing: Bytes after the stream.
        anomalies: What an ordinary writer would not have done.
    """

    format: str
    consumed: int = 0
    size: int = 0
    trailing: int = 0
    anomalies: tuple[Anomaly, ...] = ()
