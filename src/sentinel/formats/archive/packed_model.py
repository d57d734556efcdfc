"""What the readers of 7z, rar and compressed streams hand to the rules: inert facts."""

from __future__ import annotations

from typing import NamedTuple

from .anomalies import Anomaly


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
