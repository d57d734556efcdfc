"""A tolerant zip reader that sees an archive in every way that a common reader might.

PyTorch, Python's zipfile and streaming readers disagree about offsets, duplicates, names, flags
and checksums; a file can show each of them something else. Here all readings are kept, and every
disagreement is an anomaly for the rules to judge. Kinds of anomalies:

``local-missing`` ``local-name`` ``local-flags`` ``local-method`` ``local-size`` ``local-crc``
(the local header differs from the directory) · ``duplicate`` ``duplicate-same``
``case-collision`` ``case-same`` ``unicode-path`` (names) · ``ambiguous`` ``second-directory``
``count`` (directories) · ``overlap`` ``stored-size`` · ``local-only`` (a member in no directory) ·
``hidden-K`` ``prefix-K`` ``suffix-K`` ``comment-K`` (bytes that belong to nothing, ``K`` as named
by ``hidden.name_bytes``) · ``symlink``
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...artifacts import Artifact
from ...findings import Gap
from ...limits import Budget
from ...readers import SubRangeReader
from .. import Member, Parsed
from .anomalies import Anomaly
from .zip_directory import Window, has_directory
from .zip_model import ZipArchive, ZipEntry
from .zip_open import is_locked, open_entry, open_unlocked, opens_anyway
from .zip_records import END, LOCAL
from .zip_survey import Survey

__all__ = [
    "Anomaly",
    "ZipArchive",
    "ZipEntry",
    "looks_like_zip",
    "open_entry",
    "parse",
    "parsed",
    "read_archive",
]

_GAPS = 50
_CONTAINERS = ((257, b"ustar"), (0, b"\x1f\x8b"), (0, b"BZh"), (0, b"\xfd7zXZ\0"))


def looks_like_zip(artifact: Artifact, head: bytes) -> bool:
    """Return True for a zip archive, also one behind something else.

    A container whose own parser accounts for every byte (a tar, a gzip) is not asked for an archive
    at its end: its last member, or what follows it, is looked at in its own right.

    Args:
        artifact: The file.
        head: Its first 4096 bytes.
    """
    if head.startswith((LOCAL, END)):
        return True
    if any(head.startswith(magic, at) for at, magic in _CONTAINERS):
        return False
    return has_directory(Window(artifact.reader, artifact.reader.size))


def read_archive(artifact: Artifact, budget: Budget) -> ZipArchive:
    """Read the directory, or directories, of a zip archive and the local headers they point to.

    Args:
        artifact: The archive.
        budget: Bounds the number of members and the time; nothing is spent from it.

    Returns:
        All that was found; what was not read is in ``gaps``.

    Raises:
        ParseError: There is neither a directory nor a local header.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    return Survey(artifact, budget).run()


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a zip archive; its members are its entries and the bytes between them.

    The key of a member is the offset of its local header. A further reading of the same header
    (another name, size or method) has a key of its own, below zero, so that a claim on one reading
    leaves the others to be examined.

    Raises:
        ParseError: This is no zip archive.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    return parsed(artifact, read_archive(artifact, budget), budget)


def parsed(artifact: Artifact, archive: ZipArchive, budget: Budget) -> Parsed:
    """Return what ``parse`` makes of an archive that has been read."""
    gaps = archive.gaps + tuple(_locked_gaps(artifact, archive))
    return Parsed(archive, _members(artifact, archive, budget), gaps)


def _members(artifact: Artifact, archive: ZipArchive, budget: Budget) -> Iterator[Member]:
    seen: set[int] = set()
    for number, entry in enumerate(archive.entries, 1):
        if entry.name.endswith("/") and not entry.compressed:
            continue
        if is_locked(entry) and not opens_anyway(artifact.reader, entry):
            continue
        key = entry.header_offset
        if key in seen or key < 0:
            key = -number
        seen.add(key)
        yield Member(key, entry.name, partial(open_unlocked, artifact.reader, entry, budget))
    for start, length in archive.hidden:
        window = partial(SubRangeReader, artifact.reader, start, length)
        yield Member(start, f"bytes@{start}", window, guess=True)


def _locked_gaps(artifact: Artifact, archive: ZipArchive) -> Iterator[Gap]:
    locked = [entry for entry in archive.entries if is_locked(entry)]
    hint = "decrypt the archive and scan what is in it"
    for entry in locked[:_GAPS]:
        place = artifact.location(entry.header_offset)
        yield Gap("encrypted", place, f"{entry.name!r} is encrypted", hint)
    if len(locked) > _GAPS:
        more = f"{len(locked) - _GAPS} more members are encrypted"
        yield Gap("encrypted", artifact.location(), more, hint)
