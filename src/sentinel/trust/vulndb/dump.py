"""The documents of a dump: a zip file as OSV publishes it, or a folder.

Nothing of it is trusted: entries are counted, and what is too large, broken, locked or of another
kind is left out and counted too. A zip file within is one more entry of another kind.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from stat import S_ISREG
from typing import NamedTuple

from ...artifacts import Artifact
from ...errors import LimitExceeded, SentinelError, UsageError
from ...formats.archive.zip import open_entry, read_archive
from ...formats.archive.zip_model import ZipEntry
from ...limits import GIB, MIB, Budget, Limits
from ...readers import Reader, open_file

MOST_ENTRIES = 500_000
LARGEST = 4 * MIB
"""Most bytes of one document."""
MOST_BYTES = 2 * GIB
"""Most bytes of all documents."""
_ENTRY = Limits(max_expanded=LARGEST, max_ratio=2_000, ratio_floor=MIB)


class Document(NamedTuple):
    """One entry of a dump.

    Attributes:
        name: Its name within.
        data: Its bytes; None where it was left out.
        skipped: Why it was, or empty.
    """

    name: str
    data: bytes | None
    skipped: str = ""


def documents(path: str) -> tuple[Iterator[Document], str]:
    """Return the documents of a dump, and the SHA-256 of it where it is one file.

    Args:
        path: A zip file or a folder.

    Raises:
        UsageError: There is nothing at that path, or it is no dump.
        ReadError: It cannot be read.
        LimitExceeded: It holds more than any dump has reason to.
    """
    if os.path.isdir(path):
        return _bounded(_in_folder(path)), ""
    if not os.path.lexists(path):
        raise UsageError(f"{path}: there is nothing at that path")
    with open_file(path) as reader:
        if reader.pread(0, 2) != b"PK":
            raise UsageError(f"{path}: neither a zip file nor a folder", "give OSV's all.zip")
        digest = hashlib.sha256()
        for offset in range(0, reader.size, MIB):
            digest.update(reader.pread(offset, MIB))
    return _bounded(_in_zip(path)), digest.hexdigest()


def _bounded(found: Iterator[Document]) -> Iterator[Document]:
    total = 0
    for number, one in enumerate(found, 1):
        total += len(one.data or b"")
        if number > MOST_ENTRIES or total > MOST_BYTES:
            raise LimitExceeded("the dump holds more than any dump of advisories has reason to")
        yield one


def _in_folder(top: str) -> Iterator[Document]:
    for folder, below, names in os.walk(top):
        below.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            yield _taken(os.path.relpath(path, top), path)


def _taken(name: str, path: str) -> Document:
    if not name.endswith(".json"):
        return Document(name, None, "not JSON")
    try:
        found = os.lstat(path)
        if not S_ISREG(found.st_mode):
            return Document(name, None, "not a file")
        if found.st_size > LARGEST:
            return Document(name, None, "too large")
        with open_file(path) as reader:
            return Document(name, reader.pread(0, min(reader.size, LARGEST)))
    except (OSError, SentinelError):
        return Document(name, None, "cannot be read")


def _in_zip(path: str) -> Iterator[Document]:
    with open_file(path) as reader:
        artifact = Artifact(path, reader)
        archive = read_archive(artifact, Budget(Limits(max_members=MOST_ENTRIES)))
        for entry in archive.entries:
            yield _unpacked(artifact, entry)
        for gap in archive.gaps:
            yield Document(gap.detail, None, "cannot be read")


def _unpacked(artifact: Artifact, entry: ZipEntry) -> Document:
    if not entry.name.endswith(".json"):
        return Document(entry.name, None, "not JSON")
    if entry.size > LARGEST:
        return Document(entry.name, None, "too large")
    try:
        member = open_entry(artifact, entry, Budget(_ENTRY))
        data = _whole(member, entry.size)
    except LimitExceeded:
        return Document(entry.name, None, "too large")
    except SentinelError:
        return Document(entry.name, None, "cannot be read")
    if len(data) != entry.size or zlib.crc32(data) != entry.crc:
        return Document(entry.name, None, "cannot be read")
    return Document(entry.name, data)


def _whole(member: Reader, size: int) -> bytes:
    if member.size > LARGEST:
        raise LimitExceeded("a document that is larger than it says")
    return member.pread(0, min(member.size, size + 1))
