"""7z and rar archives: what they list, and as many of their members as can be read.

Both are read here from their bytes alone: the libraries for them make room for whatever a header
claims, and the ones for rar start programs. Members in a method that the standard library cannot
decompress are gaps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError, UnsupportedError
from ...findings import Gap
from ...limits import KIB, MIB, Budget
from ...readers import SubRangeReader
from ...readers.base import Reader
from ...readers.stream import Expanded, TornReader
from .. import Member, Parsed
from .anomalies import AnomalyLog
from .hidden import name_bytes
from .packed_model import ListedArchive, ListedEntry
from .rar_records import RarFile, read_blocks
from .seven_header import Contents, FileRecord, Folder, read_contents
from .seven_stream import expand_folder, is_encrypted
from .zip_layout import without_zeros

_SIGNATURE = b"7z\xbc\xaf\x27\x1c"
_START = 32
_HEADER_MAX = 64 * MIB
_NESTED = 4
_PADDING = 64 * MIB
_LINK_MAX = 4 * KIB
_STORED_LINKS = 100


def parse_7z(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a 7z archive; the key of a member is its position in the list.

    Raises:
        ParseError: The header is malformed.
        UnsupportedError: The header itself is encrypted or in a method that is not read.
        ReadError: The file cannot be read.
        LimitExceeded: It lists more than is looked at.
    """
    contents, end = _read_7z(artifact, budget)
    solid = _Folders(artifact.reader, contents.folders, budget)
    entries: list[ListedEntry] = []
    members: list[Member] = []
    for number, (record, place) in enumerate(_placed(contents)):
        entry = _entry(record, number, contents, place)
        entries.append(entry)
        if place is not None and entry.size and not entry.encrypted:
            members.append(Member(number, record.name, partial(solid.open, *place)))
    entries = _with_links(entries, contents, solid)
    log = AnomalyLog()
    members += _tail(artifact.reader, end, len(entries), log)
    gaps = _locked(artifact, entries)
    return Parsed(ListedArchive(tuple(entries), log.close()), members, gaps)


def parse_rar(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a rar archive of version 4 or 5; members that are stored are read, others are a gap.

    Raises:
        ParseError: There is no header that holds.
        ReadError: The file cannot be read.
        LimitExceeded: It lists more than is looked at.
    """
    listing = read_blocks(artifact, budget)
    entries = tuple(_rar_entry(n, found) for n, found in enumerate(listing.files))
    members = [
        Member(n, found.name, partial(_rar_open, artifact.reader, found))
        for n, found in enumerate(listing.files)
        if found.kind == "file" and not found.encrypted and found.size
    ]
    log = AnomalyLog()
    members += _tail(artifact.reader, listing.end, len(entries), log)
    gaps = _locked(artifact, entries)
    if listing.locked:
        detail = "the list of members is encrypted"
        gaps += (Gap("encrypted", artifact.location(), detail, "decrypt the archive first"),)
    if listing.broken:
        gaps += (Gap(listing.reason, artifact.location(listing.end), listing.broken),)
    return Parsed(ListedArchive(entries, log.close()), members, gaps)


# 7z


def _read_7z(artifact: Artifact, budget: Budget) -> tuple[Contents, int]:
    """Return the header's contents and the offset behind everything."""
    reader = artifact.reader
    start = reader.pread(0, _START)
    if len(start) < _START or not start.startswith(_SIGNATURE):
        raise ParseError("no 7z signature")
    offset = _START + int.from_bytes(start[12:20], "little")
    length = int.from_bytes(start[20:28], "little")
    if not length:
        return Contents(), _START
    if length > _HEADER_MAX:
        raise LimitExceeded(f"a header of {length} bytes is not read")
    data = reader.pread(offset, length)
    if len(data) < length:
        raise ParseError("the archive ends before its header does")
    contents = read_contents(data, budget)
    for _ in range(_NESTED):
        if not contents.encoded:
            return contents, offset + length
        contents = read_contents(_decode_header(reader, contents, budget), budget)
    raise ParseError("headers within headers")


def _decode_header(reader: Reader, contents: Contents, budget: Budget) -> bytes:
    if len(contents.folders) != 1:
        raise ParseError("the header's own folder is missing")
    folder = contents.folders[0]
    if folder.size > _HEADER_MAX:
        raise LimitExceeded(f"a header of {folder.size} bytes is not read")
    if is_encrypted(folder):
        raise UnsupportedError("the list of members is encrypted", "decrypt the archive first")
    expanded = expand_folder(reader, folder, budget)
    if expanded.error is not None:
        raise expanded.error
    return expanded.reader.pread(0, expanded.size)


Place = tuple[int, int, int]
"""Folder, offset in what comes out of it, size."""


def _placed(contents: Contents) -> Iterator[tuple[FileRecord, Place | None]]:
    """Yield each file with where its bytes are, None for one without."""
    places = _places(contents)
    for record in contents.files:
        yield record, next(places, None) if record.has_stream else None


def _places(contents: Contents) -> Iterator[Place]:
    for number, folder in enumerate(contents.folders):
        offset = 0
        for size in folder.parts:
            yield number, offset, size
            offset += size


def _entry(record: FileRecord, number: int, contents: Contents, place: Place | None) -> ListedEntry:
    mode = record.attributes >> 16 if record.attributes & 0x8000 else 0
    kind = "directory" if record.is_directory or record.attributes & 0x10 else "file"
    if mode & 0o170000 == 0o120000 or record.attributes & 0x400:
        kind = "symlink"
    if place is None:
        return ListedEntry(record.name, number, 0, 0, kind, "", False)
    folder = contents.folders[place[0]]
    # The bytes of a solid folder belong to all of its members together.
    compressed = sum(size for _, size in folder.packed) if len(folder.parts) == 1 else 0
    return ListedEntry(record.name, number, compressed, place[2], kind, "", is_encrypted(folder))


class _Folders:
    """Decompresses folders as their members are asked for; the last one is kept."""

    __slots__ = ("_budget", "_folders", "_known", "_last", "_reader")

    def __init__(self, reader: Reader, folders: tuple[Folder, ...], budget: Budget) -> None:
        self._reader = reader
        self._folders = folders
        self._budget = budget
        self._known = -1
        self._last: Expanded | None = None

    def open(self, number: int, offset: int, size: int) -> Reader:
        """Return the bytes of one member. Raises what stands in the way."""
        if self._known != number or self._last is None:
            self._last = None
            self._last = expand_folder(self._reader, self._folders[number], self._budget)
            self._known = number
        window = SubRangeReader(self._last.reader, offset, size)
        if window.size == size:
            return window
        error = self._last.error or ParseError("the folder holds less than its members claim")
        if not window.size:
            raise error
        return TornReader(window, error)


def _with_links(
    entries: list[ListedEntry], contents: Contents, solid: _Folders
) -> list[ListedEntry]:
    """Fill in the targets of links, which are their content."""
    places = [place for _, place in _placed(contents)]
    left = _STORED_LINKS
    for at, entry in enumerate(entries):
        place = places[at]
        if entry.kind != "symlink" or place is None or entry.encrypted or not left:
            continue
        left -= 1
        try:
            target = solid.open(*place).pread(0, _LINK_MAX)
        except (ParseError, LimitExceeded):
            continue
        entries[at] = entry._replace(link=target.decode("utf-8", "surrogateescape"))
    return entries


# rar


def _rar_entry(number: int, found: RarFile) -> ListedEntry:
    return ListedEntry(
        found.name, number, found.packed, found.size, found.kind, found.link, found.encrypted
    )


def _rar_open(reader: Reader, found: RarFile) -> Reader:
    if not found.stored:
        raise UnsupportedError(
            "rar's compression is not read here", "unpack the archive and scan what is in it"
        )
    window = SubRangeReader(reader, found.offset, found.packed)
    if window.size == found.packed:
        return window
    error = ParseError("the archive ends in the middle of this member")
    if not window.size:
        raise error
    return TornReader(window, error)


# Both


def _tail(reader: Reader, end: int, key: int, log: AnomalyLog) -> list[Member]:
    found = without_zeros(reader, end, reader.size, _PADDING) if end < reader.size else None
    if found is None:
        return []
    start, length = found[0], found[1] - found[0]
    kind = name_bytes(reader.pread(start, min(length, 4 * KIB)))
    log.add(f"suffix-{kind}", f"{length} bytes behind the end of the archive", start)
    window = partial(SubRangeReader, reader, start, length)
    return [Member(key, f"bytes@{start}", window, guess=True)]


def _locked(
    artifact: Artifact, entries: list[ListedEntry] | tuple[ListedEntry, ...]
) -> tuple[Gap, ...]:
    locked = Counter(entry.encrypted for entry in entries)[True]
    if not locked:
        return ()
    detail = f"{locked} of {len(entries)} members are encrypted"
    hint = "decrypt the archive and scan what is in it"
    return (Gap("encrypted", artifact.location(), detail, hint),)
