"""A tolerant tar reader: every header that some reader would follow, in one walk.

Python's tarfile stops at the first zero block or at a block that is no header, GNU tar goes on;
some readers believe a pax size, some the header's. Kinds of anomalies:

``checksum`` (a block in a header's place is none) · ``after-end`` (a member behind the end) ·
``pax-size`` ``link-size`` ``bad-size`` (sizes that lead to different members) · ``past-end`` ·
``no-end`` · ``hidden-K`` ``suffix-K`` (bytes that belong to nothing, ``K`` as named by
``hidden.name_bytes``) · ``duplicate`` ``duplicate-same`` ``case-collision`` ``case-same``
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...artifacts import Artifact
from ...errors import ParseError
from ...limits import Budget
from ...readers import SubRangeReader
from ...readers.base import Reader
from ...readers.stream import TornReader
from .. import Member, Parsed
from .anomalies import Anomaly
from .tar_model import TarArchive, TarEntry
from .tar_records import WITH_BYTES, is_old_header
from .tar_walk import Walk

__all__ = [
    "Anomaly",
    "TarArchive",
    "TarEntry",
    "looks_like_tar",
    "open_entry",
    "parse",
    "parsed",
    "read_archive",
]


def looks_like_tar(artifact: Artifact, head: bytes) -> bool:
    """Return True for a tar archive; without the magic, only when the checksum is right.

    Args:
        artifact: The file; not read.
        head: Its first 4096 bytes.
    """
    return head[257:262] == b"ustar" or is_old_header(head)


def read_archive(artifact: Artifact, budget: Budget) -> TarArchive:
    """Walk the headers of a tar archive.

    Args:
        artifact: The archive.
        budget: Bounds the number of members and the time; nothing is spent from it.

    Raises:
        ParseError: There is no header.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    return Walk(artifact, budget).run()


def open_entry(artifact: Artifact, entry: TarEntry) -> Reader:
    """Return the bytes of one member, a window on the archive.

    Raises:
        ParseError: None of them are there.
    """
    window = SubRangeReader(artifact.reader, entry.data_offset, entry.size)
    if window.size == entry.size:
        return window
    error = ParseError("the archive ends in the middle of this member")
    if not window.size:
        raise error
    return TornReader(window, error)


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a tar archive; the key of a member is the offset of its header.

    Raises:
        ParseError: This is no tar archive.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    return parsed(artifact, read_archive(artifact, budget))


def parsed(artifact: Artifact, archive: TarArchive) -> Parsed:
    """Return what ``parse`` makes of an archive that has been read."""
    return Parsed(archive, _members(artifact, archive), archive.gaps)


def _members(artifact: Artifact, archive: TarArchive) -> Iterator[Member]:
    for entry in archive.entries:
        if entry.kind in WITH_BYTES:
            yield Member(entry.header_offset, entry.name, partial(open_entry, artifact, entry))
    for start, length in archive.hidden:
        window = partial(SubRangeReader, artifact.reader, start, length)
        yield Member(start, f"bytes@{start}", window, guess=True)
